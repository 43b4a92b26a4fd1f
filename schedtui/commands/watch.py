"""``schedtui watch``: snapshots of a target as rows or JSON lines."""

from __future__ import annotations

import time
from collections.abc import Iterable

from schedtui.commands.context import Context, at_most, closing, opened
from schedtui.commands.options import Exit
from schedtui.engine.control import Answer, follow
from schedtui.engine.port import EngineError
from schedtui.model.goal import Metric
from schedtui.model.histogram import Latency
from schedtui.model.telemetry import CpuSample, Snapshot
from schedtui.model.text import safe_text
from schedtui.model.wire import WireError, from_json

ROWS_HZ = 1.0
"""Samples per second unless asked otherwise: rows are read, not glanced at."""

_JUDGED = frozenset(Metric)
"""Of all that a load reports, the figures that goals are about fit into a row."""

_COLUMNS = (
    ("time", 8),
    ("busy", 5),
    ("depth", 6),
    ("delay/s", 9),
    ("wake p50", 9),
    ("wake p99", 9),
    ("switch/s", 9),
    ("in charge", 22),
)


async def run(context: Context) -> int:
    """Show the running session's snapshots, or open the target and show its own."""
    context.require_known_load()
    # A load can only be started in a target of our own.
    seen = 0 if context.options.load else await _show_session(context)
    seen = seen or await _show_own(context)
    if not seen:
        raise EngineError("no sample arrived", "allow it more time: --seconds", missing=False)
    return Exit.DONE


async def _show_session(context: Context) -> int:
    seen = 0
    async with at_most(context.options.seconds), closing(follow(context.session_name)) as stream:
        async for answer in stream:
            _show(context, snapshot_of(answer), first=not seen)
            seen += 1
    return seen


def snapshot_of(answer: Answer) -> Snapshot:
    """Return what a running session sent. Raises EngineError when it is of another version."""
    try:
        return from_json(Snapshot, answer)
    except WireError as error:
        raise EngineError("the running session is of another version", "end it first") from error


async def _show_own(context: Context) -> int:
    options, seen = context.options, 0
    engine = context.reached()
    async with opened(engine, context):
        if options.load:
            await engine.start_load(options.load)
        await engine.set_rate(options.hz or ROWS_HZ)
        async with at_most(options.seconds), closing(engine.snapshots()) as stream:
            async for snapshot in stream:
                _show(context, snapshot, first=not seen)
                seen += 1
    return seen


def _show(context: Context, snapshot: Snapshot, *, first: bool) -> None:
    output = context.output
    if output.json:
        output.document(snapshot)
        return
    if first:
        _introduce(context, snapshot)
    if not snapshot.interval_s:
        return  # the first reading only starts the differences
    output.line(row(snapshot))
    if context.options.per_cpu:
        for cpu in snapshot.cpus:
            output.line(cpu_row(cpu))


def _introduce(context: Context, snapshot: Snapshot) -> None:
    note = f" ({safe_text(snapshot.source_note)})" if snapshot.source_note else ""
    context.output.say(f"figures from {snapshot.source}{note}")
    context.output.line(header())


def header() -> str:
    """Return the line above the rows."""
    return _line(title for title, _ in _COLUMNS) + "  load"


def row(snapshot: Snapshot) -> str:
    """Return one snapshot as one line; ``-`` where the source cannot see a figure."""
    cpus = snapshot.cpus
    busy = sum(cpu.utilisation for cpu in cpus) / max(1, len(cpus))
    cells = (
        time.strftime("%H:%M:%S", time.localtime(snapshot.unix_ms / 1000)),
        f"{busy:.0%}",
        _number(_total(cpu.depth for cpu in cpus)),
        _number(_total(cpu.run_delay_ms_per_s for cpu in cpus), "ms"),
        _micro(snapshot.wakeup, "p50_us"),
        _micro(snapshot.wakeup, "p99_us"),
        _number(_total(cpu.switches_per_s for cpu in cpus)),
        snapshot.scheduler.in_charge,
    )
    return _line(cells) + "  " + _load_text(snapshot)


def cpu_row(cpu: CpuSample) -> str:
    """Return one CPU as one line in the same columns."""
    cells = (
        f"  cpu {cpu.cpu}",
        f"{cpu.utilisation:.0%}",
        _number(cpu.depth),
        _number(cpu.run_delay_ms_per_s, "ms"),
        _micro(cpu.wakeup, "p50_us"),
        _micro(cpu.wakeup, "p99_us"),
        _number(cpu.switches_per_s),
        safe_text(cpu.running, 22),
    )
    return _line(cells)


def _line(cells: Iterable[str]) -> str:
    parts = [
        f"{text:<{width}}" if index in {0, len(_COLUMNS) - 1} else f"{text:>{width}}"
        for index, (text, (_, width)) in enumerate(zip(cells, _COLUMNS, strict=True))
    ]
    return " ".join(parts).rstrip()


def _total(values: Iterable[float | None]) -> float | None:
    seen = [value for value in values if value is not None]
    return sum(seen) if seen else None


def _number(value: float | None, unit: str = "") -> str:
    return "-" if value is None else f"{value:,.0f}{' ' + unit if unit else ''}"


def _micro(latency: Latency | None, percentile: str) -> str:
    if latency is None:
        return "-"
    micro = float(getattr(latency, percentile))
    return f"{micro:.0f} us" if micro < 1000 else f"{micro / 1000:.1f} ms"


def _load_text(snapshot: Snapshot) -> str:
    load = snapshot.load
    if load is None or not load.running:
        return "-"
    judged = [pair for pair in load.metrics if pair[0] in _JUDGED] or load.metrics[:3]
    figures = " ".join(f"{name}={value:,.0f}" for name, value in judged)
    return safe_text(f"{load.name} {figures}".strip())
