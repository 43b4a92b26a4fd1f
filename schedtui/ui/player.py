"""Lets a recording run: which moment is due now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from schedtui.ui.timeline import Timeline

SLOWEST: Final = 0.25
FASTEST: Final = 64.0


class Player:
    """Moves through a timeline at the speed of its samples, or a multiple of it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.speed = 1.0
        self._from: tuple[float, int] | None = None

    @property
    def playing(self) -> bool:
        """Tell whether it moves."""
        return self._from is not None

    def play(self, timeline: Timeline) -> None:
        """Move on from the shown moment; from the start when that is the end."""
        if timeline.shown_ms >= timeline.span_ms[1]:
            timeline.to_start()
        self._from = (self._clock(), timeline.shown_ms)

    def hold(self) -> None:
        """Stay at the shown moment."""
        self._from = None

    def again_from(self, timeline: Timeline) -> None:
        """Go on from another moment, or at another speed."""
        if self._from is not None:
            self._from = (self._clock(), timeline.shown_ms)

    def change_speed(self, times: float, timeline: Timeline) -> None:
        """Go faster or slower from now on."""
        self.speed = max(SLOWEST, min(FASTEST, self.speed * times))
        self.again_from(timeline)

    def move(self, timeline: Timeline) -> None:
        """Show the moment that is due."""
        if self._from is None:
            return
        began, from_ms = self._from
        timeline.show(from_ms + (self._clock() - began) * 1000 * self.speed)
        if timeline.shown_ms >= timeline.span_ms[1]:
            self.hold()
