"""Events as lines for a person who waits, with a sign of life out of long gates."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from schedtui.commands.narrate import bare_pair, narrate
from schedtui.model.events import ControlJudged, GateProgress, PairMeasured

EVERY_S: Final = 5.0
"""Shortest time between two signs of life."""


class Following:
    """Tells events; of the many signs of life only some.

    With ``ranking`` it is told of pairs only what they measured, not what follows from it.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, ranking: bool = False
    ) -> None:
        self._clock = clock
        self._told_at = clock()
        self._ranking = ranking
        self._unfit = False

    def lines(self, event: object) -> tuple[str, ...]:
        """Return the lines for one event."""
        lines = self._lines(event)
        if isinstance(event, GateProgress) and self._clock() - self._told_at >= EVERY_S:
            lines = (f"            {event.done} of {event.total}  {event.note}",)
        if lines:
            self._told_at = self._clock()
        return lines

    def _lines(self, event: object) -> tuple[str, ...]:
        if isinstance(event, ControlJudged):
            self._unfit = bool(event.control.unfit)
        if (self._ranking or self._unfit) and isinstance(event, PairMeasured):
            return (bare_pair(event),)
        return narrate(event)
