"""How long the host has kept a guest's CPUs waiting.

QEMU runs each CPU of a guest in a thread of its own. While the host runs something else on the
CPU that this thread wants, the guest's CPU stands still, and nothing inside the guest can help it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_STOLEN: Final = 8
"""Column of a CPU's line in ``/proc/stat`` with its stolen time, in ticks of 10 ms."""
_TICK_MS: Final = 10.0


class HeldUp:
    """Counts how long each CPU of a guest was ready to run and did not."""

    def __init__(self, pid: int, threads: Sequence[int], proc: Path = _PROC) -> None:
        """Count for the threads ``threads`` of process ``pid``."""
        self._delays = [proc / str(pid) / "task" / str(thread) / "schedstat" for thread in threads]
        self._stat = proc / "stat"

    def read_ms(self) -> tuple[float, ...]:
        """Return the milliseconds so far: a figure for each CPU of the guest.

        They are 0 where the host does not count. Includes what was stolen from the host itself:
        the most that one of its CPUs lost.
        """
        stolen = self._stolen_ms()
        return tuple(_delay_ms(path) + stolen for path in self._delays)

    def _stolen_ms(self) -> float:
        try:
            lines = self._stat.read_text("ascii").splitlines()
            each = [line.split() for line in lines if line.startswith("cpu")]
            return max(int(words[_STOLEN]) for words in each[1:]) * _TICK_MS
        except (OSError, ValueError, IndexError):
            return 0.0


def _delay_ms(path: Path) -> float:
    try:
        return int(path.read_text("ascii").split()[1]) / 1e6
    except (OSError, ValueError, IndexError):
        return 0.0
