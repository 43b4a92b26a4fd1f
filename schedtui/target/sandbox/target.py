"""The sandbox as a target, and throw-away guests beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from schedtui.model.machine import Hello
from schedtui.node.splats import is_half_changed
from schedtui.target.link import LinkError, NodeLink
from schedtui.target.port import Progress, TargetError
from schedtui.target.sandbox.host import Host
from schedtui.target.sandbox.lab import Lab, LabOptions, prepare
from schedtui.target.sandbox.machine import Machine
from schedtui.target.sandbox.qmp import QmpError
from schedtui.target.sandbox.saved import restore
from schedtui.target.sandbox.vcpus import Vcpus

_HELLO_SECONDS: Final = 15.0
_TELLING: Final = ("BUG:", "Kernel panic", "Oops", "WARNING:", "Error:", "Out of memory")
"""What a kernel log or a node's last words contain when a guest has died."""
_EMULATORS_FAULT: Final = (
    "the emulator ran an instruction of the kernel as it was while the kernel changed it, "
    "which happens once in several hundred attaches and says nothing of a policy"
)


def why_lost(error: LinkError, failure: str, console: Sequence[str]) -> str:
    """Return the best reason there is for an error of the link to a guest.

    Every attach changes instructions of the running kernel. QEMU's emulation may go on running one
    from the middle of such a change when another of the guest's CPUs meets it at the wrong moment.

    Args:
        error: What the link says.
        failure: Why the guest was ended from outside, empty when it was not.
        console: The newest lines of its kernel log.
    """
    if error.refused:
        return error.sentence
    if any(is_half_changed(line) for line in console):
        return _EMULATORS_FAULT
    told = [line for line in console if any(word in line for word in _TELLING)]
    return failure or (f"{error.sentence}: {told[0]}" if told else error.sentence)


class Guest:
    """One restored guest with its node greeted."""

    def __init__(self, machine: Machine, hello: Hello, clock_shift_s: int = 0) -> None:
        self._machine = machine
        self.hello = hello
        self.clock_shift_s = clock_shift_s
        """Seconds by which its date is ahead of ours."""
        self.link = machine.link

    @property
    def console(self) -> tuple[str, ...]:
        """The newest lines of the guest's kernel log."""
        return self._machine.console

    @property
    def failure(self) -> str:
        """Why the guest was ended from outside, empty while it is well."""
        return self._machine.failure

    def why_lost(self, error: LinkError) -> str:
        """Return the best reason there is for an error of the link."""
        return why_lost(error, self.failure, self.console)

    @property
    def pid(self) -> int:
        """Process id of its QEMU."""
        return self._machine.process.pid

    async def vcpus(self) -> Vcpus:
        """Return what counts how long its CPUs are kept waiting; a lost guest has none."""
        return Vcpus(self.pid, await self._cpu_threads())

    async def host(self) -> Host:
        """Return what looks at the host meanwhile; of a lost guest it sees nothing."""
        return Host(self.pid, await self._cpu_threads())

    async def _cpu_threads(self) -> tuple[int, ...]:
        try:
            return await self._machine.qmp.cpu_threads()
        except QmpError:
            return ()

    async def end(self) -> None:
        """Throw the guest away."""
        await self._machine.end()


async def open_guest(
    lab: Lab, *, cpus: int = 2, throwaway: bool, clock_shift_s: int = 0, uptime_s: int = 0
) -> Guest:
    """Restore a pristine guest and greet its node. Raises TargetError."""
    machine = await restore(lab.files, lab.shape(cpus, uptime_s))
    try:
        async with asyncio.timeout(_HELLO_SECONDS):
            hello = await machine.link.hello(
                "sandbox",
                throwaway=throwaway,
                virtual=lab.accelerator,
                clock_shift_s=clock_shift_s,
            )
    except (LinkError, TimeoutError) as error:
        await machine.end()
        reason = machine.failure or str(error) or "no answer"
        raise TargetError(
            f"the restored guest did not answer: {reason}",
            "make it anew: schedtui lab setup --again",
        ) from error
    except BaseException:
        await machine.end()
        raise
    return Guest(machine, hello, clock_shift_s)


class SandboxTarget:
    """The micro-VM that the screen shows and that policies are deployed to."""

    name = "sandbox"

    def __init__(self, options: LabOptions) -> None:
        self._options = options
        self._lab: Lab | None = None
        self._guest: Guest | None = None

    @property
    def lab(self) -> Lab:
        """The prepared lab; only after start."""
        if self._lab is None:
            raise TargetError("the sandbox is not prepared yet")
        return self._lab

    async def start(self, progress: Progress) -> tuple[NodeLink, Hello]:
        """Prepare the lab when needed, restore the guest, greet its node."""
        self._lab = await prepare(self._options, progress)
        progress("restoring the saved guest")
        self._guest = await open_guest(self._lab, throwaway=False)
        return self._guest.link, self._guest.hello

    @property
    def pid(self) -> int:
        """Process id of the guest's QEMU; only after start."""
        if self._guest is None:
            raise TargetError("the sandbox is not started yet")
        return self._guest.pid

    def last_words(self) -> str:
        """Return what the guest's kernel or its ending said last."""
        if self._guest is None:
            return ""
        return self._guest.why_lost(LinkError(self._guest.link.failure))

    async def close(self) -> None:
        """Throw the guest away."""
        if self._guest is not None:
            await self._guest.end()
