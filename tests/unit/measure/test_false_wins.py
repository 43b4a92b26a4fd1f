"""The stop rule of a trial, in thousands of trials in which nothing differs."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from schedtui.measure.statistics import ERROR, MINIMUM_DETECTABLE, interval, settled, verdict_of
from schedtui.model.trial import Outcome

SERIES = 2000
FEWEST_PAIRS = 3
Noise = Callable[[random.Random], float]
Stop = Callable[[list[float]], bool]


def normal(chance: random.Random) -> float:
    return chance.gauss(0, 0.1)


def even(chance: random.Random) -> float:
    return chance.uniform(-0.1, 0.1)


def with_outliers(chance: random.Random) -> float:
    return chance.gauss(0, 1.0 if chance.random() < 0.1 else 0.1)


def as_a_trial(ratios: list[float]) -> bool:
    return settled(ratios, MINIMUM_DETECTABLE)


def at_the_first_win(ratios: list[float]) -> bool:
    return interval(ratios)[0] > 0


def false_wins(noise: Noise, most_pairs: int, stop: Stop) -> float:
    """Return the share of series that are called better; a trial looks after every pair."""
    chance = random.Random(20)  # noqa: S311 - noise, not secrets
    wins = 0
    for _ in range(SERIES):
        ratios = [noise(chance) for _ in range(FEWEST_PAIRS)]
        while len(ratios) < most_pairs and not stop(ratios):
            ratios.append(noise(chance))
        wins += verdict_of(*interval(ratios), MINIMUM_DETECTABLE) is Outcome.BETTER
    return wins / SERIES


@pytest.mark.parametrize(
    ("noise", "most_pairs"), [(normal, 7), (normal, 5), (even, 5), (with_outliers, 5)]
)
def test_stopping_early_wins_no_more_often_than_it_may(noise: Noise, most_pairs: int) -> None:
    assert false_wins(noise, most_pairs, as_a_trial) <= ERROR


def test_stopping_at_the_first_win_would() -> None:
    assert false_wins(normal, 5, at_the_first_win) > ERROR
