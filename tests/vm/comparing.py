"""How an effect is shown on a host in use: by several tries, each with what disturbed it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

import pytest

from schedtui.model.battery import HeldUp

TRIES: Final = 3
CROWDED: Final = 0.3
"""Share of the time for which a guest's CPUs were kept waiting, above which a window says little:
turns of milliseconds are lost in pauses that are longer."""
_TWICE: Final = 2
_PATIENCE_S: Final = 8.0
"""No third try begins later than that after the first one."""

_Judge = Callable[[float], bool]


class _Delays(Protocol):
    def held_up(self) -> HeldUp: ...


class Delayed(Protocol):
    """A guest of which is known how long its CPUs were kept waiting."""

    async def vcpus(self) -> _Delays:
        """Return who counts."""
        ...


@dataclass(frozen=True, slots=True)
class Expected:
    """What an effect is to come out as."""

    holds: _Judge
    opposite: _Judge
    """What no crowd explains: the policy does the contrary of what it says."""


def below(limit: float, *, neutral: float = 1.0) -> Expected:
    """Return that it is less than a limit; ``neutral`` is what no effect at all would be."""
    return Expected(lambda found: found < limit, lambda found: found > neutral)


def above(limit: float, *, neutral: float = 1.0) -> Expected:
    """Return that it is more than a limit; ``neutral`` is what no effect at all would be."""
    return Expected(lambda found: found > limit, lambda found: found < neutral)


def between(low: float, high: float, opposite: _Judge) -> Expected:
    """Return that it lies between two figures."""
    return Expected(lambda found: low < found < high, opposite)


async def compared(
    guest: Delayed, measure: Callable[[], Awaitable[float]], expected: Expected
) -> None:
    """Measure until it comes out as it should, at most three times, and not for too long.

    While others have the host's CPUs it must come out so twice, as once may be luck. When it does
    not, and they had them each time, nothing is known: skipped then, unless it came out as the
    opposite each time.
    """
    vcpus = await guest.vcpus()
    told: list[tuple[float, float]] = []
    started = time.monotonic()
    while len(told) < _TWICE or (len(told) < TRIES and time.monotonic() < started + _PATIENCE_S):
        before = vcpus.held_up()
        found = await measure()
        after = vcpus.held_up()
        lost = after.lost_since_ms(before) / 1e3 / (after.seconds - before.seconds)
        told.append((found, lost))
        held = sum(expected.holds(each) for each, _ in told)
        if expected.holds(found) and (lost <= CROWDED or held == _TWICE):
            return
    _end(told, expected)


def _end(told: list[tuple[float, float]], expected: Expected) -> None:
    sentence = "; ".join(f"{found:.3g} (kept waiting for {lost:.0%})" for found, lost in told)
    crowded = all(lost > CROWDED for _, lost in told)
    if crowded and not all(expected.opposite(found) for found, _ in told):
        pytest.skip(f"the host is in use: {sentence}")
    raise AssertionError(sentence)
