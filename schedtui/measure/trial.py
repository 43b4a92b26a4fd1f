"""The trial: interleaved windows under a baseline, the default scheduler, and under a candidate.

The stop rule, in full. After each pair from ``min_pairs`` on the trial looks at the any-time
valid interval of the objective (:func:`schedtui.measure.statistics.anytime_interval`). It stops
when that interval excludes "no change" or lies within the minimum detectable effect, and no
guardrail is both unproven and on the bad side. Otherwise it goes on to ``max_pairs`` or to the
end of its time and is judged there once by the ordinary 95 % interval. A useless policy is so
called better in at most 2.5 % of trials by the early look and 2.5 % by the last one.

Pairs that the host has spoilt are measured again and count for nothing, see
:mod:`schedtui.measure.contamination`.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypedDict, Unpack

from schedtui.measure.catalogue import shortened, window_timeout_s
from schedtui.measure.contamination import Series
from schedtui.measure.sides import DEFAULT_SCHEDULER
from schedtui.measure.statistics import (
    MINIMUM_DETECTABLE,
    MeasureError,
    Standing,
    effect,
    log_ratio,
    settled,
    standing,
)
from schedtui.model.goal import Direction, Guardrail
from schedtui.model.trial import (
    Disturbance,
    Effect,
    MachineShape,
    Pair,
    TrialResult,
    Window,
    WorkloadSpec,
)

WARM_UP_S: Final = 1
_FEWEST_PAIRS: Final = 2  # one pair has no interval

_LEAST_PATIENCE_S: Final = 40.0  # a batch that ends by itself has no length to reckon from

OnPair = Callable[[Pair, Effect | None], None]
"""Receives each finished pair and the objective so far (None until two pairs)."""

OnDropped = Callable[[Pair], None]
"""Receives each pair that was dropped and is measured again."""


class Bench(Protocol):
    """One throw-away machine on which windows are run. Its candidate is given already."""

    @property
    def boot_id(self) -> str:
        """Identity of this boot; pairs of different boots mean nothing."""
        ...

    @property
    def machine(self) -> MachineShape:
        """What the machine is like."""
        ...

    async def attach(self) -> None:
        """Put the candidate in charge, proved. Raises TrialError when it does not come to it."""
        ...

    async def detach(self) -> None:
        """Give the kernel its own scheduler back. Called only after attach, whole or cut short.

        Raises TrialError when the candidate was no longer in charge.
        """
        ...

    async def window(self, spec: WorkloadSpec) -> tuple[tuple[str, float], ...]:
        """Run ``spec.arguments`` to their end and return the final metrics.

        Raises TrialError when the workload gives no result.
        """
        ...

    async def longest_wait_ms(self) -> float:
        """Return the longest wait of any task in the last window, in milliseconds."""
        ...

    async def starved(self) -> tuple[str, ...]:
        """Return names of tasks that made no progress in the last window."""
        ...

    async def disturbance(self) -> Disturbance | None:
        """Return what the host did during the last window, None where nobody can see it."""
        ...


def patience_s(spec: WorkloadSpec) -> float:
    """Return seconds after which a trial's window is taken for stuck."""
    return max(_LEAST_PATIENCE_S, window_timeout_s(spec))


class TrialError(MeasureError):
    """The trial cannot go on: no result, or the candidate is not in charge. A sentence."""


class InconclusiveError(TrialError):
    """The machine was lost, or stood still as a whole; that need not be the candidate's doing.

    Attributes:
        ejected: The kernel ended the candidate, though for a reason that a paused host gives too.
        last_words: The newest lines on the console of a machine that was lost.
    """

    def __init__(
        self, sentence: str, *, ejected: bool = False, last_words: Sequence[str] = ()
    ) -> None:
        super().__init__(sentence)
        self.last_words = tuple(last_words)
        self.ejected = ejected


class Limits(TypedDict, total=False):
    """How long a trial may take, and against what; :class:`TrialPlan` names the defaults."""

    min_pairs: int
    max_pairs: int
    seconds_budget: float
    minimum_detectable: float
    give_up_below: float
    baseline: str
    before: tuple[Pair, ...]
    on_dropped: OnDropped


def _unheard(_pair: Pair) -> None:
    """Nobody asked about pairs that were dropped."""


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """What is compared, and how long at most."""

    spec: WorkloadSpec
    candidate: str
    metric: str
    direction: Direction
    guardrails: tuple[Guardrail, ...]
    min_pairs: int = 3
    max_pairs: int = 7
    seconds_budget: float = 120.0
    minimum_detectable: float = MINIMUM_DETECTABLE
    give_up_below: float = 0.0
    baseline: str = DEFAULT_SCHEDULER
    before: tuple[Pair, ...] = ()
    on_dropped: OnDropped = _unheard


async def run_trial(
    bench: Bench,
    spec: WorkloadSpec,
    candidate_name: str,
    objective: tuple[str, Direction],
    guardrails: tuple[Guardrail, ...],
    *,
    on_pair: OnPair,
    **limits: Unpack[Limits],
) -> TrialResult:
    """Run pairs until the objective is decided, and judge them.

    Windows run in the order ABBA ABBA ..., so that a steady drift of the machine cancels; one
    short window per side comes first and is not counted. The candidate is detached at the end
    in any case, also on error and cancellation.

    Args:
        bench: The machine, with the default scheduler in charge.
        spec: What runs in each window.
        candidate_name: How the candidate's windows are labelled.
        objective: The metric that decides, and its good direction.
        guardrails: Metrics that must not get worse; each is judged with its tolerance as the
            minimum detectable effect.
        on_pair: Told after each pair.
        **limits: See :class:`Limits`. ``seconds_budget`` may end the trial before
            ``min_pairs``, never before two pairs. So may ``give_up_below``: no more pairs are
            spent on a candidate once the interval of its factor lies below. ``baseline`` is how
            the baseline's windows are labelled. ``before`` are pairs of the same boot that tell
            what its host usually does; ``on_dropped`` is told of pairs that the host has spoilt.

    Raises:
        TrialError: A window lacks a metric, the bench was started anew meanwhile, or whatever
            the bench raises.
        ValueError: The limits allow fewer than two pairs.
    """
    plan = TrialPlan(spec, candidate_name, *objective, guardrails, **limits)
    if not _FEWEST_PAIRS <= plan.min_pairs <= plan.max_pairs:
        raise ValueError("a trial takes at least two pairs, and no more than its maximum")
    trial = _Trial(bench, plan, Series(plan.max_pairs, plan.before))
    try:
        result = await trial.run(on_pair)
    except TrialError as error:
        await _explained_by_detaching(trial, error)
        raise
    except BaseException:
        # The first trouble is what the caller must hear of, above all a cancellation.
        with contextlib.suppress(Exception):
            await asyncio.shield(trial.detach())
        raise
    await trial.detach()
    return trial.timed(result)


async def _explained_by_detaching(trial: _Trial, error: TrialError) -> None:
    """Detach. A candidate that was thrown out explains why a window gave no result."""
    try:
        await trial.detach()
    except TrialError as reason:
        raise reason from error


@dataclass(slots=True)
class _Trial:
    """A trial under way."""

    bench: Bench
    plan: TrialPlan
    series: Series
    attached: bool = False
    started: float = field(default_factory=time.monotonic)
    waits_ms: dict[bool, float] = field(default_factory=lambda: {True: 0.0, False: 0.0})
    starved: dict[str, None] = field(default_factory=dict)

    @property
    def pairs(self) -> list[Pair]:
        """The pairs that count."""
        return self.series.pairs

    async def run(self, on_pair: OnPair) -> TrialResult:
        boot_id = self.bench.boot_id
        await self._warm_up()
        warm = time.monotonic()
        while not self._finished(warm):
            pair = await self._pair(len(self.pairs))
            if self.bench.boot_id != boot_id:
                raise TrialError("the bench was started anew during the trial")
            counted = self.series.take(pair)
            if counted is None:
                self.plan.on_dropped(self.series.dropped[-1])
            else:
                so_far = self._objective() if len(self.pairs) >= _FEWEST_PAIRS else None
                on_pair(counted, so_far)
        return self._result(boot_id)

    async def _warm_up(self) -> None:
        """Run one short window per side, the candidate first: the first pair begins without it."""
        spec = shortened(self.plan.spec, WARM_UP_S)
        for candidate in (True, False):
            await self._window(spec, candidate=candidate)

    async def _pair(self, index: int) -> Pair:
        baseline_first = index % 2 == 0
        order = (False, True) if baseline_first else (True, False)
        windows = {side: await self._window(self.plan.spec, candidate=side) for side in order}
        pair = Pair(index, windows[False], windows[True], baseline_first)
        self._check(pair)
        return pair

    async def _window(self, spec: WorkloadSpec, *, candidate: bool) -> Window:
        if candidate and not self.attached:
            await self._attach()
        elif not candidate:
            await self.detach()
        metrics = await self.bench.window(spec)
        waited = await self.bench.longest_wait_ms()
        self.waits_ms[candidate] = max(self.waits_ms[candidate], waited)
        if candidate:
            self.starved.update(dict.fromkeys(await self.bench.starved()))
        label = self.plan.candidate if candidate else self.plan.baseline
        return Window(label, metrics, await self.bench.disturbance())

    async def _attach(self) -> None:
        self.attached = True  # also when cancelled half-way: detaching is then called for
        try:
            await self.bench.attach()
        except TrialError:
            self.attached = False
            raise

    async def detach(self) -> None:
        """Put the default scheduler back if the candidate is in charge. Raises what it hits."""
        if not self.attached:
            return
        try:
            await self.bench.detach()
        except TrialError:
            self.attached = False
            raise
        self.attached = False

    def timed(self, result: TrialResult) -> TrialResult:
        """Return ``result`` with the time until now."""
        return dataclasses.replace(result, seconds=time.monotonic() - self.started)

    def _check(self, pair: Pair) -> None:
        for metric in (self.plan.metric, *(rail.metric for rail in self.plan.guardrails)):
            try:
                log_ratio(pair, metric, Direction.LOWER)
            except MeasureError as error:
                raise TrialError(str(error)) from error

    def _finished(self, warm: float) -> bool:
        done = len(self.pairs)
        if done >= self.plan.max_pairs or self._hopeless():
            return True
        if done >= self.plan.min_pairs and self._decided():
            return True
        return done >= _FEWEST_PAIRS and not self._time_for_another(warm)

    def _time_for_another(self, warm: float) -> bool:
        now = time.monotonic()
        per_pair = (now - warm) / self.series.tried
        return now - self.started + per_pair <= self.plan.seconds_budget

    def _decided(self) -> bool:
        plan = self.plan
        ratios = [log_ratio(pair, plan.metric, plan.direction) for pair in self.pairs]
        return settled(ratios, plan.minimum_detectable) and not any(
            _in_doubt(judged, rail)
            for judged, rail in zip(self._guardrails(), plan.guardrails, strict=True)
        )

    def _hopeless(self) -> bool:
        bar = self.plan.give_up_below
        return bar > 0 and len(self.pairs) >= _FEWEST_PAIRS and self._objective().high < bar

    def _objective(self) -> Effect:
        plan = self.plan
        return effect(self.pairs, plan.metric, plan.direction, plan.minimum_detectable)

    def _guardrails(self) -> tuple[Effect, ...]:
        return tuple(
            effect(self.pairs, rail.metric, rail.direction, rail.tolerance)
            for rail in self.plan.guardrails
        )

    def _result(self, boot_id: str) -> TrialResult:
        return TrialResult(
            workload=self.plan.spec,
            pairs=tuple(self.pairs),
            objective=self._objective(),
            guardrails=self._guardrails(),
            starved=tuple(self.starved),
            max_wait_ms=self.waits_ms[True],
            baseline_max_wait_ms=self.waits_ms[False],
            boot_id=boot_id,
            seconds=0.0,
            machine=self.bench.machine,
            dropped=tuple(self.series.dropped),
        )


def _in_doubt(judged: Effect, rail: Guardrail) -> bool:
    return judged.factor < 1 and standing(judged, rail) is Standing.UNPROVEN


def broken_guardrails(
    result: TrialResult, guardrails: Sequence[Guardrail]
) -> tuple[tuple[Guardrail, Effect], ...]:
    """Return the guardrails that did not hold, each with what was measured.

    A guardrail holds when its interval proves it, or when nothing is proved but the estimate
    itself is within the tolerance.
    """
    judged = zip(guardrails, result.guardrails, strict=True)
    return tuple((rail, seen) for rail, seen in judged if not _holds(seen, rail))


def _holds(seen: Effect, rail: Guardrail) -> bool:
    said = standing(seen, rail)
    return said is Standing.KEPT or (
        said is Standing.UNPROVEN and seen.factor >= 1 - rail.tolerance
    )
