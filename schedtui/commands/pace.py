"""How long a trial or a sweep still goes on, from the pace of its pairs so far."""

from __future__ import annotations

import time
from collections.abc import Callable

from schedtui.model.events import ControlJudged, ControlMeasured, PairMeasured


class Pace:
    """Follows the events of one trial of at most ``pairs`` pairs."""

    def __init__(self, pairs: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._pairs = pairs
        self._clock = clock
        self._began = clock()

    def left(self, event: object) -> str:
        """Return the time left in words after a pair, empty after anything else.

        It is less when fewer pairs decide, and more when the host spoils some.
        """
        if isinstance(event, ControlJudged):
            self._began = self._clock()
        if not isinstance(event, PairMeasured):
            return ""
        done = event.pair.index + 1
        seconds = (self._clock() - self._began) / done * (self._pairs - done)
        return f"; about {seconds:.0f} s more" if done < self._pairs else ""


class SweepPace:
    """Follows the pairs of a whole sweep, those of controls among them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._done = 0
        self._ahead = 0

    def expect(self, pairs: int) -> None:
        """Take note of the pairs that are still to come."""
        self._ahead = pairs

    def left(self, event: object) -> str:
        """Return the time left in words after a pair, empty after anything else."""
        if not isinstance(event, PairMeasured | ControlMeasured):
            return ""
        self._done += 1
        self._ahead -= 1
        seconds = (self._clock() - self._began) / self._done * self._ahead
        return f"; about {seconds:.0f} s more" if self._ahead > 0 else ""
