"""What is known of every kept sample without unpacking it: its time, latency, who was in charge."""

from __future__ import annotations

import math
import struct
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Final

from schedtui.model.telemetry import Snapshot
from schedtui.model.wire import WireError


@dataclass(frozen=True, slots=True)
class Point:
    """The figures that are drawn over time, of one snapshot."""

    at_ms: int
    p50_us: float | None
    p99_us: float | None
    ours: bool


def point_of(snapshot: Snapshot) -> Point:
    """Return what is drawn over time of one snapshot."""
    wake = snapshot.wakeup
    return Point(
        snapshot.unix_ms,
        wake.p50_us if wake else None,
        wake.p99_us if wake else None,
        snapshot.scheduler.ours,
    )


_POINT: Final = struct.Struct("<qff?")


def point_bytes(point: Point) -> bytes:
    """Return a point as bytes of one length."""
    return _POINT.pack(point.at_ms, _known(point.p50_us), _known(point.p99_us), point.ours)


def points_in(raw: bytes) -> tuple[Point, ...]:
    """Return points that were put one after the other. Raises WireError."""
    if len(raw) % _POINT.size:
        raise WireError("a row of points is cut off")
    return tuple(
        Point(at_ms, _seen(p50), _seen(p99), ours)
        for at_ms, p50, p99, ours in _POINT.iter_unpack(raw)
    )


def _known(value: float | None) -> float:
    return math.nan if value is None else value


def _seen(value: float) -> float | None:
    if value < 0 or value == math.inf:
        raise WireError("a latency is impossible")
    return None if math.isnan(value) else value


class Index:
    """Points in order, numbered from ``first``; 17 bytes each."""

    def __init__(self) -> None:
        self.first = 0
        self._times = array("q")
        self._p50 = array("f")
        self._p99 = array("f")
        self._ours = bytearray()

    @property
    def end(self) -> int:
        """The number after the last one."""
        return self.first + len(self._times)

    def add(self, point: Point) -> None:
        """Append a point; a clock that was put back does not undo the order."""
        self._times.append(max(point.at_ms, self._times[-1] if self._times else 0))
        self._p50.append(_known(point.p50_us))
        self._p99.append(_known(point.p99_us))
        self._ours.append(point.ours)

    def drop(self, count: int) -> None:
        """Forget the oldest ``count`` points."""
        for column in (self._times, self._p50, self._p99, self._ours):
            del column[:count]
        self.first += count

    def time(self, number: int) -> int:
        """Return when a sample was taken, in milliseconds since the epoch."""
        return self._times[number - self.first]

    def at(self, at_ms: float) -> int:
        """Return the number of the last sample at or before ``at_ms``, else of the first one."""
        return self.first + max(0, bisect_right(self._times, at_ms) - 1)

    def points(self, since_ms: float, last: int) -> tuple[Point, ...]:
        """Return the points from ``since_ms`` to number ``last``, oldest first."""
        begin = bisect_left(self._times, since_ms)
        return tuple(self._point(place) for place in range(begin, last + 1 - self.first))

    def _point(self, place: int) -> Point:
        p50, p99 = _seen(self._p50[place]), _seen(self._p99[place])
        return Point(self._times[place], p50, p99, bool(self._ours[place]))
