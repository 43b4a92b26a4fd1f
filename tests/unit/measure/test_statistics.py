from __future__ import annotations

import math
import random
import statistics

import pytest

from schedtui.measure.statistics import (
    MeasureError,
    Standing,
    anytime_interval,
    effect,
    interval,
    log_ratio,
    sign_flip_least,
    sign_flip_p,
    standing,
    verdict_of,
)
from schedtui.model.goal import Direction, Guardrail, Metric
from schedtui.model.trial import Effect, Outcome, Pair, Window

P99 = Metric.REQUEST_P99


def pair(baseline: float, candidate: float, metric: str = P99, index: int = 0) -> Pair:
    left = Window("default", ((metric, baseline),))
    right = Window("mine", ((metric, candidate),))
    return Pair(index, left, right, baseline_first=index % 2 == 0)


def pairs_of(ratios: list[float]) -> list[Pair]:
    return [pair(math.exp(ratio), 1.0, index=i) for i, ratio in enumerate(ratios)]


def normal(chance: random.Random, mean: float, count: int) -> list[float]:
    return [chance.gauss(mean, 0.1) for _ in range(count)]


def test_improvement_is_positive_in_both_directions() -> None:
    assert log_ratio(pair(200, 100), P99, Direction.LOWER) == pytest.approx(math.log(2))
    assert log_ratio(pair(100, 200), P99, Direction.HIGHER) == pytest.approx(math.log(2))


def test_effect_of_a_clear_halving() -> None:
    seen = effect([pair(200, 100), pair(210, 100), pair(190, 100)], P99, Direction.LOWER)
    assert seen.factor == pytest.approx((2 * 2.1 * 1.9) ** (1 / 3))
    assert seen.outcome is Outcome.BETTER
    assert (seen.baseline_median, seen.candidate_median, seen.pairs) == (200, 100, 3)
    assert seen.low < seen.factor < seen.high


def test_three_pairs_get_students_interval() -> None:
    ratios = [0.6, 0.7, 0.8]
    low, high = interval(ratios)
    half = 4.303 * 0.1 / math.sqrt(3)
    assert (low, high) == pytest.approx((0.7 - half, 0.7 + half))


def test_the_same_pairs_always_give_the_same_interval() -> None:
    ratios = [0.1, 0.2, 0.15, 0.3, 0.05, 0.22, 0.18]
    assert interval(ratios) == interval(ratios)
    low, high = interval(ratios)
    assert min(ratios) < low < statistics.fmean(ratios) < high < max(ratios)


@pytest.mark.parametrize("count", [3, 5, 6, 7, 12])
def test_intervals_cover_the_truth_about_as_often_as_they_say(count: int) -> None:
    chance = random.Random(7)  # noqa: S311 - noise, not secrets
    runs = 150
    covered = 0
    for _ in range(runs):
        low, high = interval(normal(chance, 0.3, count))
        covered += low <= 0.3 <= high
    assert covered / runs >= 0.90


def test_looking_after_every_pair_rarely_calls_nothing_something() -> None:
    chance = random.Random(11)  # noqa: S311 - noise, not secrets
    runs = 400
    alarms = naive = 0
    for _ in range(runs):
        ratios = normal(chance, 0.0, 20)
        looks = [anytime_interval(ratios[:n]) for n in range(2, 21)]
        alarms += any(low > 0 or high < 0 for low, high in looks)
        half = [1.96 * statistics.stdev(ratios[:n]) / math.sqrt(n) for n in range(2, 21)]
        means = [statistics.fmean(ratios[:n]) for n in range(2, 21)]
        naive += any(abs(m) > h for m, h in zip(means, half, strict=True))
    assert alarms / runs <= 0.06
    assert naive / runs > 0.20  # the rule is needed: peeking at plain intervals does this


def test_anytime_interval_is_wider_and_needs_two_pairs() -> None:
    assert anytime_interval([0.5]) == (-math.inf, math.inf)
    ratios = [2.0, 2.1, 2.2]
    wide, plain = anytime_interval(ratios), interval(ratios)
    assert wide[0] < plain[0] < plain[1] < wide[1]
    assert wide[0] > 0  # a large steady effect is decided by three pairs


def test_outcomes() -> None:
    assert verdict_of(-0.02, 0.03, 0.05) is Outcome.NO_DIFFERENCE
    assert verdict_of(0.01, 0.03, 0.05) is Outcome.NO_DIFFERENCE
    assert verdict_of(0.01, 0.5, 0.05) is Outcome.BETTER
    assert verdict_of(-0.5, -0.01, 0.05) is Outcome.WORSE
    assert verdict_of(-0.5, 0.5, 0.05) is Outcome.UNDECIDED


def test_sign_flip_p_is_exact() -> None:
    assert sign_flip_p([1.0, 1.0, 1.0]) == pytest.approx(2 / 8)
    assert sign_flip_p([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]) == pytest.approx(2 / 64)
    assert sign_flip_p([1.0, -1.0]) == 1.0
    assert sign_flip_p([3.0, 2.0, -1.0]) == pytest.approx(4 / 8)
    assert sign_flip_p([0.5] * 12) == sign_flip_least(12) == 2 / 4096


def test_sign_flip_p_is_sampled_beyond_twelve_pairs() -> None:
    for pairs in (13, 14, 20):
        assert 0 < sign_flip_least(pairs) <= sign_flip_p([0.5] * pairs) < 0.002
    assert sign_flip_p([0.5] * 20) == sign_flip_least(20) == 1 / 8193
    assert sign_flip_p([0.5, -0.5] * 10) == 1.0


def test_a_missing_metric_is_a_sentence() -> None:
    with pytest.raises(MeasureError, match="under mine did not report request_p99_us"):
        log_ratio(
            Pair(0, Window("default", ((P99, 1.0),)), Window("mine", ()), baseline_first=True),
            P99,
            Direction.LOWER,
        )
    with pytest.raises(MeasureError, match="nothing to compare"):
        log_ratio(pair(0, 1), P99, Direction.LOWER)
    with pytest.raises(MeasureError, match="two pairs"):
        effect([pair(2, 1)], P99, Direction.LOWER)


def test_no_missed_frames_count_as_less_than_one() -> None:
    seen = log_ratio(pair(30, 0, Metric.MISSED_FRAMES), Metric.MISSED_FRAMES, Direction.LOWER)
    assert math.exp(seen) == pytest.approx(100)
    same = log_ratio(pair(0, 0, Metric.MISSED_FRAMES), Metric.MISSED_FRAMES, Direction.LOWER)
    assert same == 0


def test_two_unlike_pairs_stay_finite() -> None:
    seen = effect(pairs_of([5.0, -5.0]), P99, Direction.LOWER)
    assert math.isfinite(seen.high)
    assert seen.low > 0
    assert seen.outcome is Outcome.UNDECIDED


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.99, 1.2, Standing.KEPT),
        (0.5, 0.9, Standing.BROKEN),
        (0.9, 1.1, Standing.UNPROVEN),
    ],
)
def test_standing_of_a_guardrail(low: float, high: float, said: Standing) -> None:
    rail = Guardrail(Metric.RATE, Direction.HIGHER, 0.02, "the rate must not drop")
    seen = Effect(Metric.RATE, Direction.HIGHER, 1.0, low, high, 3, 1, 1, Outcome.UNDECIDED)
    assert standing(seen, rail) is said
