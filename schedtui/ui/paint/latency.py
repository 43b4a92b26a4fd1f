"""Wake-up latency: its percentiles over the last minute, and the histogram of the interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from schedtui.model.histogram import upper_edge_ns
from schedtui.tape.index import Point
from schedtui.tape.tape import Mark, MarkKind
from schedtui.ui.paint import units
from schedtui.ui.paint.glyphs import Glyphs
from schedtui.ui.paint.text import Line, Run, fitted, merged, right, spread
from schedtui.ui.view import View

SPAN_S: Final = 60.0
_MARGIN: Final = 7
_HISTOGRAM_ROWS: Final = 5
"""Lines of the histogram with its axis."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the chart: the worst percentiles that fell into it."""

    p50_us: float
    p99_us: float
    mark: str = ""
    """``deploy`` or ``end`` when the scheduler changed here, else the word of a mark."""


def figures(view: View) -> Line:
    """Return p50 and p99 of the interval, for the title of the panel."""
    wake = view.snapshot.wakeup if view.snapshot else None
    return (
        (view.glyphs.bar, "p50"),
        (" p50 ", "muted"),
        (units.micros(wake.p50_us if wake else None, view.glyphs), "strong"),
        ("  ", "text"),
        (view.glyphs.shade, "p99"),
        (" p99 ", "muted"),
        (units.micros(wake.p99_us if wake else None, view.glyphs), "strong"),
    )


def body(view: View, width: int, height: int) -> list[Line]:
    """Return chart above histogram; the histogram goes first when there is little room."""
    if view.snapshot is None:
        return [(("no sample yet", "muted"),)]
    if view.snapshot.wakeup is None and not any(p.p99_us is not None for p in view.chart):
        return _unseen(view, width)
    below = _HISTOGRAM_ROWS if height >= 5 + _HISTOGRAM_ROWS else 0
    lines = _chart(view, width, height - below)
    if below:
        lines += _histogram(view.snapshot.wakeup_counts, width, below, view.glyphs)
    return lines


def _unseen(view: View, width: int) -> list[Line]:
    source = view.snapshot.source if view.snapshot else ""
    why = "no task was woken in this minute"
    if source == "procfs":
        key = view.key("capabilities")
        why = f"procfs cannot see wake-up latency; the BPF probe can (press {key})"
    return [fitted(((why, "muted"),), width)]


def columns(window: Sequence[Point], count: int, marks: Sequence[Mark] = ()) -> list[Column | None]:
    """Return one column per ``SPAN_S / count`` seconds, the newest last; None where nothing is."""
    result: list[Column | None] = [None] * count
    if not window or count < 1:
        return result
    end, step = window[-1].at_ms, SPAN_S * 1000 / count
    was_ours = window[0].ours
    for point in window:
        place = count - 1 - int((end - point.at_ms) / step)
        turn = "" if point.ours == was_ours else "deploy" if point.ours else "end"
        was_ours = point.ours
        if 0 <= place < count:
            result[place] = _worse(result[place], point, turn)
    found = _joined_up(result)
    for mark in (mark for mark in marks if mark.at_ms <= end):
        _put(found, mark, count - 1 - int((end - mark.at_ms) / step))
    return found


def _put(found: list[Column | None], mark: Mark, place: int) -> None:
    column = found[place] if 0 <= place < len(found) else None
    if column is not None and not column.mark:
        word = "mark" if mark.kind is MarkKind.OWN else "change"
        found[place] = replace(column, mark=word)


def _worse(known: Column | None, point: Point, mark: str) -> Column:
    low, high = point.p50_us or 0.0, point.p99_us or 0.0
    if known is None:
        return Column(low, high, mark)
    return Column(max(known.p50_us, low), max(known.p99_us, high), known.mark or mark)


def _joined_up(found: list[Column | None]) -> list[Column | None]:
    """Fill holes between samples that are rarer than columns."""
    last: Column | None = None
    for place, column in enumerate(found):
        if column is None and last is not None:
            found[place] = Column(last.p50_us, last.p99_us)
        last = found[place]
    return found


def decades(found: Sequence[Column | None]) -> tuple[int, int]:
    """Return the powers of ten (in microseconds) between which the chart runs."""
    seen = [value for column in found if column for value in (column.p50_us, column.p99_us)]
    positive = [value for value in seen if value >= 1.0]
    if not positive:
        return 0, 1
    low = math.floor(math.log10(min(positive)))
    return low, max(low + 1, math.ceil(math.log10(max(positive)) + 1e-9))


def _chart(view: View, width: int, height: int) -> list[Line]:
    rows = max(1, height - 1)
    found = columns(view.chart, max(1, width - _MARGIN), view.marks)
    low, high = decades(found)
    grid = [_stack(column, rows, low, high, view.glyphs) for column in found]
    lines: list[Line] = []
    for row in range(rows):
        label = _label(rows - row, rows, low, high, view.glyphs)
        lines.append(merged([label, *(cells[row] for cells in grid)]))
    return [*lines, _time_axis(found, width, view)]


def _height_of(value_us: float, rows: int, low: int, high: int) -> float:
    if value_us < 1.0:
        return 0.0
    share = (math.log10(value_us) - low) / (high - low)
    return max(0.0, min(1.0, share)) * rows


def _stack(column: Column | None, rows: int, low: int, high: int, glyphs: Glyphs) -> list[Run]:
    """Cells of one column from top to bottom: p50 filled, above it p99."""
    if column is None:
        return [(" ", "text")] * rows
    if column.mark:
        return [(glyphs.upright, "mark")] * rows
    half = _height_of(column.p50_us, rows, low, high)
    full = max(half, _height_of(column.p99_us, rows, low, high))
    return [_chart_cell(rows - 1 - row, half, full, glyphs) for row in range(rows)]


def _chart_cell(floor: int, half: float, full: float, glyphs: Glyphs) -> Run:
    top = len(glyphs.bars) - 1
    if half >= floor + 1:
        return glyphs.full, "p50"
    if half > floor and full >= floor + 1 and glyphs.shade == glyphs.full:
        return glyphs.bars[max(1, round((half - floor) * top))], "p50_on_p99"
    if half > floor and full - half < 0.5:
        return glyphs.bars[max(1, round((half - floor) * top))], "p50"
    if full >= floor + 1:
        return glyphs.shade, "p99"
    if full > floor:
        return glyphs.bars[max(1, round((full - floor) * top))], "p99"
    return " ", "text"


def _label(edge: int, rows: int, low: int, high: int, glyphs: Glyphs) -> Run:
    """The axis label of the row whose upper edge is ``edge`` rows above the ground."""
    for decade in range(low + 1, high + 1):
        if math.ceil((decade - low) / (high - low) * rows - 1e-9) == edge:
            return f"{right(_decade(decade, glyphs), _MARGIN - 2)} {glyphs.tick}", "muted"
    return " " * (_MARGIN - 1) + glyphs.upright, "muted"


def _decade(power: int, glyphs: Glyphs) -> str:
    unit, shift = next(
        (pair for pair in (("s", 6), ("ms", 3)) if power >= pair[1]), (f"{glyphs.micro}s", 0)
    )
    return f"{10 ** (power - shift)}{unit}"


def _time_axis(found: Sequence[Column | None], width: int, view: View) -> Line:
    end = units.at_clock(view.snapshot.unix_ms) if view.paused and view.snapshot else "now"
    line = " " * _MARGIN + "-60 s".ljust(max(0, width - _MARGIN - len(end))) + end
    for place, column in enumerate(found):
        if column is None or not column.mark:
            continue
        word = f"{view.glyphs.up}{column.mark}"
        start = min(_MARGIN + place, width - len(word))
        line = line[:start] + word + line[start + len(word) :]
    return fitted(((line, "muted"),), width)


def _histogram(counts: Sequence[int], width: int, rows: int, glyphs: Glyphs) -> list[Line]:
    """How often each latency occurred in this interval; logarithmic from left to right."""
    room = max(1, width - _MARGIN)
    edges, bars = _rebinned(counts, room)
    tall = rows - 2
    top = max(bars, default=0) or 1
    title = spread((("this interval", "muted"),), (("wake-ups by latency", "faint"),), width)
    lines: list[Line] = [title]
    for row in range(tall):
        floor = tall - 1 - row
        signs = "".join(_histogram_cell(bar / top * tall, floor, glyphs) for bar in bars)
        label = right(units.count(top), _MARGIN - 2) if row == 0 else " " * (_MARGIN - 2)
        edge = glyphs.tick if row == 0 else glyphs.upright
        lines.append(((f"{label} {edge}", "muted"), (signs, "spark")))
    return [*lines, _latency_axis(edges, width, glyphs)]


def _histogram_cell(height: float, floor: int, glyphs: Glyphs) -> str:
    if height >= floor + 1:
        return glyphs.full
    share = height - floor
    if share <= 0:
        return glyphs.bars[1] if floor == 0 and height > 0 else " "
    return glyphs.bars[max(1, round(share * (len(glyphs.bars) - 1)))]


def _rebinned(counts: Sequence[int], room: int) -> tuple[list[float], list[int]]:
    """Buckets that hold something, each drawn as wide as fits; edges in microseconds."""
    used = [i for i, count in enumerate(counts) if count]
    if not used:
        return [], []
    first, last = max(0, used[0] - 2), min(len(counts) - 1, used[-1] + 2)
    wide = max(1, room // (last - first + 1))
    fold = max(1, math.ceil((last - first + 1) / room))
    bars: list[int] = []
    edges: list[float] = []
    for start in range(first, last + 1, fold):
        bars += [sum(counts[start : min(start + fold, last + 1)])] * wide
        edges += [upper_edge_ns(start) / 1000] * wide
    return edges[:room], bars[:room]


def _latency_axis(edges: Sequence[float], width: int, glyphs: Glyphs) -> Line:
    if not edges:
        return ((" " * _MARGIN + "nothing was woken in this interval", "muted"),)
    line, at = " " * _MARGIN, 0
    while at < len(edges):
        word = units.micros(edges[at], glyphs)
        if len(line) + len(word) > width:
            break
        line += word.ljust(12)
        at += 12
    return fitted(((line, "muted"),), width)
