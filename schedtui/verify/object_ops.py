"""Object rules about the scheduler's definition, its maps and its licence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.objfile.facts import ObjectFacts
from schedtui.objfile.ops import SCHEDULER_TYPE
from schedtui.verify import lists
from schedtui.verify.catalogue import finding

MEMORY_LIMIT: Final = 64 * 1024 * 1024
LIMITS: Final[dict[str, tuple[int, int]]] = {
    "timeout_ms": (1, 5000),
    "dispatch_max_batch": (0, 128),
    "exit_dump_len": (0, 65536),
    "hotplug_seq": (0, 0),
}
"""Lowest and highest value of each data member that may be set at all."""

ALLOWED_FLAGS: Final = 0b110111
"""KEEP_BUILTIN_IDLE, ENQ_LAST, ENQ_EXITING, ENQ_MIGRATION_DISABLED, ALLOW_QUEUED_WAKEUP."""

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
    """OBJ019 and OBJ020: numbers handed to the kernel are within limits."""
    if not facts.struct_ops:
        return
    values = {"timeout_ms": 0, **dict(facts.ops_data)}
    flags = values.pop("flags", 0)
    for member, value in values.items():
        low, high = LIMITS.get(member, (0, 0))
        if not low <= value <= high:
            yield finding("OBJ019", member=member, value=value, low=low, high=high)
    if flags & ~ALLOWED_FLAGS:
        yield finding("OBJ020", flags=hex(flags & ~ALLOWED_FLAGS))


def operations(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ021: the operations that every scheduler needs are there."""
    present = dict(facts.ops_callbacks)
    for operation in _NEEDED:
        if facts.struct_ops and operation not in present:
            yield finding("OBJ021", operation=operation)


def maps(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ015 to OBJ017: map kinds, memory, pinning."""
    for found in facts.maps:
        if found.kind not in lists.MAP_KINDS or found.nested:
            yield finding("OBJ015", name=found.name, kind=found.kind)
        if found.pinned:
            yield finding("OBJ017", name=found.name)
    if facts.memory > MEMORY_LIMIT:
        size, limit = facts.memory >> 20, MEMORY_LIMIT >> 20
        yield finding("OBJ016", size=size, limit=limit)


def licence(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ018: the licence lets the kernel load it."""
    if facts.license not in lists.GPL_LICENSES:
        yield finding("OBJ018", license=repr(facts.license) if facts.license else "(none)")


OPS_RULES: Final = (definition, data_members, operations, maps, licence)
