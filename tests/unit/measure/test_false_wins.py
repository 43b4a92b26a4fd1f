"""The stop rule of a trial, in thousands of trials in which nothing differs."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Sequence

import pytest

from schedtui.measure.contamination import Series
from schedtui.measure.statistics import (
    ERROR,
    MINIMUM_DETECTABLE,
    interval,
    log_ratio,
    settled,
    verdict_of,
)
from schedtui.model.goal import Direction
from schedtui.model.trial import Disturbance, Outcome, Pair, Window

SERIES = 2000
FEWEST_PAIRS = 3
METRIC = "makespan_ms"
Noise = Callable[[random.Random], float]
Stop = Callable[[list[float]], bool]


def normal(chance: random.Random) -> float:
    return chance.gauss(0, 0.1)


def even(chance: random.Random) -> float:
    return chance.uniform(-0.1, 0.1)


def with_outliers(chance: random.Random) -> float:
    return chance.gauss(0, 1.0 if chance.random() < 0.1 else 0.1)


def spoilt_at_times(chance: random.Random) -> Window:
    """A window of which a busy host takes what it likes; the figure suffers by all of it."""
    kept = chance.uniform(0, 0.6) if chance.random() < 0.3 else 0.0
    figure = math.exp(normal(chance) / 2) / (1 - kept)
    return Window("default", ((METRIC, figure),), Disturbance(kept, 0.0, 0.0, None))


def ratios_of(pairs: Sequence[Pair]) -> list[float]:
    return [log_ratio(pair, METRIC, Direction.LOWER) for pair in pairs]


def as_a_trial(ratios: list[float]) -> bool:
    return settled(ratios, MINIMUM_DETECTABLE)


def at_the_first_win(ratios: list[float]) -> bool:
    return interval(ratios)[0] > 0


def called_better(ratios: list[float]) -> bool:
    # Half of them cannot be, which saves half of the resampling.
    above = statistics.fmean(ratios) > 0
    return above and verdict_of(*interval(ratios), MINIMUM_DETECTABLE) is Outcome.BETTER


def false_wins(noise: Noise, most_pairs: int, stop: Stop) -> float:
    """Return the share of series that are called better; a trial looks after every pair."""
    chance = random.Random(20)  # noqa: S311 - noise, not secrets
    wins = 0
    for _ in range(SERIES):
        ratios = [noise(chance) for _ in range(FEWEST_PAIRS)]
        while len(ratios) < most_pairs and not stop(ratios):
            ratios.append(noise(chance))
        wins += called_better(ratios)
    return wins / SERIES


@pytest.mark.parametrize(
    ("noise", "most_pairs"), [(normal, 7), (normal, 5), (even, 5), (with_outliers, 5)]
)
def test_stopping_early_wins_no_more_often_than_it_may(noise: Noise, most_pairs: int) -> None:
    assert false_wins(noise, most_pairs, as_a_trial) <= ERROR


def test_dropping_what_a_host_has_spoilt_chooses_no_winner_and_is_worth_it() -> None:
    chance = random.Random(21)  # noqa: S311 - noise, not secrets
    wins, counted, all_of_them = 0, list[float](), list[float]()
    for _ in range(SERIES):
        series = Series(5)
        while len(series.pairs) < FEWEST_PAIRS or not (
            len(series.pairs) == series.planned or as_a_trial(ratios_of(series.pairs))
        ):
            sides = spoilt_at_times(chance), spoilt_at_times(chance)
            series.take(Pair(len(series.pairs), *sides, baseline_first=True))
        ratios = ratios_of(series.pairs)
        wins += called_better(ratios)
        counted += ratios
        all_of_them += [*ratios, *ratios_of(series.dropped)]
    assert wins / SERIES <= ERROR
    assert statistics.pstdev(counted) < 0.8 * statistics.pstdev(all_of_them)


def test_stopping_at_the_first_win_would() -> None:
    assert false_wins(normal, 5, at_the_first_win) > ERROR
