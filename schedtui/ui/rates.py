"""How often to sample, and how the screen notices that its link is too slow for that."""

from __future__ import annotations

from queue import Queue
from typing import Final

from schedtui.ui.options import ScreenOptions

LOCAL_HZ: Final = 4.0
SSH_HZ: Final = 2.0
EMULATED_HZ: Final = 2.0
"""In an emulated guest each sample costs about 25 ms of its time."""
LOWEST_HZ: Final = 0.5
HIGHEST_HZ: Final = 10.0
_LATE_PAINTS: Final = 3
_FRAMES_BEHIND: Final = 4


def clamped(hertz: float) -> float:
    """Return ``hertz`` within what the engine accepts."""
    return max(LOWEST_HZ, min(HIGHEST_HZ, hertz))


def default_rate(options: ScreenOptions, *, emulated: bool = False) -> float:
    """Return the wanted rate, or the usual one for the kind of link and target."""
    usual = SSH_HZ if options.over_ssh else LOCAL_HZ
    if emulated:
        usual = min(usual, EMULATED_HZ)
    return clamped(options.rate_hz or usual)


def frames_waiting(driver: object) -> int:
    """Return how many frames wait for the terminal.

    Textual's writer has a queue of 30 frames and no public way to see it; unknown means none.
    """
    queue = getattr(getattr(driver, "_writer_thread", None), "_queue", None)
    return queue.qsize() if isinstance(queue, Queue) else 0


class PaintWatch:
    """Decides when to slow down: several paints in a row took longer than a tick allows."""

    def __init__(self) -> None:
        self._late = 0

    def slower(self, paint_s: float, waiting: int, rate_hz: float) -> float | None:
        """Return a lower rate when painting lags, else None."""
        late = paint_s > 0.8 / rate_hz or waiting >= _FRAMES_BEHIND
        self._late = self._late + 1 if late else 0
        if self._late < _LATE_PAINTS or rate_hz <= LOWEST_HZ:
            return None
        self._late = 0
        return clamped(rate_hz / 2)
