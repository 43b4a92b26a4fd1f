"""Maps that an object declares in ``.maps``, and the memory they can take.

A map's declaration is a struct whose members carry numbers as array lengths
(``int (*type)[2]``) and types as pointers (``u64 *value``): libbpf, "BTF-defined maps".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schedtui.objfile.btf import Btf, Kind, Member
from schedtui.objfile.errors import ObjectFileError

CPUS_ASSUMED: Final = 512
"""Number of CPUs that per-CPU maps are counted for."""

_ENTRY_OVERHEAD: Final = 64

MAP_KINDS: Final[dict[int, str]] = {
    1: "hash",
    2: "array",
    3: "prog_array",
    4: "perf_event_array",
    5: "percpu_hash",
    6: "percpu_array",
    7: "stack_trace",
    8: "cgroup_array",
    9: "lru_hash",
    10: "lru_percpu_hash",
    11: "lpm_trie",
    12: "array_of_maps",
    13: "hash_of_maps",
    22: "queue",
    23: "stack",
    26: "struct_ops",
    27: "ringbuf",
    28: "inode_storage",
    29: "task_storage",
    30: "bloom_filter",
    31: "user_ringbuf",
    32: "cgrp_storage",
    33: "arena",
}
PER_OBJECT: Final = frozenset({"inode_storage", "task_storage", "cgrp_storage"})
"""Kinds that grow with their owners and have no number of entries."""
PER_CPU: Final = frozenset({"percpu_hash", "percpu_array", "lru_percpu_hash"})
_FLAT: Final = {"array", "percpu_array", "queue", "stack"}
_MEMBERS: Final = frozenset(
    {"type", "key", "key_size", "value", "value_size", "max_entries", "map_flags", "pinning"}
)


@dataclass(frozen=True, slots=True)
class Map:
    """One declared map. Sizes in bytes."""

    name: str
    kind: str
    """Kernel name of the map type, or ``type 99`` when this reader does not know it."""
    key_size: int
    value_size: int
    max_entries: int
    flags: int
    pinned: bool
    nested: bool
    """Holds other maps or programs."""
    unusual: tuple[str, ...] = ()
    """Members of the declaration that only special maps have."""

    @property
    def bytes(self) -> int:
        """Memory at most, for CPUS_ASSUMED CPUs; 0 for storage that grows with its owners."""
        if self.kind in PER_OBJECT:
            return 0
        if self.kind in {"ringbuf", "user_ringbuf"}:
            return self.max_entries
        value = -(-self.value_size // 8) * 8
        if self.kind in PER_CPU:
            value *= CPUS_ASSUMED
        overhead = 0 if self.kind in _FLAT else self.key_size + _ENTRY_OVERHEAD
        return self.max_entries * (value + overhead)


def read_maps(btf: Btf) -> tuple[Map, ...]:
    """Return the maps of ``.maps``. Raises ObjectFileError for a form libbpf would not take."""
    section = btf.data_section(".maps")
    entries = section.members if section else ()
    return tuple(_read_map(btf, entry) for entry in entries)


def _read_map(btf: Btf, entry: Member) -> Map:
    variable = btf.type(entry.type_id)
    declaration = btf.plain(variable.size_or_type)
    if variable.kind is not Kind.VAR or declaration.kind is not Kind.STRUCT:
        raise ObjectFileError("a map is not declared as a struct")
    members = {member.name: member for member in declaration.members}
    if len(members) != len(declaration.members):
        raise ObjectFileError("a map says something twice")
    kind = _number(btf, members, "type")
    return Map(
        variable.name,
        MAP_KINDS.get(kind, f"type {kind}"),
        _size(btf, members, "key"),
        _size(btf, members, "value"),
        _number(btf, members, "max_entries"),
        _number(btf, members, "map_flags"),
        _number(btf, members, "pinning") != 0,
        "values" in members,
        tuple(sorted(members.keys() - _MEMBERS - {"values"})),
    )


def _number(btf: Btf, members: dict[str, Member], name: str) -> int:
    """Return the length of the array that a member points to; 0 when there is no member."""
    if name not in members:
        return 0
    pointer = btf.plain(members[name].type_id)
    array = btf.plain(pointer.size_or_type) if pointer.kind is Kind.PTR else pointer
    if pointer.kind is not Kind.PTR or array.kind is not Kind.ARRAY:
        raise ObjectFileError(f"a map's {name!r} is not a number")
    return array.length


def _size(btf: Btf, members: dict[str, Member], name: str) -> int:
    """Return the size of a key or value, said as a number, a type, or both."""
    said, typed = _number(btf, members, f"{name}_size"), _pointed_size(btf, members, name)
    if said and typed and said != typed:
        raise ObjectFileError(f"a map's {name} has two sizes")
    return said or typed


def _pointed_size(btf: Btf, members: dict[str, Member], name: str) -> int:
    if name not in members:
        return 0
    pointer = btf.plain(members[name].type_id)
    if pointer.kind is not Kind.PTR:
        raise ObjectFileError(f"a map's {name!r} is not a type")
    return btf.size(pointer.size_or_type)
