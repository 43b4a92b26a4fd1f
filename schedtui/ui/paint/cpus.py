"""CPUs as rows or as a heatmap, and one of them in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schedtui.model.machine import Cpu
from schedtui.model.telemetry import CpuSample, Snapshot
from schedtui.ui.paint import units
from schedtui.ui.paint.glyphs import Glyphs, bar_of, step_of
from schedtui.ui.paint.text import Line, Run, chosen, cut, fitted, left, right
from schedtui.ui.themes import HEAT_STEPS
from schedtui.ui.view import CpuLayout, CpuMetric, View

_FULL_SCALE: Final = {
    CpuMetric.DEPTH: 8.0,
    CpuMetric.DELAY: 1000.0,
    CpuMetric.P99: 20_000.0,
    CpuMetric.BUSY: 1.0,
    CpuMetric.MIGRATIONS: 2_000.0,
}
_SCALE_WORDS: Final = {
    CpuMetric.DEPTH: "0..8+ tasks",
    CpuMetric.DELAY: "0..1 s/s",
    CpuMetric.P99: "0..20 ms",
    CpuMetric.BUSY: "0..100 %",
    CpuMetric.MIGRATIONS: "0..2k/s",
}
DETAIL_ROWS: Final = 3
_BAR: Final = 8
_COLUMNS: Final = (("util", 7), ("delay/s", 9), ("p50", 8), ("p99", 8), ("sw/s", 6), ("migr", 6))


def value_of(sample: CpuSample, metric: CpuMetric) -> float | None:
    """Return the figure that ``metric`` names, None when the source cannot see it."""
    match metric:
        case CpuMetric.DEPTH:
            return None if sample.depth is None else float(sample.depth)
        case CpuMetric.DELAY:
            return sample.run_delay_ms_per_s
        case CpuMetric.P99:
            return sample.wakeup.p99_us if sample.wakeup else None
        case CpuMetric.BUSY:
            return sample.utilisation
        case CpuMetric.MIGRATIONS:
            return sample.migrations_per_s


def level(sample: CpuSample, metric: CpuMetric) -> float | None:
    """Return how far ``metric`` is on its scale, 0 to 1."""
    value = value_of(sample, metric)
    return None if value is None else max(0.0, min(1.0, value / _FULL_SCALE[metric]))


def heat(share: float) -> str:
    """Return the heat style for a level from 0 to 1."""
    return f"heat{round(max(0.0, min(1.0, share)) * (HEAT_STEPS - 1))}"


def scale(view: View) -> Line:
    """Return the legend of the colours, for the title of the panel."""
    words = f" {_SCALE_WORDS[view.cpu_metric]}"
    steps: Line = tuple((str(step), f"heat{step}") for step in range(HEAT_STEPS))
    return ((f"{view.cpu_metric.value} ", "muted"), *steps, (words, "muted"))


def uses_rows(view: View, cpus: int, height: int) -> bool:
    """Tell whether ``cpus`` CPUs are drawn as rows in ``height`` lines."""
    if view.cpu_layout is not CpuLayout.AUTO:
        return view.cpu_layout is CpuLayout.ROWS
    return cpus + 1 + DETAIL_ROWS <= height


def wanted_height(view: View, width: int, most: int) -> int:
    """Return the lines that ``body`` would fill if it had ``most`` lines."""
    count = len(view.hello.cpus) if view.hello else 1
    if view.snapshot is None or uses_rows(view, count, most):
        return count + 1 + DETAIL_ROWS
    return len(_heatmap(view, view.snapshot.cpus, width, most)) + DETAIL_ROWS


def body(view: View, width: int, height: int) -> list[Line]:
    """Return the panel's lines; the CPU under the cursor is always visible."""
    if view.snapshot is None:
        return [(("no sample yet", "muted"),)]
    samples = view.snapshot.cpus
    room = max(1, height - DETAIL_ROWS) if height > DETAIL_ROWS + 2 else height
    if uses_rows(view, len(samples), height):
        lines = _rows(view, samples, width, room)
    else:
        lines = _heatmap(view, samples, width, room)
    if room == height:
        return lines
    return [*lines, *_detail(view, samples, width)]


def _window(count: int, cursor: int, room: int) -> range:
    """Rows around the cursor, when not all fit."""
    if count <= room:
        return range(count)
    start = max(0, min(count - room, cursor - room // 2))
    return range(start, start + room)


def _rows(view: View, samples: Sequence[CpuSample], width: int, room: int) -> list[Line]:
    columns, spark = _columns_in(width)
    lines: list[Line] = [_row_head(columns, spark)]
    shown = _window(len(samples), view.cpu_cursor, room - 1)
    lines += [_row(view, samples[i], i, columns, spark) for i in shown]
    return [fitted(line, width) for line in lines]


def _columns_in(width: int) -> tuple[list[tuple[str, int]], int]:
    """Columns that fit, and the cells left over for the row of past levels."""
    rest = width - 6 - _BAR - 4
    columns: list[tuple[str, int]] = []
    for name, cells in _COLUMNS:
        if rest - cells < 0:
            break
        columns.append((name, cells))
        rest -= cells
    return columns, max(0, rest - 2) if rest >= 8 else 0


def _row_head(columns: Sequence[tuple[str, int]], spark: int) -> Line:
    head = "  cpu " + left("depth", _BAR + 4)
    head += "".join(right(name, cells) for name, cells in columns)
    return ((head, "muted"), ("  last minute" if spark > 11 else "", "muted"))


def _row(
    view: View, sample: CpuSample, index: int, columns: Sequence[tuple[str, int]], spark: int
) -> Line:
    here = index == view.cpu_cursor
    mark = view.glyphs.cursor if here else " "
    text = "strong" if here else "text"
    deep = level(sample, CpuMetric.DEPTH)
    depth = "-" if sample.depth is None else str(sample.depth)
    runs: list[Run] = [(f"{mark} {sample.cpu:>3} ", text)]
    runs.append((bar_of(deep or 0.0, _BAR, view.glyphs), "spark"))
    runs.append((f" {depth:>2} ", text))
    for name, cells in columns:
        runs += _cell(name, cells, sample, view.glyphs, text)
    if spark:
        runs.append(("  " + _past(view, index, spark), "spark"))
    return tuple(runs)


def _cell(name: str, cells: int, sample: CpuSample, glyphs: Glyphs, style: str) -> list[Run]:
    texts = {
        "util": units.percent(sample.utilisation),
        "delay/s": units.millis(sample.run_delay_ms_per_s, glyphs),
        "p50": units.micros(sample.wakeup.p50_us if sample.wakeup else None, glyphs),
        "p99": units.micros(sample.wakeup.p99_us if sample.wakeup else None, glyphs),
        "sw/s": units.count(sample.switches_per_s),
        "migr": units.count(sample.migrations_per_s),
    }
    return [(right(texts[name], cells), style)]


def _past(view: View, index: int, cells: int) -> str:
    """The chosen metric of one CPU over the last samples, one sign each."""
    levels = [level(cpus[index], view.cpu_metric) for cpus in view.past[-cells:]
              if index < len(cpus)]  # fmt: skip
    signs = "".join(" " if share is None else step_of(share, view.glyphs) for share in levels)
    return signs.rjust(cells)


def _heatmap(view: View, samples: Sequence[CpuSample], width: int, room: int) -> list[Line]:
    lines: list[Line] = []
    for title, members in _groups(view, samples):
        lines += _group(view, samples, title, members, width)
    if len(lines) <= room:
        return lines
    at = next((i for i, line in enumerate(lines) if any(s == "selected" for _, s in line)), 0)
    shown = _window(len(lines), at, room)
    return lines[shown.start : shown.stop]


def _groups(view: View, samples: Sequence[CpuSample]) -> list[tuple[str, list[int]]]:
    """Indexes of samples by NUMA node and last-level cache, in the machine's order."""
    places = {cpu.cpu: cpu for cpu in (view.hello.cpus if view.hello else ())}
    groups: dict[tuple[int, int], list[int]] = {}
    for index, sample in enumerate(samples):
        place = places.get(sample.cpu, Cpu(sample.cpu, sample.cpu, 0, 0))
        groups.setdefault((place.node, place.llc), []).append(index)
    several = len(groups) > 1
    return [
        (f"node {node} llc {llc}" if several else "", members)
        for (node, llc), members in sorted(groups.items())
    ]


def _group(
    view: View, samples: Sequence[CpuSample], title: str, members: Sequence[int], width: int
) -> list[Line]:
    margin = 14 if title else 2
    per_row = max(1, (width - margin) // 3)
    lines: list[Line] = []
    for start in range(0, len(members), per_row):
        lead = left(title if start == 0 else "", margin)
        runs: list[Run] = [(lead, "muted")]
        for index in members[start : start + per_row]:
            runs.append((_sign(view, samples[index]), _heat_style(view, samples[index], index)))
            runs.append((" ", "text"))
        lines.append(tuple(runs))
    return lines


def _sign(view: View, sample: CpuSample) -> str:
    """Two cells that can be read without colour: tasks, or tenths of the scale."""
    value = value_of(sample, view.cpu_metric)
    if value is None:
        return " -"
    if view.cpu_metric is CpuMetric.DEPTH:
        return f"{min(99, int(value)):>2}"
    tenths = int((level(sample, view.cpu_metric) or 0.0) * 10)
    return f" {view.glyphs.full}" if tenths >= 10 else f" {tenths}"


def _heat_style(view: View, sample: CpuSample, index: int) -> str:
    if index == view.cpu_cursor:
        return "selected"
    return heat(level(sample, view.cpu_metric) or 0.0)


def _detail(view: View, samples: Sequence[CpuSample], width: int) -> list[Line]:
    """The CPU under the cursor in full: three lines."""
    if not samples:
        return []
    sample = samples[min(view.cpu_cursor, len(samples) - 1)]
    glyphs, wake = view.glyphs, sample.wakeup
    first = [
        (0, ((f"{glyphs.cursor} CPU {sample.cpu}", "strong"),)),
        (1, _pair("depth", "-" if sample.depth is None else str(sample.depth))),
        (2, _pair("run delay", units.millis(sample.run_delay_ms_per_s, glyphs) + "/s")),
        (3, _pair("util", units.percent(sample.utilisation))),
        (4, _pair("switches", units.count(sample.switches_per_s) + "/s")),
    ]
    second = [
        (0, (("  wake-up", "muted"),)),
        (1, _pair("p50", units.micros(wake.p50_us if wake else None, glyphs))),
        (2, _pair("p99", units.micros(wake.p99_us if wake else None, glyphs))),
        (3, _pair("worst", units.micros(wake.max_us if wake else None, glyphs))),
        (4, _pair("migrations", units.count(sample.migrations_per_s) + "/s")),
    ]
    running = cut(sample.running or "nothing seen", max(4, width - 11), glyphs.ellipsis)
    third: Line = (("  running ", "muted"), (running, "text"))
    return [chosen(first, width), chosen(second, width), third]


def _pair(name: str, value: str) -> Line:
    return ((f"{name} ", "muted"), (value, "text"))


def busiest(shot: Snapshot) -> int:
    """Return the index of the CPU with the longest queue, or the busiest one."""
    ranked = range(len(shot.cpus))
    return max(ranked, key=lambda i: (shot.cpus[i].depth or 0, shot.cpus[i].utilisation), default=0)
