"""The A/A control: is this host steady enough for a trial to mean anything?

Pairs of windows run as in a trial, in the boot of the trial, but all under the baseline, which is
the default scheduler unless a policy is tuned.
Whatever they differ by is the host's doing. The host is unfit when

* the interval excludes no change and is not wholly within the minimum detectable effect, and the
  sign-flip test agrees: something favours one side, and would favour a candidate as well; or
* neighbouring windows scatter so much that the trial would not even show a doubling.

Either suspicion is looked at again with as many pairs more before it counts: on a fit host the
interval of few pairs excludes no change in one session of twenty. The exact sign-flip test must
then agree, which with six pairs it can: it assumes nothing of how a host scatters.

Pairs that the host has spoilt are measured again here as in the trial: the control speaks for the
pairs that will count, and a host that spoils more than the cap allows shows in the scatter.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schedtui.measure.catalogue import shortened
from schedtui.measure.contamination import Series
from schedtui.measure.sides import DEFAULT_SCHEDULER, sides
from schedtui.measure.statistics import (
    ERROR,
    MINIMUM_DETECTABLE,
    detectable,
    effect,
    log_ratio,
    sign_flip_p,
)
from schedtui.measure.trial import WARM_UP_S, Bench, OnDropped, OnPair
from schedtui.measure.wording import figures_text
from schedtui.model.goal import Direction
from schedtui.model.trial import Control, Effect, Outcome, Pair, Window, WorkloadSpec

CONTROL_PAIRS: Final = 3
"""Pairs of the control, and as many more when these rouse suspicion."""

NOISE_LIMIT: Final = 1.0
"""A host is unfit when a trial on it would not show an improvement by this share, a doubling.

Below it, noise only makes the gains larger that may be claimed (``Control.detectable``)."""


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
    baseline: str = DEFAULT_SCHEDULER
    """How the windows are labelled, which all run under the baseline of the trial."""


async def run_control(
    bench: Bench, plan: ControlPlan, *, on_pair: OnPair, on_dropped: OnDropped = lambda _: None
) -> Control:
    """Measure the baseline against itself; the candidate is never in charge.

    Raises:
        MeasureError: A window lacks the metric.
        TrialError: Whatever the bench raises.
    """
    under_way = _Control(bench, plan, on_pair, on_dropped, Series(plan.pairs))
    await bench.window(shortened(plan.spec, WARM_UP_S))
    control = await under_way.judged(plan.pairs)
    return await under_way.judged(2 * plan.pairs) if control.unfit else control


@dataclass(slots=True)
class _Control:
    bench: Bench
    plan: ControlPlan
    on_pair: OnPair
    on_dropped: OnDropped
    series: Series

    async def judged(self, count: int) -> Control:
        """Measure until ``count`` pairs count, and judge them."""
        pairs = self.series.pairs
        while len(pairs) < count:
            pair = self.series.take(await self._pair(len(pairs)))
            if pair is None:
                self.on_dropped(self.series.dropped[-1])
            else:
                self.on_pair(pair, _effect(pairs, self.plan) if len(pairs) >= 2 else None)
        dropped = tuple(self.series.dropped)
        return dataclasses.replace(judge_control(pairs, self.plan), dropped=dropped)

    async def _pair(self, index: int) -> Pair:
        first, second = await self._window(), await self._window()
        baseline_first = index % 2 == 0
        sides = (first, second) if baseline_first else (second, first)
        return Pair(index, *sides, baseline_first)

    async def _window(self) -> Window:
        metrics = await self.bench.window(self.plan.spec)
        return Window(self.plan.baseline, metrics, await self.bench.disturbance())


def judge_control(pairs: Sequence[Pair], plan: ControlPlan) -> Control:
    """Return what pairs of the baseline against itself say of the host.

    Raises:
        MeasureError: Fewer than two pairs, or a window lacks the metric.
    """
    seen = _effect(pairs, plan)
    ratios = [log_ratio(pair, plan.metric, plan.direction) for pair in pairs]
    spread = _spread(pairs, plan)
    p = sign_flip_p(ratios)
    least = detectable(spread, plan.trial_pairs)
    confirmed = p <= ERROR or len(pairs) <= plan.pairs
    unfit = _noise(spread, least, plan.trial_pairs) or (_bias(seen, plan) if confirmed else "")
    return Control(tuple(pairs), seen, p, spread, least, unfit)


def _spread(pairs: Sequence[Pair], plan: ControlPlan) -> float:
    """Return the root mean square log-ratio of each window to the next, also between pairs.

    One scheduler ran in all of them, so that the ratio is 1 but for noise: this tells more from
    few pairs than their standard deviation does, and a slow drift hardly touches it.
    """
    windows = [window for pair in pairs for window in _in_order(pair)]
    ratios = [
        log_ratio(Pair(0, before, after, baseline_first=True), plan.metric, plan.direction)
        for before, after in itertools.pairwise(windows)
    ]
    return math.sqrt(statistics.fmean(ratio * ratio for ratio in ratios))


def _in_order(pair: Pair) -> tuple[Window, Window]:
    sides = (pair.baseline, pair.candidate)
    return sides if pair.baseline_first else (sides[1], sides[0])


def _effect(pairs: Sequence[Pair], plan: ControlPlan) -> Effect:
    return effect(pairs, plan.metric, plan.direction, plan.minimum_detectable)


def _bias(seen: Effect, plan: ControlPlan) -> str:
    if seen.outcome not in {Outcome.BETTER, Outcome.WORSE}:
        return ""
    who = sides(plan.baseline).baseline
    return f"{seen.metric} of {who} differs from itself by {figures_text(seen)}"


def _noise(spread: float, least: float, pairs: int) -> str:
    if least <= NOISE_LIMIT:
        return ""
    return (
        f"two windows under the same scheduler scatter by {spread:.0%}, so that {pairs} pairs "
        f"would not show an improvement below {least:.0%}"
    )
