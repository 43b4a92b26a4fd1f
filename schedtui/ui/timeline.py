"""The past of the target as the screen goes through it, and which moment of it is shown."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from schedtui.model.telemetry import CpuSample, Snapshot
from schedtui.model.wire import WireError
from schedtui.tape.index import Point
from schedtui.tape.memory import MemoryTape
from schedtui.tape.tape import Mark, Tape

MARKS_KEPT: Final = 200
_FEWEST: Final = 40
_MORE: Final = 8
_MOST: Final = 400
_DECODED: Final = 4
_AT_HAND: Final = 16_384
"""CPU samples that are kept unpacked, for the rows of past levels."""


class Timeline:
    """Samples in order, the marks among them, and which sample is shown.

    New samples are always recorded; while paused the shown one stays.
    """

    def __init__(self, tape: Tape | None = None, marks: Iterable[Mark] = ()) -> None:
        self._own = MemoryTape()
        self._tape: Tape = tape or self._own
        self.marks: tuple[Mark, ...] = tuple(marks)
        self._held: int | None = None if tape is None else tape.index.first
        self._decoded: OrderedDict[int, Snapshot | None] = OrderedDict()
        self._cpus: OrderedDict[int, tuple[CpuSample, ...]] = OrderedDict()

    def add(self, snapshot: Snapshot) -> None:
        """Record the newest snapshot."""
        if self._own.add(snapshot):
            self._remember(self._own.index.end - 1, snapshot.cpus)

    @property
    def newest(self) -> Snapshot | None:
        """The last snapshot that was recorded."""
        if self._tape is self._own:
            return self._own.newest
        return self._read(self._tape.index.end - 1)

    @property
    def paused(self) -> bool:
        """Tell whether an older snapshot is held."""
        return self._held is not None

    @property
    def shown(self) -> Snapshot | None:
        """The snapshot to draw: the newest, or the held one; None when it cannot be read."""
        return self.newest if self._held is None else self._read(self._place())

    def snapshots(self, since_ms: float, until_ms: float) -> tuple[Snapshot, ...]:
        """Return the samples taken from ``since_ms`` to before ``until_ms``, oldest first.

        Of a large machine only every second one, or fewer: all would take seconds to unpack.
        """
        index = self._tape.index
        near = range(index.at(since_ms), index.at(until_ms) + 1) if len(self) else range(0)
        wanted = [n for n in near if since_ms <= index.time(n) < until_ms]
        first = self._read(wanted[0]) if wanted else None
        step = -(-len(wanted) // _depth(first.cpus if first else ()))
        return tuple(shot for shot in map(self._read, wanted[:: max(1, step)]) if shot is not None)

    def __len__(self) -> int:
        """How many samples are kept."""
        return self._tape.index.end - self._tape.index.first

    # -- going through time ----------------------------------------------------------------

    def pause(self) -> None:
        """Hold what is shown now."""
        if self._held is None and len(self):
            self._held = self._tape.index.end - 1

    def resume(self) -> None:
        """Show the newest snapshot again; of a recording, hold the last one."""
        self._held = None if self._tape is self._own else self._tape.index.end - 1

    def show(self, at_ms: float) -> None:
        """Hold the sample of a moment."""
        if len(self):
            self._hold(self._tape.index.at(at_ms))

    def step(self, by: int) -> None:
        """Hold the sample ``by`` samples later (negative: earlier) than the shown one."""
        if len(self):
            self._hold(self._place() + by)

    def jump(self, seconds: float) -> None:
        """Hold the sample that was taken ``seconds`` later (negative: earlier)."""
        if not len(self):
            return
        here = self._place()
        there = self._tape.index.at(self._tape.index.time(here) + seconds * 1000)
        self._hold(there if there != here else here + (1 if seconds > 0 else -1))

    def to_start(self) -> None:
        """Hold the oldest sample."""
        if len(self):
            self._hold(self._tape.index.first)

    def to_mark(self, by: int) -> Mark | None:
        """Hold the first sample of the next mark (negative: of the one before); None if none."""
        here = self.shown_ms
        later = [mark for mark in self.marks if self._sample_of(mark) > here]
        earlier = [mark for mark in self.marks if self._sample_of(mark) < here]
        found = (later[0] if later else None) if by > 0 else (earlier[-1] if earlier else None)
        if found is not None:
            self._hold(self._tape.index.at(self._sample_of(found)))
        return found

    def _sample_of(self, mark: Mark) -> int:
        index = self._tape.index
        return index.time(index.at(mark.at_ms)) if len(self) else mark.at_ms

    def mark(self, mark: Mark) -> None:
        """Keep a mark; those of forgotten samples go."""
        oldest = self.span_ms[0]
        kept = [old for old in self.marks if old.at_ms >= oldest]
        kept.append(mark)
        self.marks = tuple(sorted(kept, key=lambda one: one.at_ms))[-MARKS_KEPT:]

    def _hold(self, number: int) -> None:
        index = self._tape.index
        self._held = max(index.first, min(index.end - 1, number))

    def _place(self) -> int:
        index = self._tape.index
        return index.end - 1 if self._held is None else max(index.first, self._held)

    # -- what is drawn ---------------------------------------------------------------------

    @property
    def span_ms(self) -> tuple[int, int]:
        """When the oldest and the newest kept sample were taken."""
        index = self._tape.index
        return (index.time(index.first), index.time(index.end - 1)) if len(self) else (0, 0)

    @property
    def shown_ms(self) -> int:
        """When the shown sample was taken."""
        return self._tape.index.time(self._place()) if len(self) else 0

    def chart(self, seconds: float) -> tuple[Point, ...]:
        """Return the points of the last ``seconds`` up to the shown sample, oldest first."""
        if not len(self):
            return ()
        return self._tape.index.points(self.shown_ms - seconds * 1000, self._place())

    def recent(self) -> tuple[tuple[CpuSample, ...], ...]:
        """Return the CPUs of the last samples up to the shown one, oldest first."""
        if not len(self):
            return ()
        last = self._place()
        newest = self._cpus_at(last)
        begin = max(self._tape.index.first, last + 1 - _depth(newest))
        # From the newest back: what is at hand is not thrown out before it is used.
        rows = [self._cpus_at(number) for number in range(last, begin - 1, -1)]
        return tuple(reversed(rows))

    def _cpus_at(self, number: int) -> tuple[CpuSample, ...]:
        if number not in self._cpus:
            try:
                self._remember(number, self._tape.cpus(number))
            except WireError:
                return ()
        self._cpus.move_to_end(number)
        return self._cpus[number]

    def _remember(self, number: int, cpus: tuple[CpuSample, ...]) -> None:
        self._cpus[number] = cpus
        # Some more than are drawn: while the past is shown, new ones arrive as well.
        while len(self._cpus) > _depth(cpus) + _MORE:
            self._cpus.popitem(last=False)

    def _read(self, number: int) -> Snapshot | None:
        if number not in self._decoded:
            while len(self._decoded) >= _DECODED:
                self._decoded.popitem(last=False)
            try:
                self._decoded[number] = self._tape.snapshot(number)
            except WireError:
                self._decoded[number] = None
        return self._decoded[number]


def _depth(cpus: tuple[CpuSample, ...]) -> int:
    """How many samples of so many CPUs are kept unpacked."""
    return max(_FEWEST, min(_MOST, _AT_HAND // max(1, len(cpus))))
