"""Object rules about the scheduler's definition, its exit record and its licence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.objfile.facts import ObjectFacts
from schedtui.objfile.ops import SCHEDULER_TYPE
from schedtui.objfile.variables import Variable
from schedtui.verify import lists
from schedtui.verify.catalogue import finding
from schedtui.verify.object_calls import exit_sections
from schedtui.verify.object_helpers import EXIT_HELPERS

LIMITS: Final[dict[str, tuple[int, int]]] = {
    "timeout_ms": (1, 5000),
    "dispatch_max_batch": (0, 128),
    "exit_dump_len": (0, 65536),
    "hotplug_seq": (0, 0),
}
"""Lowest and highest value of each data member that may be set at all."""

ALLOWED_FLAGS: Final = 0b110111
"""KEEP_BUILTIN_IDLE, ENQ_LAST, ENQ_EXITING, ENQ_MIGRATION_DISABLED, ALLOW_QUEUED_WAKEUP."""

EXIT_SECTION: Final = ".data.exit_record"
EXIT_VARIABLE: Final = Variable(
    EXIT_SECTION,
    "exit_record",
    "exit_record",
    1168,
    (
        ("kind", 0, 4),
        ("unused", 4, 4),
        ("exit_code", 8, 8),
        ("reason", 16, 128),
        ("msg", 144, 1024),
    ),
)
"""Where the node reads why the kernel ended the scheduler: struct exit_record of schedtui.h."""

_ENQ_LAST: Final = 2
"""Asks for the last task of a CPU in enqueue; a kernel refuses it where there is no enqueue."""

_SCHEDULER_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_LINK_SECTION: Final = ".struct_ops.link"
_NEEDED: Final = ("exit",)


def definition(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ002 to OBJ004: exactly one scheduler, bound to its loader's life."""
    if len(facts.struct_ops) != 1:
        yield finding("OBJ002", count=len(facts.struct_ops) or "no")
    for ops in facts.struct_ops:
        if ops.type != SCHEDULER_TYPE:
            yield finding("OBJ003", variable=ops.variable, type=ops.type)
        if ops.section != _LINK_SECTION:
            yield finding("OBJ004", section=ops.section)


def data_members(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ019, OBJ020, OBJ036: numbers handed to the kernel are within limits."""
    if not facts.struct_ops:
        return
    values = {"timeout_ms": 0, **dict(facts.ops_data)}
    flags = values.pop("flags", 0)
    for member, value in values.items():
        low, high = LIMITS.get(member, (0, 0))
        if not low <= value <= high:
            yield finding("OBJ019", member=member, value=value, low=low, high=high)
    allowed = ALLOWED_FLAGS
    if "enqueue" not in dict(facts.ops_callbacks):
        allowed &= ~_ENQ_LAST
    if flags & ~allowed:
        yield finding("OBJ020", flags=hex(flags & ~allowed))
    for member in facts.operations.stray:
        yield finding("OBJ036", member=member)


def operations(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ021 and OBJ032: the operations that every scheduler needs, and only known ones."""
    present = dict(facts.ops_callbacks)
    for operation in _NEEDED:
        if facts.struct_ops and operation not in present:
            yield finding("OBJ021", operation=operation)
    for operation in sorted(present.keys() - lists.OPERATIONS):
        yield finding("OBJ032", operation=operation)


def name(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ035: the scheduler has a name that the kernel takes and that is plain to read."""
    if facts.struct_ops and not _SCHEDULER_NAME.fullmatch(facts.ops_name):
        yield finding("OBJ035", what="scheduler", name=facts.ops_name or "(empty)")


def exit_record(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ031: the kernel's last words land where the node reads them, and nothing else does."""
    for what in _record_faults(facts) if facts.struct_ops else ():
        yield finding("OBJ031", what=what)


def _record_faults(facts: ObjectFacts) -> Iterator[str]:
    if dict(facts.data_sections).get(EXIT_SECTION) != EXIT_VARIABLE.size:
        yield "it is missing or has another size"
        return
    if [v for v in facts.variables if v.section == EXIT_SECTION] != [EXIT_VARIABLE]:
        yield "its members are others"
    if any(dict(facts.contents)[EXIT_SECTION]):
        yield "it is not empty at first, so it would tell of an end that never was"
    exits = exit_sections(facts)
    writers = {c.section for c in facts.code if EXIT_SECTION in c.touches}
    if not writers or writers - exits:
        yield "not only the exit operation writes it"
    for code in (c for c in facts.code if c.section in exits):
        others = code.externs or code.touches - {EXIT_SECTION} or code.hard_coded
        if others or set(code.helpers) - EXIT_HELPERS.keys():
            yield "the exit operation does more than fill it"


def licence(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ018: the licence lets the kernel load it."""
    if facts.license not in lists.GPL_LICENSES:
        yield finding("OBJ018", license=repr(facts.license) if facts.license else "(none)")


OPS_RULES: Final = (definition, data_members, operations, name, exit_record, licence)
