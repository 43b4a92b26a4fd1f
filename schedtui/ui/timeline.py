"""The recent past of the target, as the screen keeps it: a bounded row of snapshots."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from schedtui.model.telemetry import Snapshot

KEPT: Final = 1200
"""Snapshots that are kept: five minutes at 4 Hz."""


@dataclass(frozen=True, slots=True)
class Point:
    """The figures that are drawn over time, of one snapshot."""

    at_ms: int
    p50_us: float | None
    p99_us: float | None
    ours: bool


class Timeline:
    """Snapshots in order, and which of them is shown.

    New snapshots are always recorded; while paused the shown one stays.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._snapshots: deque[Snapshot] = deque(maxlen=kept)
        self._pinned: int | None = None

    def add(self, snapshot: Snapshot) -> None:
        """Record the newest snapshot."""
        self._snapshots.append(snapshot)

    @property
    def newest(self) -> Snapshot | None:
        """The last snapshot that was recorded."""
        return self._snapshots[-1] if self._snapshots else None

    @property
    def paused(self) -> bool:
        """Tell whether an older snapshot is held."""
        return self._pinned is not None

    @property
    def shown(self) -> Snapshot | None:
        """The snapshot to draw: the newest, or the held one."""
        index = self._shown_index()
        return None if index < 0 else self._snapshots[index]

    def pause(self) -> None:
        """Hold what is shown now."""
        if self._pinned is None and self._snapshots:
            self._pinned = self._snapshots[-1].seq

    def resume(self) -> None:
        """Show the newest snapshot again."""
        self._pinned = None

    def step(self, by: int) -> None:
        """Hold the snapshot ``by`` samples later (negative: earlier) than the shown one."""
        index = self._shown_index()
        if index >= 0:
            wanted = max(0, min(len(self._snapshots) - 1, index + by))
            self._pinned = self._snapshots[wanted].seq

    def window(self, seconds: float) -> tuple[Snapshot, ...]:
        """Return the snapshots of the last ``seconds`` up to the shown one, oldest first."""
        end = self._shown_index()
        if end < 0:
            return ()
        since = self._snapshots[end].unix_ms - seconds * 1000
        start = end
        while start > 0 and self._snapshots[start - 1].unix_ms >= since:
            start -= 1
        return tuple(self._snapshots[i] for i in range(start, end + 1))

    def _shown_index(self) -> int:
        if self._pinned is None:
            return len(self._snapshots) - 1
        for index, snapshot in enumerate(self._snapshots):
            if snapshot.seq >= self._pinned:
                return index
        return len(self._snapshots) - 1


def points(snapshots: Iterable[Snapshot]) -> tuple[Point, ...]:
    """Return what is drawn over time of each snapshot."""
    return tuple(
        Point(
            shot.unix_ms,
            shot.wakeup.p50_us if shot.wakeup else None,
            shot.wakeup.p99_us if shot.wakeup else None,
            shot.scheduler.ours,
        )
        for shot in snapshots
    )
