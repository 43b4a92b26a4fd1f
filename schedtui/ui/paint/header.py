"""The two lines at the top: what is looked at, who is in charge, and how fresh it is."""

from __future__ import annotations

import time

from schedtui.model.telemetry import GuardState, SchedulerState
from schedtui.ui.paint import units
from schedtui.ui.paint.text import EMPTY, Line, chosen, fitted, spread
from schedtui.ui.view import View

STALE_AFTER_S = 3.0
"""Age of the newest snapshot at which the header says that the target is silent."""


def header(view: View, width: int) -> list[Line]:
    """Return both header lines in ``width`` cells."""
    return [_top(view, width), _charge(view, width)]


def _top(view: View, width: int) -> Line:
    freshness = _freshness(view)
    room = width - sum(len(text) for text, _ in freshness) - 3
    start = chosen(_target_parts(view), max(12, room), ("  ", "bar"))
    return fitted(
        spread(((" ", "bar"), *start), (*freshness, (" ", "bar")), width, "bar"), width, "bar"
    )


def _target_parts(view: View) -> list[tuple[int, Line]]:
    hello, shot = view.hello, view.snapshot
    parts: list[tuple[int, Line]] = [(0, (("schedtui", "bar_strong"),))]
    if hello is not None:
        where = hello.target + (f" ({hello.virtual})" if hello.virtual else "")
        parts.append((1, ((where, "bar"),)))
        parts.append((3, ((f"{len(hello.cpus)} CPUs", "bar"),)))
        parts.append((5, ((hello.kernel.release, "bar_muted"),)))
    if shot is not None:
        parts.append((4, _source(shot.source, shot.source_note, view)))
    return parts


def _source(source: str, note: str, view: View) -> Line:
    if not note:
        return ((f"source {source}", "bar_muted"),)
    return ((f"{view.glyphs.warn} source {source}: {note}", "bar"),)


def _freshness(view: View) -> Line:
    clock = time.strftime("%H:%M:%S", time.localtime(view.now))
    rate = f"{view.rate_hz:g} Hz  "
    if view.trouble:
        state: Line = ((f"{view.glyphs.no} {view.trouble}  ", "bad"),)
    elif view.paused:
        return _past(view) if view.recorded else (*_past(view), (f"  {clock}", "bar"))
    elif view.arrived and view.now - view.arrived > STALE_AFTER_S:
        silent = f"{view.glyphs.warn} no sample for {view.now - view.arrived:.0f} s  "
        state = ((silent, "warn"),)
    else:
        state = ((f"{view.glyphs.live} live  ", "bar_strong"),)
    return (*state, (rate, "bar_muted"), (clock, "bar"))


def _past(view: View) -> Line:
    """That this is not now, and how far back it is."""
    if view.recorded:
        return _recording(view)
    at = units.at_clock(view.span_ms[1] - view.behind_s * 1000)
    ago = units.clock(view.behind_s)
    return ((f" {view.glyphs.paused} the past: {at}, {ago} ago ", "badge"),)


def _recording(view: View) -> Line:
    oldest, newest = view.span_ms
    whole = (newest - oldest) / 1000
    at = units.at_clock(newest - view.behind_s * 1000)
    place = f"{units.clock(whole - view.behind_s)} of {units.clock(whole)}"
    sign = view.glyphs.cursor if view.playing else view.glyphs.paused
    speed = f" {view.speed:g}{view.glyphs.times}" if view.speed != 1 else ""
    return ((f" {sign} recording: {at}, {place}{speed} ", "badge"),)


def _charge(view: View, width: int) -> Line:
    if view.snapshot is None:
        return fitted(((" waiting for the first sample", "bar_muted"),), width, "bar")
    state = view.snapshot.scheduler
    parts = [(0, _in_charge(view, state)), (1, _stage(view, state)), (2, _guards(view, state))]
    parts += [(4, _since(state)), (5, _lease(state)), (3, _mismatch(view, state))]
    line = chosen(parts, width - 2, ("   ", "bar"))
    return fitted(((" ", "bar"), *line), width, "bar")


def _in_charge(view: View, state: SchedulerState) -> Line:
    if state.state == "absent":
        return (("kernel default", "bar_strong"), (" (no sched_ext in this kernel)", "bar_muted"))
    if state.state != "enabled":
        return ((f"{view.glyphs.foreign} {state.in_charge}", "bar_strong"),)
    if state.ours:
        return ((f" {view.glyphs.ours} {state.ops} ", "badge"), (" ours", "bar_strong"))
    return ((f" {view.glyphs.foreign} {state.ops} ", "badge_quiet"), (" foreign", "bar_strong"))


def _stage(view: View, state: SchedulerState) -> Line:
    deployment = view.deployment
    if view.paused or deployment is None or not deployment.live or not state.ours:
        return EMPTY
    left, whole = view.story.canary_left_s(view.now), view.story.canary_s
    if deployment.stage == "canary" and whole:
        gone = min(whole, max(0.0, whole - left))
        return ((f"canary {gone:.0f} of {whole:.0f} s", "bar"),)
    return ((deployment.stage.value, "bar"),)


def _guards(view: View, state: SchedulerState) -> Line:
    if not state.guards:
        return EMPTY
    marks = [(_mark(view, guard), "bar" if guard.ok else "badge_bad") for guard in state.guards]
    return (("guards ", "bar_muted"), *marks)


def _mark(view: View, guard: GuardState) -> str:
    return view.glyphs.yes if guard.ok else f"{view.glyphs.no} {guard.name}"


def _since(state: SchedulerState) -> Line:
    return ((f"since {units.clock(state.since_s)}", "bar_muted"),) if state.ours else EMPTY


def _lease(state: SchedulerState) -> Line:
    if not state.lease_ms:
        return EMPTY
    return ((f"lease {state.lease_ms / 1000:.1f} s", "bar_muted"),)


def _mismatch(view: View, state: SchedulerState) -> Line:
    deployment = view.deployment
    if view.paused or deployment is None or not deployment.live or state.ours:
        return EMPTY
    return ((f" {view.glyphs.no} {deployment.scheduler} is not in charge ", "badge_bad"),)
