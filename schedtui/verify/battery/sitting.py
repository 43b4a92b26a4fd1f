"""One guest's share of the battery: each exercise under both schedulers, and reloads.

Order: all exercises under the default scheduler; then the candidate comes into charge once and
stays through all of them, so that what only begins after some seconds shows; then it comes and goes
some times; then whatever broke a limit that a noisy guest can break by accident is run again under
both schedulers, as late after the attach as the first time: beside one other guest of ours, as it
was, and if it breaks again, with none beside it. Only what breaks every time counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Final

from schedtui.measure.trial import InconclusiveError, TrialError
from schedtui.verify.battery.bench import BatteryBench
from schedtui.verify.battery.charge import Charge, ComplaintError, OverError
from schedtui.verify.battery.judging import Breach, Place, judge
from schedtui.verify.battery.plan import GuestPlan, Step
from schedtui.verify.battery.reading import Reading, spent_between
from schedtui.verify.battery.seen import Seen
from schedtui.verify.catalogue import finding

_PAUSED_LEASE_MS: Final = 1000
_PAUSE_S: Final = 2.5

Span = Callable[[], AbstractAsyncContextManager[None]]
"""Begins a span of time; what it means for other guests of ours is the giver's matter."""


@dataclass(frozen=True, slots=True)
class Company:
    """What other guests of ours may do while one looks again: they share the host's CPUs."""

    rest: Span = nullcontext
    """Around both looks: others may run, but for the spans below."""
    beside: Span = nullcontext
    """As many run as at the first time."""
    alone: Span = nullcontext
    """No other one runs."""


Tell = Callable[[str, float], None]
"""Receives what begins now, in words, and the seconds it is expected to take."""


@dataclass(slots=True)
class _Tried:
    """One exercise so far."""

    step: Step
    place: Place
    baseline: Reading
    candidate: Reading
    offset_s: float
    """Seconds from the attach to the start of the exercise."""
    breaches: tuple[Breach, ...] = ()
    runs: int = 1

    @property
    def rejecting(self) -> tuple[Breach, ...]:
        return tuple(breach for breach in self.breaches if breach.rejects(self.place))

    @property
    def doubtful(self) -> bool:
        """Only a doubt decides: what is certain needs no second look."""
        return bool(self.rejecting) and not self.certain

    @property
    def certain(self) -> bool:
        """It rejects, whatever comes."""
        return any(not breach.doubtful for breach in self.rejecting)


class Sitting:
    """Runs the plan of one guest."""

    def __init__(
        self,
        bench: BatteryBench,
        plan: GuestPlan,
        tell: Tell,
        company: Company,
        *,
        handles_hotplug: bool,
    ) -> None:
        """Take what it needs.

        Args:
            bench: The guest.
            plan: What to do in it.
            tell: Told what begins.
            company: Who may run beside it when it looks again.
            handles_hotplug: The candidate has operations for CPUs that come and go.
        """
        self._bench = bench
        self._plan = plan
        self._tell = tell
        self._company = company
        self._seen = Seen(plan.cpus)
        self._charge = Charge(bench, self._seen, handles_hotplug=handles_hotplug)
        self._tried: list[_Tried] = []

    async def run(self) -> Seen:
        """Run everything, or up to what makes the rest pointless. Raises InconclusiveError."""
        try:
            await self._everything_told()
        except OverError as over:
            self._seen.findings.append(over.found)
        except ComplaintError as heard:
            self._seen.complaint = heard.complaint
        for tried in self._tried:
            # Broken off by what is in doubt itself, no other doubt has been looked at again.
            if tried.certain or self._seen.complaint is None:
                found = [breach.found(tried.place, tried.runs) for breach in tried.breaches]
                self._seen.findings += found
            self._seen.keep(tried.place, tried.baseline, tried.candidate)
        return self._seen

    async def _everything_told(self) -> None:
        try:
            await self._everything()
        except InconclusiveError as error:
            self._charge.judge_loss(error)
            raise

    async def _everything(self) -> None:
        await self._charge.read_evidence("the start")
        baselines = [await self._under_default(step) for step in self._plan.steps]
        await self._charge.read_evidence("the default scheduler's turn")
        await self._charge.attach()
        for step, baseline in zip(self._plan.steps, baselines, strict=True):
            await self._under_candidate(step, baseline)
        if await self._bench.dump():
            await self._charge.still_held("a dump of its state")
        await self._charge.detach()
        if any(tried.certain for tried in self._tried):
            return
        if self._plan.lease_pause:
            await self._pause_lease()
        await self._reload()
        # Last, because other guests have to end before this one can be alone.
        async with self._company.rest():
            await self._again(self._company.beside)
            await self._again(self._company.alone, last=True)

    async def _under_default(self, step: Step) -> Reading:
        self._tell(f"{step.spec.name}, default scheduler", step.baseline_s)
        try:
            return await self._bench.run(step.spec.name, step.baseline_s)
        except InconclusiveError:
            raise
        except TrialError as error:
            # Without a figure of the default scheduler nothing can be judged here.
            sentence = f"{step.spec.name} gave no result under the default scheduler: {error}"
            raise InconclusiveError(sentence) from error

    async def _under_candidate(self, step: Step, baseline: Reading) -> None:
        self._tell(f"{step.spec.name}, candidate", step.candidate_s)
        bench = self._bench
        place = Place(step.spec, self._plan, bench.emulated, bench.oversubscribed)
        offset = self._charge.age_s
        reading = await self._reading(place, step.candidate_s)
        tried = _Tried(step, place, baseline, reading, offset)
        tried.breaches = judge(place, baseline, reading)
        self._tried.append(tried)

    async def _reading(self, place: Place, seconds: float) -> Reading:
        before = self._charge.evidence
        reading = await self._ran(place.spec.name, seconds, place.words)
        if not await self._charge.still_held(place.words, place):
            return reading
        after = self._charge.evidence
        spent = spent_between(before, after) if before and after else None
        return replace(reading, spent=spent)

    async def _ran(self, exercise: str, seconds: float, where: str) -> Reading:
        try:
            return await self._bench.run(exercise, seconds)
        except InconclusiveError:
            raise
        except TrialError as error:
            # That it was thrown out explains why there is no result.
            await self._charge.still_held(where)
            raise OverError(finding("TRL010", where=where, reason=error)) from error

    async def _again(self, look: Span, *, last: bool = False) -> None:
        """Run again whatever broke a limit that may be the host's fault."""
        suspects = [tried for tried in self._tried if tried.doubtful]
        if not suspects:
            return
        async with look():
            baselines = [await self._under_default(tried.step) for tried in suspects]
            await self._charge.attach()
        for tried, baseline in zip(suspects, baselines, strict=True):
            # While it only gets older it is in nobody's way.
            await asyncio.sleep(max(0.0, tried.offset_s - self._charge.age_s))
            async with look():
                await self._once_more(tried, baseline, last=last)
        await self._charge.detach()

    async def _once_more(self, tried: _Tried, baseline: Reading, *, last: bool) -> None:
        self._tell(f"{tried.step.spec.name}, candidate, once more", tried.step.candidate_s)
        # What its programs cost is told for the exercise alone, not for the quiet before it.
        await self._charge.read_evidence(f"the time before {tried.place.words}")
        tried.candidate = await self._reading(tried.place, tried.step.candidate_s)
        again = judge(tried.place, baseline, tried.candidate)
        if not last:
            # Beside others the default scheduler may do badly by accident, which excuses nothing.
            told = {breach.code for breach in again}
            older = judge(tried.place, tried.baseline, tried.candidate)
            again += tuple(breach for breach in older if breach.code not in told)
        first = {breach.code for breach in tried.breaches}
        tried.breaches = tuple(breach for breach in again if breach.code in first)
        tried.baseline = baseline
        tried.runs += 1

    async def _pause_lease(self) -> None:
        """Let the lease run out under load, as when its loader stands still."""
        self._tell("a loader that stands still", _PAUSE_S)
        where = "a lease that ran out"
        await self._charge.attach(_PAUSED_LEASE_MS)
        await self._ran(self._plan.steps[-1].spec.name, _PAUSE_S, where)
        await self._charge.gone_by_itself(where)

    async def _reload(self) -> None:
        before = await self._charge.read_evidence("the time before reloading it")
        for number in range(self._plan.reloads):
            self._tell(f"reload {number + 1} of {self._plan.reloads}", 0.0)
            await self._charge.attach()
            await self._charge.detach()
            self._seen.reloads += 1
        after = await self._charge.read_evidence("reloading it")
        self._charge.judge_growth(before, after, f"{self._plan.reloads} reloads")
