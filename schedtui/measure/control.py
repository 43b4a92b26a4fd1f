"""The A/A control: is this host steady enough for a trial to mean anything?

Pairs of windows run as in a trial, in the boot of the trial, but all under the default scheduler.
Whatever they differ by is the host's doing. The host is unfit when

* the interval excludes no change by more than the minimum detectable effect: something favours
  one side, and would favour a candidate as well; or
* the pairs scatter so much that the trial would not even show an improvement by half.

Either suspicion is looked at again with as many pairs more before it counts: on a fit host the
interval of few pairs excludes no change in one session of twenty. The exact sign-flip test must
then agree, which with six pairs it can: it assumes nothing of how a host scatters.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from schedtui.measure.catalogue import shortened
from schedtui.measure.statistics import (
    ERROR,
    MINIMUM_DETECTABLE,
    detectable,
    effect,
    log_ratio,
    sign_flip_p,
)
from schedtui.measure.trial import DEFAULT_SCHEDULER, WARM_UP_S, Bench, OnPair
from schedtui.model.goal import Direction
from schedtui.model.trial import Control, Effect, Outcome, Pair, Window, WorkloadSpec

CONTROL_PAIRS: Final = 3
"""Pairs of the control, and as many more when these rouse suspicion."""

NOISE_LIMIT: Final = 0.5
"""A host is unfit when a trial on it would not show an improvement by this share."""


@dataclass(frozen=True, slots=True)
class ControlPlan:
    """What the control measures, and the trial that it is for."""

    spec: WorkloadSpec
    metric: str
    direction: Direction
    trial_pairs: int
    """Most pairs of the trial: more pairs bear more noise."""
    pairs: int = CONTROL_PAIRS
    minimum_detectable: float = MINIMUM_DETECTABLE


async def run_control(bench: Bench, plan: ControlPlan, *, on_pair: OnPair) -> Control:
    """Measure the default scheduler against itself; it is in charge before and after.

    Raises:
        MeasureError: A window lacks the metric.
        TrialError: Whatever the bench raises.
    """
    under_way = _Control(bench, plan)
    await bench.window(shortened(plan.spec, WARM_UP_S))
    await under_way.run(plan.pairs, on_pair)
    control = judge_control(under_way.pairs, plan)
    if not control.unfit:
        return control
    await under_way.run(plan.pairs, on_pair)
    return judge_control(under_way.pairs, plan)


@dataclass(slots=True)
class _Control:
    bench: Bench
    plan: ControlPlan
    pairs: list[Pair] = field(default_factory=list)

    async def run(self, count: int, on_pair: OnPair) -> None:
        for index in range(len(self.pairs), len(self.pairs) + count):
            self.pairs.append(await self._pair(index))
            on_pair(self.pairs[-1], self._so_far())

    async def _pair(self, index: int) -> Pair:
        first = Window(DEFAULT_SCHEDULER, await self.bench.window(self.plan.spec))
        second = Window(DEFAULT_SCHEDULER, await self.bench.window(self.plan.spec))
        baseline_first = index % 2 == 0
        sides = (first, second) if baseline_first else (second, first)
        return Pair(index, *sides, baseline_first)

    def _so_far(self) -> Effect | None:
        return _effect(self.pairs, self.plan) if len(self.pairs) >= 2 else None


def judge_control(pairs: Sequence[Pair], plan: ControlPlan) -> Control:
    """Return what pairs of the default scheduler against itself say of the host.

    Raises:
        MeasureError: Fewer than two pairs, or a window lacks the metric.
    """
    seen = _effect(pairs, plan)
    ratios = [log_ratio(pair, plan.metric, plan.direction) for pair in pairs]
    spread = statistics.stdev(ratios)
    p = sign_flip_p(ratios)
    least = detectable(spread, plan.trial_pairs)
    confirmed = p <= ERROR or len(pairs) <= plan.pairs
    unfit = _noise(spread, least, plan.trial_pairs) or (_bias(seen) if confirmed else "")
    return Control(tuple(pairs), seen, p, spread, least, unfit)


def _effect(pairs: Sequence[Pair], plan: ControlPlan) -> Effect:
    return effect(pairs, plan.metric, plan.direction, plan.minimum_detectable)


def _bias(seen: Effect) -> str:
    if seen.outcome not in {Outcome.BETTER, Outcome.WORSE}:
        return ""
    return (
        f"{seen.metric} of the default scheduler differs from itself by {seen.factor:.2f}x "
        f"[{seen.low:.2f}, {seen.high:.2f}] in {seen.pairs} pairs"
    )


def _noise(spread: float, least: float, pairs: int) -> str:
    if least <= NOISE_LIMIT:
        return ""
    return (
        f"two windows under the same scheduler scatter by {spread:.0%}, so that {pairs} pairs "
        f"would not show an improvement below {least:.0%}"
    )
