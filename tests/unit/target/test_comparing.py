"""How the effects of policies are judged on a host in use: crowded tries excuse little."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import pytest

from schedtui.model.battery import HeldUp
from tests.vm.comparing import CROWDED, TRIES, Expected, above, below, between, compared

QUIET, BUSY = CROWDED / 3, CROWDED * 2


class Tries:
    """A guest that finds one figure after the other, on a host that keeps it waiting so much."""

    def __init__(self, found: Sequence[float], lost: Sequence[float]) -> None:
        self._found = iter(found)
        looks = [HeldUp(0.0, (0.0,), ())]
        for second, share in zip(count(1), lost, strict=False):
            waited = looks[-1].delays_ms[0]
            looks += [HeldUp(float(second), (waited + 1e3 * share,), ())] * 2
        self._looks = iter(looks)
        self.tries = 0

    async def vcpus(self) -> Tries:
        return self

    def held_up(self) -> HeldUp:
        return next(self._looks)

    async def measure(self) -> float:
        self.tries += 1
        return next(self._found)


async def tried(guest: Tries, expected: Expected) -> int:
    await compared(guest, guest.measure, expected)
    return guest.tries


@pytest.mark.parametrize(
    ("found", "lost", "tries"),
    [
        ([0.5], [QUIET], 1),
        ([0.9, 0.5], [QUIET, QUIET], 2),
        ([0.5, 0.5], [BUSY, BUSY], 2),
        ([0.5, 0.9, 0.5], [BUSY, BUSY, BUSY], 3),
    ],
)
async def test_it_holds_once_where_it_is_quiet_and_twice_where_it_is_not(
    found: list[float], lost: list[float], tries: int
) -> None:
    assert await tried(Tries(found, lost), below(0.7)) == tries


async def test_where_it_never_holds_it_fails_with_the_figures() -> None:
    guest = Tries([0.9, 0.8, 0.9], [QUIET, BUSY, BUSY])
    with pytest.raises(AssertionError, match=r"^0\.9 \(kept waiting for 10%\); 0\.8 "):
        await tried(guest, below(0.7))
    assert guest.tries == TRIES


async def test_what_is_in_doubt_in_a_crowd_is_skipped_with_the_figures() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"in use: 1\.2 .*; 0\.9 .*; 1\.1 "):
        await tried(Tries([1.2, 0.9, 1.1], [BUSY] * 3), below(0.7))


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (below(0.7), [1.2, 1.1, 1.4]),
        (below(0.25, neutral=0.5), [0.6, 0.7, 0.6]),
        (above(1.15), [0.9, 0.8, 0.9]),
        (between(2.0, 4.5, lambda ratio: ratio < 1), [0.9, 0.8, 0.9]),
    ],
)
async def test_no_crowd_excuses_the_opposite_each_time(
    expected: Expected, found: list[float]
) -> None:
    with pytest.raises(AssertionError, match="kept waiting for 60%"):
        await tried(Tries(found, [BUSY] * 3), expected)
