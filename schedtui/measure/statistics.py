"""From pairs of windows to an effect with an honest interval.

A pair is two windows run next to each other, so what disturbs both cancels in their ratio. All
figures here are natural logarithms of the improvement: positive is better, whatever the metric's
good direction is. 0.69 is "twice as good".
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
import random
import statistics
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final

from schedtui.model.goal import Direction, Guardrail, Metric
from schedtui.model.trial import Effect, Outcome, Pair

MINIMUM_DETECTABLE: Final = 0.05
"""Effects smaller than this share are of no interest unless a caller says otherwise."""

ERROR: Final = 0.05
"""Chance of excluding the truth that an interval or a test may take."""

_RESAMPLES: Final = 2000
_SEED: Final = 20260
_SMALL_SAMPLE: Final = 5
_EXACT_PAIRS: Final = 12
_SAMPLED_PATTERNS: Final = 1 << 13
_POWER_QUANTILE: Final = 0.842  # normal quantile of four in five
# Prior variance of the standardised effect is 1 / _MIXTURE: broad, because a policy that helps
# at all changes these workloads by several standard deviations of a pair.
_MIXTURE: Final = 0.05
_RESOLUTION: Final[dict[str, float]] = {Metric.MISSED_FRAMES: 0.3, "missed_periods_pct": 0.03}
# Two-sided 95 % quantiles of Student's t by degrees of freedom, from 1.
_T_QUANTILES: Final = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093),
)

Interval = tuple[float, float]


class MeasureError(Exception):
    """A measurement cannot be judged. The text is a sentence for people."""


class Standing(StrEnum):
    """How a guardrail came out of a trial."""

    KEPT = "kept"
    BROKEN = "broken"
    UNPROVEN = "unproven"


def log_ratio(pair: Pair, metric: str, direction: Direction) -> float:
    """Return the logarithm of the improvement in one pair, positive for better.

    A share of missed frames below one frame in a window cannot be told from zero, so it counts
    as that much (0.3 %): an improvement to nothing stays finite and is not exaggerated.

    Raises:
        MeasureError: A window lacks the metric, or its value is not positive.
    """
    baseline = _value(pair, metric, baseline=True)
    candidate = _value(pair, metric, baseline=False)
    ratio = math.log(baseline / candidate)
    return ratio if direction is Direction.LOWER else -ratio


def effect(
    pairs: Sequence[Pair],
    metric: str,
    direction: Direction,
    minimum_detectable: float = MINIMUM_DETECTABLE,
) -> Effect:
    """Judge one metric over all pairs.

    The outcome is NO_DIFFERENCE when the whole interval is within ``minimum_detectable`` of no
    change (0.05: a factor from 1/1.05 to 1.05), else BETTER or WORSE when the interval excludes
    no change, else UNDECIDED.

    Raises:
        MeasureError: Fewer than two pairs, or a metric is missing in a window.
    """
    ratios = [log_ratio(pair, metric, direction) for pair in pairs]
    low, high = interval(ratios)
    return Effect(
        metric=metric,
        direction=direction,
        factor=math.exp(statistics.fmean(ratios)),
        low=_factor(low),
        high=_factor(high),
        pairs=len(ratios),
        baseline_median=statistics.median(_value(pair, metric, baseline=True) for pair in pairs),
        candidate_median=statistics.median(_value(pair, metric, baseline=False) for pair in pairs),
        outcome=verdict_of(low, high, minimum_detectable),
    )


def verdict_of(low: float, high: float, minimum_detectable: float) -> Outcome:
    """Return what an interval of log-ratios says; see :func:`effect`."""
    margin = math.log1p(minimum_detectable)
    if -margin <= low and high <= margin:
        return Outcome.NO_DIFFERENCE
    if low > 0:
        return Outcome.BETTER
    return Outcome.WORSE if high < 0 else Outcome.UNDECIDED


def standing(judged: Effect, guardrail: Guardrail) -> Standing:
    """Tell whether a guardrail held: proved by the interval either way, or not proved.

    An unproven guardrail is for the caller to judge by ``judged.factor``; it is never silently
    taken as kept.
    """
    worst = 1 - guardrail.tolerance
    if judged.low >= worst:
        return Standing.KEPT
    return Standing.BROKEN if judged.high < worst else Standing.UNPROVEN


def interval(ratios: Sequence[float]) -> Interval:
    """Return a 95 % interval of the mean log-ratio.

    Up to five pairs it is Student's t interval. Resampling so few values yields only a handful
    of different means and can never leave the range that was seen: with three pairs its "95 %"
    covers the truth in about three of four cases. The t interval assumes that log-ratios are
    about normal, which ratios of neighbouring windows are, and pays for few pairs in width.

    From six pairs on it is the percentile bootstrap (2000 resamples of pairs, seeded), with the
    percentiles moved outwards to where the t quantile is: the plain ones are still too narrow
    by a factor sqrt((n-1)/n) and by the difference between t and normal.

    Raises:
        MeasureError: Fewer than two pairs.
    """
    if len(ratios) < 2:
        raise MeasureError("an interval takes at least two pairs")
    if len(ratios) <= _SMALL_SAMPLE:
        return _t_interval(ratios)
    return _bootstrap_interval(ratios)


def anytime_interval(ratios: Sequence[float]) -> Interval:
    """Return a 95 % interval of the mean that may be looked at after every pair.

    Stopping as soon as an ordinary interval excludes zero calls far more than 5 % of useless
    policies good. This one inverts a test martingale: the Bayes factor of a normal mixture over
    the standardised effect, with the unknown standard deviation integrated out by its
    scale-invariant prior (the sequential t-test of Lai, 1976). The chance that it *ever*
    excludes the truth is at most 5 %, 2.5 % on either side, if log-ratios are normal.

    It is infinite until enough pairs are there.
    """
    count = len(ratios)
    if count < 2:
        return -math.inf, math.inf
    weight = count + _MIXTURE
    share = weight * (1 - (ERROR**2 * _MIXTURE / weight) ** (1 / count))
    if share >= count:
        return -math.inf, math.inf
    squares = (count - 1) * statistics.variance(ratios)
    half = math.sqrt(share * squares / (count * (count - share)))
    mean = statistics.fmean(ratios)
    return mean - half, mean + half


def settled(ratios: Sequence[float], minimum_detectable: float) -> bool:
    """Tell whether these pairs decide, however often one looked before: more need not be measured.

    It is the look that the stop rule of a trial takes after every pair.
    """
    return verdict_of(*anytime_interval(ratios), minimum_detectable) is not Outcome.UNDECIDED


def sign_flip_p(ratios: Sequence[float]) -> float:
    """Return the two-sided p of "no effect": exact up to 12 pairs, sampled beyond.

    If the policy did nothing, each log-ratio could as well have had the other sign; p is the
    share of all sign patterns whose sum is at least as far from zero. With n pairs it cannot be
    below 2 / 2**n, so it needs six pairs to fall below 5 %. Where patterns are sampled, the one
    that was seen counts among them: p is then never zero, and never too small on average.
    """
    seen = abs(math.fsum(ratios)) * (1 - 1e-12)
    if not sampled(len(ratios)):
        patterns = itertools.product((1, -1), repeat=len(ratios))
        extreme = sum(_flipped(ratios, signs) >= seen for signs in patterns)
        return float(extreme / 2 ** len(ratios))
    chance = random.Random(_SEED)  # noqa: S311 - resampling, not secrets
    extreme = sum(
        _flipped(ratios, chance.choices((1, -1), k=len(ratios))) >= seen
        for _ in range(_SAMPLED_PATTERNS)
    )
    return (1 + extreme) / (1 + _SAMPLED_PATTERNS)


def sign_flip_least(pairs: int) -> float:
    """Return the smallest p that :func:`sign_flip_p` can give for so many pairs."""
    return 1 / (1 + _SAMPLED_PATTERNS) if sampled(pairs) else 2.0 ** (1 - pairs)


def sampled(pairs: int) -> bool:
    """Tell whether the sign-flip test of so many pairs samples sign patterns."""
    return pairs > _EXACT_PAIRS


def detectable(spread: float, pairs: int) -> float:
    """Return the smallest improvement that ``pairs`` would show in four of five trials.

    It is a share (0.2: a factor of 1.2) and follows from the standard deviation ``spread`` of a
    pair's log-ratio: (t quantile + 0.84) x spread / sqrt(pairs), the usual reckoning of power.
    """
    log = (_t_quantile(pairs) + _POWER_QUANTILE) * spread / math.sqrt(pairs)
    return _factor(log) - 1


def _flipped(ratios: Sequence[float], signs: Sequence[int]) -> float:
    return abs(math.fsum(sign * ratio for sign, ratio in zip(signs, ratios, strict=True)))


def _value(pair: Pair, metric: str, *, baseline: bool) -> float:
    window = pair.baseline if baseline else pair.candidate
    try:
        value = window.metric(metric)
    except KeyError as error:
        raise MeasureError(
            f"the window under {window.scheduler} did not report {metric}"
        ) from error
    value = max(value, _RESOLUTION.get(metric, 0.0))
    if not value > 0 or math.isinf(value):
        raise MeasureError(f"{metric} was {value:g} under {window.scheduler}: nothing to compare")
    return value


def _factor(log: float) -> float:
    """Keep the factor finite: an interval from two unlike pairs can be absurdly wide."""
    return math.exp(min(max(log, -30.0), 30.0))


def _t_quantile(count: int) -> float:
    return _T_QUANTILES[min(count - 1, len(_T_QUANTILES)) - 1]


def _t_interval(ratios: Sequence[float]) -> Interval:
    mean = statistics.fmean(ratios)
    half = _t_quantile(len(ratios)) * statistics.stdev(ratios) / math.sqrt(len(ratios))
    return mean - half, mean + half


@functools.cache
def _resamples(count: int) -> tuple[Callable[[Sequence[float]], Sequence[float]], ...]:
    """Return what picks a resample out of ``count`` pairs; they are the same for any pairs."""
    chance = random.Random(_SEED)  # noqa: S311 - resampling, not secrets
    places = range(count)
    return tuple(operator.itemgetter(*chance.choices(places, k=count)) for _ in range(_RESAMPLES))


def _bootstrap_interval(ratios: Sequence[float]) -> Interval:
    count = len(ratios)
    means = sorted(math.fsum(pick(ratios)) / count for pick in _resamples(count))
    moved = _t_quantile(count) * math.sqrt(count / (count - 1))
    tail = statistics.NormalDist().cdf(-moved)
    rank = min(max(round(tail * _RESAMPLES), 1), _RESAMPLES // 2)
    return means[rank - 1], means[-rank]
