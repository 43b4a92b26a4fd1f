"""How long the host keeps a guest's CPUs waiting.

QEMU runs each CPU of a guest in a thread of its own. While the host runs something else on the
CPU that this thread wants, the guest's CPU stands still, and nothing inside the guest can help it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from schedtui.model.battery import HeldUp

_PROC: Final = Path("/proc")
_STOLEN: Final = 8
"""Column of a CPU's line in ``/proc/stat`` with its stolen time, in ticks of 10 ms."""
_TICK_MS: Final = 10.0


class Vcpus:
    """The threads that run a guest's CPUs."""

    def __init__(
        self,
        pid: int,
        threads: Sequence[int],
        proc: Path = _PROC,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Look at the threads ``threads`` of process ``pid``."""
        self._delays = [proc / str(pid) / "task" / str(thread) / "schedstat" for thread in threads]
        self._stat = proc / "stat"
        self._clock = clock

    def held_up(self) -> HeldUp:
        """Return for how long they have been ready to run and did not; 0 where nobody counts."""
        delays = tuple(_delay_ms(path) for path in self._delays)
        return HeldUp(self._clock(), delays, self._stolen_ms())

    def _stolen_ms(self) -> tuple[float, ...]:
        """Return what was stolen from each CPU of the host itself."""
        try:
            lines = self._stat.read_text("ascii").splitlines()[1:]
            each = [line.split() for line in lines if line.startswith("cpu")]
            return tuple(int(words[_STOLEN]) * _TICK_MS for words in each)
        except (OSError, ValueError, IndexError):
            return ()


def _delay_ms(path: Path) -> float:
    try:
        return int(path.read_text("ascii").split()[1]) / 1e6
    except (OSError, ValueError, IndexError):
        return 0.0
