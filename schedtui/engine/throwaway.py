"""Throw-away guests as the verifier and the trial engine need them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from schedtui.engine.baseline import BaselineBench
from schedtui.measure.objectives import HOST_ENERGY
from schedtui.measure.trial import Bench, InconclusiveError, TrialError, patience_s
from schedtui.model.machine import Hello, KernelInfo
from schedtui.model.parcel import Parcel, Use
from schedtui.model.protocol import (
    DeployArgs,
    GuardLimits,
    InspectArgs,
    LiveValues,
    Nothing,
    Parameters,
    SetArgs,
    WatchArgs,
    WindowArgs,
    WindowReport,
)
from schedtui.model.telemetry import SchedulerState
from schedtui.model.trial import Disturbance, MachineShape, WorkloadSpec
from schedtui.model.verdict import InspectReport, TokenMode, Tool, Verdict
from schedtui.policy.external.bundle import Bundle
from schedtui.target.bringing import bring
from schedtui.target.link import LinkError
from schedtui.target.port import TargetError
from schedtui.target.sandbox.energy import joules, read_counters
from schedtui.target.sandbox.host import Host, disturbance, this_host
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.target import Guest, open_guest
from schedtui.verify.battery.bench import WATCHDOG_MS
from schedtui.verify.gate import Draft
from schedtui.verify.kernel_gate import InspectError
from schedtui.verify.tokens import mint
from schedtui.verify.verifier import verdict_of

Object = tuple[bytes, Verdict]
"""An object, and the verdict of the gates that it has passed."""

_INSPECT_SECONDS: Final = 90.0
_ANSWER_SECONDS: Final = 10.0
"""Time for the answer of a window, after the window itself was given up."""
_STOOD_STILL: Final = "watchdog failed to check in"
"""The kernel's own kworker did not run either: a policy that runs nobody, or a paused guest."""
_START_SECONDS: Final = 90.0
"""Time for an external scheduler to come into charge; the node itself gives up before."""
_ATTACH_SECONDS: Final = 20.0
_TRIAL_LEASE_MS: Final = 10_000
"""Nobody but the trial is in its guest, and a busy host may hold the guest up for a while."""


class GuestInspector:
    """Asks the kernel of a pristine guest what it thinks of an object."""

    kernel: KernelInfo | None = None
    """The kernel that was asked, once it has been."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._opening: asyncio.Task[Guest] | None = None

    @property
    def guest(self) -> tuple[Tool, ...]:
        """What every guest of this lab runs in."""
        lab = self._lab
        return Tool("emulator", lab.files.emulator.version), Tool("accelerator", lab.accelerator)

    def open_ahead(self) -> None:
        """Begin to open the guest of the next question; ``close`` when none may come."""
        self._begun()

    async def close(self) -> None:
        """End the guest that was opened ahead, if nobody has asked it."""
        opening, self._opening = self._opening, None
        if opening is None:
            return
        opening.cancel()
        (guest,) = await asyncio.gather(opening, return_exceptions=True)
        if isinstance(guest, Guest):
            await guest.end()

    async def inspect(self, object_bytes: bytes) -> InspectReport:
        """Load without attaching. Raises InspectError when the guest gives no answer."""
        args = InspectArgs(base64.b64encode(object_bytes).decode())
        guest = await self._opened()
        try:
            self.kernel = guest.hello.kernel
            return await guest.link.call("inspect", args, InspectReport, _INSPECT_SECONDS)
        except LinkError as error:
            raise InspectError(guest.why_lost(error)) from error
        finally:
            await guest.end()

    async def _opened(self) -> Guest:
        try:
            guest = await self._begun()
        except TargetError as error:
            raise InspectError(error.sentence) from error
        except asyncio.CancelledError:
            await self.close()
            raise
        finally:
            self._opening = None
        return guest

    def _begun(self) -> asyncio.Task[Guest]:
        if self._opening is None:
            opening = open_guest(self._lab, throwaway=True)
            self._opening = asyncio.create_task(opening, name="guest opened ahead")
        return self._opening


class Holder:
    """Attaches one object in one guest, as often as asked, and holds it by its lease.

    With a ``bundle`` the object is its manifest, and its program attaches itself.
    """

    def __init__(
        self,
        guest: Guest,
        object_bytes: bytes,
        verdict_so_far: Verdict,
        bundle: Bundle | None = None,
    ) -> None:
        self._guest = guest
        self._object = object_bytes
        self._verdict = verdict_so_far
        self._bundle = bundle
        self._to_bring = bundle
        self._keeper: asyncio.Task[None] | None = None

    async def attach(self, lease_ms: int = 0) -> SchedulerState:
        """Put the object in charge. Raises LinkError.

        With ``lease_ms`` nobody renews the lease; else it is renewed until ``detach``.
        """
        if self._to_bring is not None:
            await bring(self._guest.link, Use.SCHEDULER, self._to_bring.files)
            self._to_bring = None
        now = int(time.time()) + self._guest.clock_shift_s
        token = mint(
            self._guest.link.session_key,
            mode=TokenMode.TRIAL,
            object_sha256=self._verdict.object_sha256,
            scheduler=self._verdict.candidate,
            kernel=self._guest.hello.kernel,
            verdict=self._verdict,
            timeout_ms=WATCHDOG_MS,
            lifetime_s=60,
            now=now,
        )
        args = DeployArgs(
            object_base64=base64.b64encode(self._object).decode(),
            token=token,
            lease_ms=lease_ms or _TRIAL_LEASE_MS,
            timeout_ms=WATCHDOG_MS,
            # The trial judges waits itself, against the default scheduler in the same boot.
            guards=GuardLimits(max_wait_ms=0),
            program=self._bundle is not None,
        )
        seconds = _START_SECONDS if self._bundle else _ATTACH_SECONDS
        state = await self._guest.link.call("deploy", args, SchedulerState, seconds)
        if not lease_ms:
            self._keeper = asyncio.create_task(self._renew(), name="trial lease")
        return state

    async def _renew(self) -> None:
        with contextlib.suppress(LinkError):
            while True:
                await asyncio.sleep(_TRIAL_LEASE_MS / 10_000)
                await self._guest.link.call("renew", Nothing(), SchedulerState)

    async def detach(self) -> SchedulerState:
        """Put the default scheduler back and return the kernel's word. Raises LinkError."""
        await self.close()
        return await self._guest.link.call("rollback", Nothing(), SchedulerState)

    async def close(self) -> None:
        """Renew no more."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper


class GuestBench:
    """A guest in which one object is attached and detached between measured windows."""

    def __init__(
        self,
        guest: Guest,
        host: Host,
        machine: MachineShape,
        object_bytes: bytes,
        verdict_so_far: Verdict,
        bundle: Bundle | None = None,
    ) -> None:
        self._guest = guest
        self._host = host
        self._holder = Holder(guest, object_bytes, verdict_so_far, bundle)
        self._last: WindowReport | None = None
        self._disturbance: Disturbance | None = None
        self.boot_id = guest.hello.kernel.boot_id
        self.machine = machine

    async def attach(self) -> None:
        """Put the candidate in charge. Raises TrialError."""
        try:
            await self._holder.attach()
        except LinkError as error:
            raise self._lost(error, "it did not come into charge: ") from error

    async def detach(self) -> None:
        """Put the default scheduler back. Raises TrialError when the candidate was thrown out."""
        await self._holder.close()
        try:
            state = await self._guest.link.call("state", Nothing(), SchedulerState)
            after = await self._holder.detach()
        except LinkError as error:
            raise self._lost(error) from error
        _require_ours(state)
        if after.state != "disabled":
            raise TrialError("the default scheduler did not come back after the trial")

    async def set_live(self, parameters: Parameters) -> None:
        """Set live parameters of what is in charge. Raises TrialError."""
        try:
            await self._guest.link.call("set", SetArgs(parameters), LiveValues)
        except LinkError as error:
            raise self._lost(error, "its parameters were not set: ") from error

    async def require_in_charge(self) -> None:
        """Raise TrialError when the candidate is no longer in charge."""
        try:
            state = await self._guest.link.call("state", Nothing(), SchedulerState)
        except LinkError as error:
            raise self._lost(error) from error
        _require_ours(state)

    async def window(self, spec: WorkloadSpec) -> tuple[tuple[str, float], ...]:
        """Run one window and return what the workload reports. Raises TrialError."""
        seconds = patience_s(spec)
        args = WindowArgs(spec.name, spec.arguments, seconds)
        before, counters = self._host.look(), read_counters()
        try:
            self._last = await self._guest.link.call(
                "window", args, WindowReport, seconds + _ANSWER_SECONDS
            )
        except LinkError as error:
            raise self._lost(error) from error
        self._disturbance = disturbance(before, self._host.look())
        used = joules(counters, read_counters())
        return self._last.metrics + (((HOST_ENERGY, used),) if used is not None else ())

    def _lost(self, error: LinkError, before: str = "") -> TrialError:
        if error.refused:
            return TrialError(f"{before}{error.sentence}")
        return InconclusiveError(self._guest.why_lost(error))

    async def longest_wait_ms(self) -> float:
        """Return the longest wait of any task in the last window."""
        return self._last.longest_wait_ms if self._last else 0.0

    async def starved(self) -> tuple[str, ...]:
        """Return the names of tasks that made no progress in the last window."""
        return self._last.starved if self._last else ()

    async def disturbance(self) -> Disturbance | None:
        """Return what the host did during the last window."""
        return self._disturbance

    def beside(self, other: Object) -> GuestBench:
        """Return a bench of another object in the same guest."""
        return GuestBench(self._guest, self._host, self.machine, *other)

    async def close(self) -> None:
        """Stop renewing; the guest is ended by who opened it."""
        await self._holder.close()


def _require_ours(state: SchedulerState) -> None:
    if state.ours:
        return
    ending = state.last_exit
    if ending is None or not ending.ejected:
        raise TrialError(f"it was taken back during the window: {state.ended}")
    sentence = f"the kernel threw it out: {ending.reason}: {ending.message}"
    if _STOOD_STILL in ending.message:
        raise InconclusiveError(sentence, ejected=True)
    raise TrialError(sentence)


def _shape(lab: Lab, hello: Hello) -> MachineShape:
    return MachineShape(
        cpus=len(hello.cpus),
        memory_mb=hello.memory_mb,
        accelerator=hello.virtual,
        emulator=lab.emulator,
        image=lab.image,
        host=this_host(),
    )


async def _sent(guest: Guest, parcel: Parcel) -> None:
    try:
        await bring(guest.link, Use.COMMAND, parcel.files)
    except LinkError as error:
        raise InconclusiveError(guest.why_lost(error)) from error


@asynccontextmanager
async def guest_bench(
    lab: Lab, draft: Draft, cpus: int, parcel: Parcel
) -> AsyncIterator[GuestBench]:
    """A bench in a pristine guest with the files of ``parcel``, thrown away at the end."""
    guest = await open_guest(lab, cpus=cpus, throwaway=True)
    bench: GuestBench | None = None
    try:
        await _sent(guest, parcel)
        host = await guest.host()
        candidate = draft.object or b"", verdict_of(draft), draft.bundle
        bench = GuestBench(guest, host, _shape(lab, guest.hello), *candidate)
        # A slow tick keeps the probe's readings current for waits and starvation.
        await guest.link.tell("watch", WatchArgs(1.0))
        yield bench
    finally:
        if bench is not None:
            await bench.close()
        await guest.end()


@asynccontextmanager
async def trial_bench(
    lab: Lab,
    draft: Draft,
    cpus: int,
    baseline: Object | None,
    parcel: Parcel,
) -> AsyncIterator[Bench]:
    """The same with ``baseline`` in charge whenever the candidate is not.

    None leaves that to the kernel.
    """
    async with guest_bench(lab, draft, cpus, parcel) as bench:
        if baseline is None:
            yield bench
            return
        other = bench.beside(baseline)
        try:
            yield BaselineBench(bench, other)
        finally:
            await other.close()
