"""Object rules about maps: kinds, sizes, flags, memory, pinning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.objfile.facts import ObjectFacts
from schedtui.objfile.maps import PER_CPU, PER_OBJECT, Map
from schedtui.verify import lists
from schedtui.verify.catalogue import finding

MEMORY_LIMIT: Final = 64 * 1024 * 1024
KEY_LIMIT: Final = 512
"""Longest key in bytes: it has to fit a program's stack."""
PER_CPU_VALUE_LIMIT: Final = 32 * 1024
STORAGE_VALUE_LIMIT: Final = 64 * 1024
_ARRAYS: Final = {"array", "percpu_array"}
_LINES: Final = {"queue", "stack"}


def kinds(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ015, OBJ017, OBJ027, OBJ028: what maps are and ask for."""
    for found in facts.maps:
        if found.kind not in lists.MAP_KINDS or found.nested:
            yield finding("OBJ015", name=found.name, kind=found.kind)
        if found.pinned:
            yield finding("OBJ017", name=found.name)
        if flags := found.flags & ~lists.MAP_FLAGS:
            yield finding("OBJ027", name=found.name, flags=hex(flags))
        for member in found.unusual:
            yield finding("OBJ028", name=found.name, member=member)


def shapes(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ026: the kernel could make the map as it is declared."""
    for found in facts.maps:
        if found.kind in lists.MAP_KINDS and (fault := _fault(found)):
            yield finding("OBJ026", name=found.name, what=fault)


def _fault(found: Map) -> str:
    """Return what is wrong with a map of an allowed kind, empty when nothing is."""
    if found.kind in PER_OBJECT:
        return _storage_fault(found)
    if found.max_entries == 0:
        return "max_entries is missing or 0"
    if found.value_size == 0:
        return "its values have no size"
    if found.kind in PER_CPU and found.value_size > PER_CPU_VALUE_LIMIT:
        return f"a value per CPU has at most {PER_CPU_VALUE_LIMIT} bytes"
    return _key_fault(found)


def _storage_fault(found: Map) -> str:
    if found.max_entries:
        return "storage grows with its owners and has no max_entries"
    if not found.flags & lists.NO_PREALLOC:
        return "storage needs the flag BPF_F_NO_PREALLOC"
    if found.key_size != 4 or not 0 < found.value_size <= STORAGE_VALUE_LIMIT:
        return f"storage has an int as key and values of at most {STORAGE_VALUE_LIMIT} bytes"
    return ""


def _key_fault(found: Map) -> str:
    if found.kind in _LINES:
        return "queues and stacks have no key" if found.key_size else ""
    if found.kind in _ARRAYS:
        return "" if found.key_size == 4 else "arrays have a key of 4 bytes"
    fits = 0 < found.key_size <= KEY_LIMIT
    return "" if fits else f"a key has 1 to {KEY_LIMIT} bytes"


def memory(facts: ObjectFacts) -> Iterator[Finding]:
    """OBJ016: maps and variables together take a bounded amount of memory."""
    if facts.memory > MEMORY_LIMIT:
        size, limit = -(-facts.memory // (1 << 20)), MEMORY_LIMIT >> 20
        yield finding("OBJ016", size=size, limit=limit)


MAP_RULES: Final = (kinds, shapes, memory)
