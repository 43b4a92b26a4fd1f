"""Throw-away guests in which the battery's exercises run."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from schedtui.engine.throwaway import Holder
from schedtui.measure.battery import exercise, window
from schedtui.measure.trial import InconclusiveError, TrialError
from schedtui.model.battery import Evidence, HeldUp
from schedtui.model.protocol import Nothing, WatchArgs, WindowReport
from schedtui.model.telemetry import SchedulerState
from schedtui.model.verdict import Verdict
from schedtui.policy.external.bundle import Bundle
from schedtui.target.link import LinkError
from schedtui.target.port import TargetError
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.machine import Shape
from schedtui.target.sandbox.places import exclusive
from schedtui.target.sandbox.saved import save
from schedtui.target.sandbox.target import Guest, open_guest
from schedtui.target.sandbox.vcpus import Vcpus
from schedtui.verify.battery.plan import GuestPlan
from schedtui.verify.battery.reading import Reading

_ANSWER_SECONDS: Final = 10.0
"""Longest time between the end of an exercise and its report reaching us."""
_LOOK_SECONDS: Final = 0.1
"""Time between two looks at how long the host keeps the guest waiting."""
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_STEM_LETTERS: Final = range(3, 10)
_LARGEST_SEED: Final = 999_999_999
_YEAR_S: Final = 31_556_952
_CLOCK_YEARS: Final = 20


class GuestBattery:
    """Implements the battery's port in one guest."""

    def __init__(
        self, guest: Guest, holder: Holder, vcpus: Vcpus, names: str, *, emulated: bool
    ) -> None:
        cpus = len(guest.hello.cpus)
        self.oversubscribed = cpus > len(os.sched_getaffinity(0))
        self._guest = guest
        self._holder = holder
        self._vcpus = vcpus
        self._names = names or random_stem()
        self._seed = 1 + secrets.randbelow(_LARGEST_SEED)
        self.emulated = emulated

    async def attach(self, lease_ms: int = 0) -> SchedulerState:
        """See the port."""
        try:
            return await self._holder.attach(lease_ms)
        except LinkError as error:
            raise self._lost(error) from error

    async def run(self, name: str, seconds: float) -> Reading:
        """See the port."""
        held_up = [self._vcpus.held_up()]
        looking = asyncio.create_task(self._look_at_host(held_up), name="host watch")
        try:
            report = await self._window(name, seconds)
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
        return Reading(report, held_up=(*held_up, self._vcpus.held_up()))

    async def _look_at_host(self, held_up: list[HeldUp]) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            held_up.append(self._vcpus.held_up())

    async def _window(self, name: str, seconds: float) -> WindowReport:
        args = window(exercise(name), seed=self._seed, names=self._names, seconds=seconds)
        patience = args.timeout_s + _ANSWER_SECONDS
        try:
            return await self._guest.link.call("window", args, WindowReport, patience)
        except LinkError as error:
            raise self._lost(error) from error

    async def state(self) -> SchedulerState:
        """See the port."""
        try:
            return await self._guest.link.call("state", Nothing(), SchedulerState)
        except LinkError as error:
            raise self._lost(error) from error

    async def evidence(self) -> Evidence:
        """See the port."""
        try:
            return await self._guest.link.call("evidence", Nothing(), Evidence)
        except LinkError as error:
            raise self._lost(error) from error

    async def detach(self) -> SchedulerState:
        """See the port."""
        try:
            return await self._holder.detach()
        except LinkError as error:
            raise self._lost(error) from error

    async def dump(self) -> bool:
        """See the port."""
        try:
            await self._guest.link.tell("dump")
        except LinkError as error:
            raise self._lost(error) from error
        return True

    def _lost(self, error: LinkError) -> TrialError:
        if error.refused:
            return TrialError(error.sentence)
        console = self._guest.console
        return InconclusiveError(self._guest.why_lost(error), last_words=console)


def random_stem() -> str:
    """Return how process names begin that nobody can foresee."""
    length = secrets.choice(_STEM_LETTERS)
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


@asynccontextmanager
async def battery_bench(
    lab: Lab,
    object_bytes: bytes,
    verdict_so_far: Verdict,
    plan: GuestPlan,
    bundle: Bundle | None = None,
) -> AsyncIterator[GuestBattery]:
    """A bench in a pristine guest of the plan's shape, thrown away at the end."""
    guest = await _opened(lab, plan)
    holder = Holder(guest, object_bytes, verdict_so_far, bundle)
    try:
        # A slow tick keeps the probe's readings current for waits and starvation.
        await guest.link.tell("watch", WatchArgs(1.0))
        emulated = lab.accelerator == "tcg"
        vcpus = await guest.vcpus()
        yield GuestBattery(guest, holder, vcpus, plan.names, emulated=emulated)
    finally:
        try:
            await holder.close()
        finally:
            await guest.end()


async def _opened(lab: Lab, plan: GuestPlan) -> Guest:
    # Nobody can foresee the date either.
    shift = secrets.randbelow(_CLOCK_YEARS * _YEAR_S) - 2 * _YEAR_S
    try:
        uptime_s = plan.uptime_s if lab.accelerator == "tcg" else 0
        await _saved(lab, lab.shape(plan.cpus, uptime_s))
        return await open_guest(
            lab, cpus=plan.cpus, throwaway=True, clock_shift_s=shift, uptime_s=uptime_s
        )
    except TargetError as error:
        raise InconclusiveError(error.sentence) from error


async def _saved(lab: Lab, shape: Shape) -> None:
    """Save a guest of this shape once; it takes some seconds."""
    if lab.files.saved(shape).exists():
        return
    async with exclusive("prepare"):
        if not lab.files.saved(shape).exists():
            await save(lab.files, shape)
