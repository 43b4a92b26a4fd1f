"""Two stretches of time, before and after a mark, as figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

from schedtui.model.histogram import BUCKETS, Latency, added, summarise
from schedtui.model.telemetry import CpuSample, Snapshot
from schedtui.tape.tape import Mark
from schedtui.ui.timeline import Timeline

STRETCH_S: Final = 60.0
"""Longest stretch on either side of a mark, in seconds; the next mark ends it earlier."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The figures of one stretch of time; None where no sample could see one."""

    seconds: float
    """From its first sample to its end."""
    samples: int
    """That the figures are made of."""
    in_charge: str
    """By the last sample of it."""
    wakeup: Latency | None
    """Of all wake-ups in it."""
    delay_ms_per_s: float | None
    """Run delay per CPU."""
    depth: float | None
    """Mean run-queue depth of a CPU."""
    utilisation: float | None
    load: tuple[tuple[str, float], ...]
    """Medians of what the load reported."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A mark with what was before and after it."""

    mark: Mark
    before: Stretch
    after: Stretch


def compare(timeline: Timeline) -> Comparison | None:
    """Return what was before and after the mark that is meant now, None without a mark.

    Meant is the last mark up to the shown moment, else the first one after it.
    """
    marks, here = timeline.marks, timeline.shown_ms
    if not marks:
        return None
    up_to = [place for place, mark in enumerate(marks) if mark.at_ms <= here]
    place = up_to[-1] if up_to else 0
    at = marks[place].at_ms
    begin = max([at - STRETCH_S * 1000, *(mark.at_ms for mark in marks if mark.at_ms < at)])
    end = min([at + STRETCH_S * 1000, *(mark.at_ms for mark in marks if mark.at_ms > at)])
    before, after = timeline.snapshots(begin, at), timeline.snapshots(at, end)
    last = min(end, timeline.span_ms[1])
    return Comparison(marks[place], stretch(before, at), stretch(after, last))


def stretch(shots: Sequence[Snapshot], end_ms: float) -> Stretch:
    """Return the figures of samples in order, which stand for the time up to ``end_ms``."""
    counts: tuple[int, ...] = (0,) * BUCKETS
    for shot in shots:
        if shot.wakeup_counts:
            counts = added(counts, shot.wakeup_counts)
    return Stretch(
        seconds=(end_ms - shots[0].unix_ms) / 1000 if shots else 0.0,
        samples=len(shots),
        in_charge=shots[-1].scheduler.in_charge if shots else "",
        wakeup=summarise(counts),
        delay_ms_per_s=_mean(shots, lambda cpu: cpu.run_delay_ms_per_s),
        depth=_mean(shots, lambda cpu: cpu.depth),
        utilisation=_mean(shots, lambda cpu: cpu.utilisation),
        load=_reported(shots),
    )


def _mean(shots: Iterable[Snapshot], figure: Callable[[CpuSample], float | None]) -> float | None:
    seen = [value for shot in shots for value in map(figure, shot.cpus) if value is not None]
    return fmean(seen) if seen else None


def _reported(shots: Iterable[Snapshot]) -> tuple[tuple[str, float], ...]:
    values: dict[str, list[float]] = {}
    for shot in shots:
        if shot.load is not None and shot.load.running and not shot.load.paused:
            for name, value in shot.load.metrics:
                values.setdefault(name, []).append(value)
    return tuple((name, median(found)) for name, found in values.items())
