"""Scheduler, load and pressure: what the kernel and the load say of themselves."""

from __future__ import annotations

from schedtui.model.telemetry import GuardState, LoadReport, Pressure, SchedulerState
from schedtui.ui.paint import units
from schedtui.ui.paint.glyphs import Glyphs, bar_of
from schedtui.ui.paint.text import Line, Run, fitted, left, paragraph
from schedtui.ui.view import View

_LABEL = 12


def body(view: View, width: int, height: int) -> list[Line]:
    """Return three blocks one below the other, or the first beside the others when it is wide."""
    if view.snapshot is None:
        return [(("no sample yet", "muted"),)]
    shot = view.snapshot
    scheduler = _scheduler(shot.scheduler, view.glyphs, width)
    others = [*_load(shot.load, view.glyphs), *_pressure(shot.pressure, view.glyphs)]
    events = _events(shot.scheduler)
    room = max(0, height - len(scheduler) - len(others))
    if room < len(events) and room:
        events = [*events[: room - 1], _row("", f"{len(events) - room + 1} more counters", "faint")]
    return [fitted(line, width) for line in [*scheduler, *events[:room], *others]]


def _row(name: str, value: str, style: str = "text", tail: Line = ()) -> Line:
    return ((left(name, _LABEL), "muted"), (value, style), *tail)


def _scheduler(state: SchedulerState, glyphs: Glyphs, width: int) -> list[Line]:
    owner = "ours" if state.ours else "foreign" if state.state == "enabled" else ""
    tail: Line = ((f"  {owner}", "accent"),) if owner else ()
    lines = [_row("in charge", state.in_charge, "strong", tail), _row("state", _state(state))]
    if state.state != "absent":
        lines.append(_row("enable_seq", f"{state.enable_seq}   rejected tasks {state.rejected}"))
    if state.ours:
        since = f"{units.clock(state.since_s)}   lease {state.lease_ms / 1000:.1f} s"
        lines.append(_row("since", since))
    lines += [_guard(guard, glyphs) for guard in state.guards]
    if state.last_exit is not None and state.last_exit.ejected:
        lead: Line = ((left("ejected", _LABEL), "muted"), (f"{glyphs.no} ", "bad"))
        told = f"{state.last_exit.reason}: {state.last_exit.message}"
        lines += paragraph(told, width, "bad", " " * _LABEL, lead)[:3]
    return lines


def _state(state: SchedulerState) -> str:
    words = {"absent": "this kernel has no sched_ext", "disabled": "no BPF scheduler is loaded"}
    scope = ", all tasks" if state.switch_all else ", chosen tasks only"
    return words.get(state.state, state.state + (scope if state.state == "enabled" else ""))


def _guard(guard: GuardState, glyphs: Glyphs) -> Line:
    mark: Run = (f"{glyphs.yes} ", "good") if guard.ok else (f"{glyphs.no} ", "bad")
    figures = f"{units.digits(guard.value)} of at most {units.digits(guard.limit)} {guard.unit}"
    return ((left("guard", _LABEL), "muted"), mark, (f"{guard.name}  ", "text"), (figures, "muted"))


def _events(state: SchedulerState) -> list[Line]:
    counted = [(name, value) for name, value in state.events if value]
    counted.sort(key=lambda pair: -pair[1])
    titles = ["events", *[""] * len(counted)]
    return [
        _row(title, f"{units.count(value):>6}  {name.removeprefix('SCX_EV_').lower()}")
        for title, (name, value) in zip(titles, counted, strict=False)
    ]


def _load(load: LoadReport | None, glyphs: Glyphs) -> list[Line]:
    if load is None or not load.running:
        return [_row("load", "none  (l starts one)", "muted")]
    lines = [_row("load", load.name + ("  paused" if load.paused else ""), "strong")]
    lines += [
        _row("", f"{left(units.metric_title(name), 15)} {units.metric_value(name, value, glyphs)}")
        for name, value in load.metrics
    ]
    return lines


def _pressure(pressure: tuple[Pressure, ...], glyphs: Glyphs) -> list[Line]:
    titles = ["pressure", *[""] * len(pressure)]
    return [
        (
            (left(title, _LABEL), "muted"),
            (left(item.resource, 7), "text"),
            (f"{item.some:>3.0f} % ", "text"),
            (bar_of(item.some / 100, 10, glyphs), "spark"),
            (f"  full {item.full:.0f} %", "muted"),
        )
        for title, item in zip(titles, pressure, strict=False)
    ]
