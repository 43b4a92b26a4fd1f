"""Pages of lines: help, capabilities, action log."""

from __future__ import annotations

import time
from collections.abc import Sequence

from schedtui.model.machine import Hello
from schedtui.ui.commands import COMMANDS, Command, Situation, key_words
from schedtui.ui.fixed_keys import FIXED_KEYS, Place
from schedtui.ui.paint.glyphs import Glyphs
from schedtui.ui.paint.text import EMPTY, Line, left, paragraph
from schedtui.ui.view import View

_CAPABILITIES = {
    "sched_ext": "load BPF schedulers (sched_ext)",
    "bpf_probe": "measure in the kernel with our BPF probe",
    "schedstat": "run delays from the kernel's own statistics",
    "psi": "pressure figures (PSI)",
    "loads": "start built-in loads",
    "deploy": "deploy a proved policy",
}


_PLACES_IN_HELP = (
    Place.LIVE,
    Place.CPUS,
    Place.AGENT,
    Place.GOAL,
    Place.REVIEW,
    Place.HASH,
    Place.CANCEL,
)
"""Menus and pages say their own keys."""


def help_page(now: Situation, width: int, commands: Sequence[Command] = COMMANDS) -> list[Line]:
    """Return all commands by group, each with its reason when it makes no sense now."""
    told: list[Line] = []
    for group in dict.fromkeys(command.group for command in commands):
        told += [((group, "title"),)]
        for command in (command for command in commands if command.group == group):
            reason = command.why_not(now)
            lead: Line = (
                (left(f"  {key_words(command)}", 16), "faint" if reason else "key"),
                (left(command.title, 15), "faint" if reason else "strong"),
            )
            told += paragraph(command.help, width, "muted" if reason else "text", " " * 31, lead)
            if reason:
                told += paragraph(f"not now: {reason}", width, "warn", " " * 31)
        told.append(EMPTY)
    for place in _PLACES_IN_HELP:
        told += _fixed(place, width)
    return told


def _fixed(place: Place, width: int) -> list[Line]:
    """The keys of one place, which nobody can give away."""
    told: list[Line] = [((f"In: {place.value}", "title"),)]
    for row in FIXED_KEYS:
        if row.place is place:
            keys = " ".join(row.words)
            told += paragraph(row.help, width, "text", " " * 31, ((left(f"  {keys}", 31), "key"),))
    return [*told, EMPTY]


def capabilities_page(hello: Hello, glyphs: Glyphs, width: int) -> list[Line]:
    """Return what the target is and can do; what is missing comes with reason and fix."""
    kernel = hello.kernel
    kind = f"virtual machine ({hello.virtual})" if hello.virtual else "this is a real machine"
    told: list[Line] = [
        _fact("target", f"{hello.target}, {kind}"),
        _fact("kernel", kernel.release),
        _fact("build id", kernel.build_id or "not exported"),
        _fact("BTF", kernel.btf_sha256[:16] or "absent"),
        _fact("CPUs", f"{len(hello.cpus)}, {hello.memory_mb} MB of memory"),
        EMPTY,
    ]
    for item in hello.capabilities:
        mark = (f"{glyphs.yes} ", "good") if item.available else (f"{glyphs.no} ", "bad")
        words = _CAPABILITIES.get(item.name, item.name)
        style = "text" if item.available else "strong"
        told += paragraph(words, width, style, "  ", (mark,))
        if item.available:
            continue
        if item.reason:
            told += paragraph(item.reason, width, "muted", "    ")
        if item.fix:
            told += paragraph(item.fix, width, "accent", "    ", (("    fix: ", "muted"),))
    return told


def _fact(name: str, value: str) -> Line:
    return ((left(name, 12), "muted"), (value, "text"))


def log_page(view: View, width: int) -> list[Line]:
    """Return the whole action log, newest first."""
    if not view.log:
        return [(("Nothing was done yet.", "muted"),)]
    told: list[Line] = []
    for entry in reversed(view.log):
        stamp = time.strftime("%H:%M:%S  ", time.localtime(entry.at))
        told += paragraph(entry.text, width, entry.style, " " * 10, ((stamp, "faint"),))
    return told
