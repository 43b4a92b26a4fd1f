"""Any text gets an answer, soon, and noise never becomes a plan."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from schedtui.agent.intake import read_goal
from schedtui.model.goal import Clarification, GoalSpec, Refusal
from tests.unit.agent.goal_sets import rows

MOST_CPU_SECONDS: Final = 0.05
CASES: Final = 60
WORDS: Final = [word for goal in rows("forum_goals.toml") for word in goal.text.split()]
SCRIPTS: Final = (
    (1, 0x24F),
    (0x250, 0x2FFF),
    (0x3040, 0x9FFF),
    (0xA000, 0xFFFF),
    (0x10000, 0x1FFFF),
)


def letters(chance: random.Random, scripts: tuple[tuple[int, int], ...], length: int) -> str:
    picked = (chance.choice(scripts) for _ in range(length))
    return "".join(chr(chance.randrange(low, high)) for low, high in picked)


def unicode_noise(chance: random.Random) -> str:
    return letters(chance, SCRIPTS, chance.randrange(200))


def control_noise(chance: random.Random) -> str:
    return letters(chance, ((0, 0x20), (0x7F, 0xA0), (0x200B, 0x2070)), chance.randrange(3000))


def typed_noise(chance: random.Random) -> str:
    keys = "qwrtpsdfghjklzxcvbnm,.-;: 0123456789%<>$"
    return "".join(chance.choice(keys) for _ in range(chance.randrange(1, 400)))


def shuffled_words(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randrange(1, 600)))


def long_repeats(chance: random.Random) -> str:
    return (chance.choice(WORDS) + chance.choice((" ", ",", ". ", "\n", ""))) * 4000


def texts(make: Callable[[random.Random], str]) -> Iterator[str]:
    chance = random.Random(41)  # noqa: S311 - test data, not a secret
    return (make(chance) for _ in range(CASES))


@pytest.mark.parametrize(
    "make", [unicode_noise, control_noise, typed_noise, shuffled_words, long_repeats]
)
def test_any_text_is_answered_soon(make: Callable[[random.Random], str]) -> None:
    for text in texts(make):
        # The time of this thread: a busy machine must not fail the test.
        times = []
        for _ in range(3):
            before = time.thread_time()
            answer = read_goal(text)
            times.append(time.thread_time() - before)
            if times[-1] < MOST_CPU_SECONDS:
                break
        assert isinstance(answer, GoalSpec | Clarification | Refusal)
        assert min(times) < MOST_CPU_SECONDS, text[:80]


@pytest.mark.parametrize("make", [unicode_noise, control_noise, typed_noise, long_repeats])
def test_noise_never_becomes_a_goal(make: Callable[[random.Random], str]) -> None:
    taken = [text for text in texts(make) if isinstance(read_goal(text), GoalSpec)]
    assert taken == []


def test_noise_around_an_unsafe_wish_does_not_hide_it() -> None:
    chance = random.Random(7)  # noqa: S311 - test data, not a secret
    for _ in range(CASES // 4):
        noise = letters(chance, ((0x21, 0x2F), (0x200B, 0x2010), (1, 0x1F)), 20)
        text = f"{noise}\ndisable the watchdog\n{noise}"
        assert isinstance(read_goal(text), Refusal)
