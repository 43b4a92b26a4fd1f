"""One QEMU process: no network, no disk, no name in the file system.

The only file of the host that it reads is its own memory as it was saved (see saved.py).
All channels are socket pairs whose other ends only QEMU holds, so nothing has to be removed
when either side is killed. ``setpriv --pdeathsig`` makes the kernel end QEMU with us.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schedtui.model.text import safe_text
from schedtui.target.link import NodeLink, link_over_socket
from schedtui.target.port import TargetError
from schedtui.target.sandbox.emulator import Emulator
from schedtui.target.sandbox.qmp import Qmp, QmpError

_CONSOLE_LIMIT = 512 << 10
"""A guest that writes more than this to its console, in bytes, is ended."""

_DYING_S = 2.0


@dataclass(frozen=True, slots=True)
class Shape:
    """What a guest looks like. A saved guest can only be restored into the same shape."""

    cpus: int = 2
    memory_mb: int = 512
    accelerator: str = "tcg"
    uptime_s: int = 0
    """Seconds that its kernel has been up, beyond what the boot took; emulated guests only."""

    @property
    def memory_bytes(self) -> int:
        """Size of its memory."""
        return self.memory_mb << 20

    @property
    def label(self) -> str:
        """Short name for file names."""
        aged = f"-up{self.uptime_s}s" if self.uptime_s else ""
        return f"{self.accelerator}-{self.cpus}cpu-{self.memory_mb}m{aged}"


@dataclass(frozen=True, slots=True)
class Boot:
    """How a machine starts: from a kernel and image, or where a saved one was."""

    kernel: str | int
    """Path of the packed kernel, or open file descriptor of the unpacked one."""
    image: int | None = None
    """Open file descriptor of the initramfs; a guest that resumes needs none."""
    memory: int | None = None
    """Open file descriptor of what its memory begins as, None for memory without a file."""
    lasting: bool = False
    """Whether the file gets what the guest writes. If not, each guest has its own changes only, and
    what none of them changes is in this machine's memory once."""
    resumed: bool = False
    """Whether it goes on from a state that is handed over later, instead of booting."""
    counter_khz: int = 0
    """How fast the processor's counter runs; 0 leaves it to the kernel to find out."""

    @property
    def command(self) -> str:
        """The kernel's command line."""
        known = f" tsc_early_khz={self.counter_khz}" if self.counter_khz else ""
        return KERNEL_COMMAND.replace(" -- ", f"{known} -- ", 1)


class Machine:
    """A running guest."""

    def __init__(
        self, process: asyncio.subprocess.Process, qmp: Qmp, link: NodeLink, console: socket.socket
    ) -> None:
        self.process = process
        self.qmp = qmp
        self.link = link
        self._console = console
        self._lines: deque[str] = deque(maxlen=200)
        self.failure = ""
        self._listener = asyncio.create_task(self._listen(), name="guest console")

    @property
    def console(self) -> tuple[str, ...]:
        """The newest lines of the guest's kernel log, sanitised."""
        return tuple(self._lines)

    async def end(self) -> None:
        """Kill the guest at once and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        self._listener.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listener
        await self.link.close()
        self.qmp.close()
        self._console.close()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        seen, rest = 0, b""
        with contextlib.suppress(OSError):
            while data := await loop.sock_recv(self._console, 65536):
                seen += len(data)
                *lines, rest = (rest + data).split(b"\n")
                rest = rest[-4096:]
                self._lines.extend(safe_text(line.rstrip(b"\r")) for line in lines)
                if seen > _CONSOLE_LIMIT:
                    self.failure = "the guest flooded its console and was ended"
                    self.process.kill()
                    return


def qemu_arguments(
    emulator: Emulator, shape: Shape, boot: Boot, channels: dict[str, int]
) -> list[str]:
    """Return QEMU's arguments; ``channels`` maps qmp, node and console to descriptors."""
    arguments = base_arguments(emulator, shape)
    for name, descriptor in channels.items():
        arguments += ["-chardev", f"socket,id={name},fd={descriptor}"]
    arguments += [
        "-mon", "chardev=qmp,mode=control", "-serial", "chardev:console",
        "-device", "virtio-serial-pci,max_ports=2",
        "-device", "virtserialport,chardev=node,name=schedtui",
    ]  # fmt: skip
    if boot.memory is not None:
        arguments += _memory_arguments(emulator, shape, boot)
    if boot.resumed:
        # A booted guest has its kernel in memory and needs neither image again.
        return [*arguments, "-incoming", "defer"]
    return [*arguments, *kernel_arguments(boot.kernel, boot.image, boot.command)]


def kernel_arguments(kernel: str | int, image: int | None, command: str) -> list[str]:
    """Return what a guest boots; numbers are open file descriptors."""
    path = f"/proc/self/fd/{kernel}" if isinstance(kernel, int) else kernel
    return ["-kernel", path, "-initrd", f"/proc/self/fd/{image}", "-append", command]


def _memory_arguments(emulator: Emulator, shape: Shape, boot: Boot) -> list[str]:
    if boot.lasting:
        how = "share=on"
    else:
        # Whoever gets out of a guest must not get at what the next ones begin with.
        how = "share=off,readonly=on,rom=off" if emulator.reads_only else "share=off"
    backend = f"memory-backend-file,id=memory,mem-path=/proc/self/fd/{boot.memory},{how}"
    return ["-object", f"{backend},size={shape.memory_mb}M", "-machine", "memory-backend=memory"]


def base_arguments(emulator: Emulator, shape: Shape) -> list[str]:
    """Return the arguments that every guest has: no network, no disk, QEMU's own seccomp."""
    emulated = shape.accelerator == "tcg"
    return [
        "-no-user-config", "-nodefaults", "-no-reboot", "-display", "none",
        "-machine", "q35,usb=off,smbus=off,sata=off,vmport=off",
        "-accel", "tcg,thread=multi" if emulated else shape.accelerator,
        "-cpu", emulator.processor if emulated else "max",
        "-smp", str(shape.cpus), "-m", str(shape.memory_mb),
        "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny",
    ]  # fmt: skip


CONFINED = ("setpriv", "--pdeathsig", "KILL", "prlimit", "--core=0", "--nofile=128")
"""Prefix of every QEMU: dies with us, leaves no core file, opens few files."""

KERNEL_COMMAND = (
    "console=ttyS0 loglevel=4 panic=-1 rdinit=/usr/bin/python3.11 mitigations=off tsc=reliable "
    "random.trust_cpu=on sysrq_always_enabled=1 -- -I /init.py"
)


async def start_machine(emulator: Emulator, shape: Shape, boot: Boot) -> Machine:
    """Start QEMU and return once it answers; the guest may still be booting."""
    pairs = {name: socket.socketpair() for name in ("qmp", "node", "console")}
    inner = {name: pair[1].fileno() for name, pair in pairs.items()}
    files = [each for each in (boot.kernel, boot.image, boot.memory) if isinstance(each, int)]
    try:
        process = await _started(
            *CONFINED, emulator.program, *emulator.data_arguments,
            *qemu_arguments(emulator, shape, boot, inner),
            pass_fds=[*inner.values(), *files], env=emulator.environment,
        )  # fmt: skip
    except BaseException as error:
        _close(pair[0] for pair in pairs.values())
        if isinstance(error, OSError):
            raise TargetError(f"cannot start QEMU: {error.strerror}") from error
        raise
    finally:
        _close(pair[1] for pair in pairs.values())
    return await _greeted(process, {name: pair[0] for name, pair in pairs.items()})


async def _started(
    *command: str, pass_fds: Sequence[int], env: Mapping[str, str] | None
) -> asyncio.subprocess.Process:
    """Start a process; whoever gives up meanwhile leaves none."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=pass_fds,
            start_new_session=True,
            env=env,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        # Cut off halfway, asyncio would leave a pipe open; it is a matter of milliseconds.
        process = await starting
        process.kill()
        await process.communicate()
        raise


def _close(sockets: Iterable[socket.socket]) -> None:
    for each in sockets:
        each.close()


async def _greeted(
    process: asyncio.subprocess.Process, channels: Mapping[str, socket.socket]
) -> Machine:
    """Return the machine of a QEMU that has just been started. Whatever happens, none is left."""
    try:
        link = await link_over_socket(channels["node"])
    except BaseException:
        process.kill()
        await process.wait()
        _close(channels.values())
        raise
    channels["console"].setblocking(False)
    machine = Machine(process, Qmp(channels["qmp"]), link, channels["console"])
    try:
        await machine.qmp.greet()
    except BaseException as error:
        try:
            if isinstance(error, QmpError):
                await _ended(process)
        finally:
            await machine.end()
        if isinstance(error, Exception):
            raise TargetError(f"QEMU ended at once: {await _complaint(process)}") from error
        raise
    return machine


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Let a QEMU that hung up come to its end: asyncio logs of killing one that is just dying."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), _DYING_S)


async def _complaint(process: asyncio.subprocess.Process) -> str:
    if process.stderr is None:
        return "it gave no reason"
    text = (await process.stderr.read(4096)).decode(errors="replace").strip()
    return safe_text(text.splitlines()[-1]) if text else "it gave no reason"
