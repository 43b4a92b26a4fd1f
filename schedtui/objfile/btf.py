"""Types of a BPF object (BTF), as far as the checks need them.

Layout: kernel Documentation/bpf/btf.rst.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from schedtui.objfile.bounded import Bytes
from schedtui.objfile.errors import ObjectFileError

_MAGIC: Final = 0xEB9F
_MAX_TYPES: Final = 60_000
_MAX_DEPTH: Final = 32
_POINTER_BYTES: Final = 8


class Kind(IntEnum):
    """Kinds of types that are looked at; the numbers are BTF's."""

    VOID = 0
    INT = 1
    PTR = 2
    ARRAY = 3
    STRUCT = 4
    UNION = 5
    ENUM = 6
    FWD = 7
    TYPEDEF = 8
    VOLATILE = 9
    CONST = 10
    RESTRICT = 11
    FUNC = 12
    FUNC_PROTO = 13
    VAR = 14
    DATASEC = 15
    FLOAT = 16
    DECL_TAG = 17
    TYPE_TAG = 18
    ENUM64 = 19


# Bytes after the common header: fixed, and per member.
_TAIL: Final[dict[Kind, tuple[int, int]]] = {
    Kind.INT: (4, 0),
    Kind.ARRAY: (12, 0),
    Kind.STRUCT: (0, 12),
    Kind.UNION: (0, 12),
    Kind.ENUM: (0, 8),
    Kind.FUNC_PROTO: (0, 8),
    Kind.VAR: (4, 0),
    Kind.DATASEC: (0, 12),
    Kind.DECL_TAG: (4, 0),
    Kind.ENUM64: (0, 12),
}
_WRAPPERS: Final = {Kind.TYPEDEF, Kind.VOLATILE, Kind.CONST, Kind.RESTRICT, Kind.TYPE_TAG}
_SIZED: Final = {Kind.INT, Kind.STRUCT, Kind.UNION, Kind.ENUM, Kind.FLOAT, Kind.ENUM64}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a struct (``offset`` in bits) or an entry of a data section (in bytes)."""

    name: str
    type_id: int
    offset: int
    size: int = 0


@dataclass(frozen=True, slots=True)
class Type:
    """One type. ``size_or_type`` is a size in bytes or another type, by kind."""

    kind: Kind
    name: str
    size_or_type: int
    members: tuple[Member, ...] = ()
    element: int = 0
    count: int = 0


_VOID: Final = Type(Kind.VOID, "", 0)


@dataclass(frozen=True, slots=True)
class Btf:
    """All types of an object; index 0 is void."""

    types: tuple[Type, ...]

    def type(self, type_id: int) -> Type:
        """Return a type. Raises ObjectFileError for a number that is not in the table."""
        if not 0 <= type_id < len(self.types):
            raise ObjectFileError("a type refers to one that does not exist")
        return self.types[type_id]

    def plain(self, type_id: int) -> Type:
        """Return the type behind typedefs and qualifiers."""
        for _ in range(_MAX_DEPTH):
            found = self.type(type_id)
            if found.kind not in _WRAPPERS:
                return found
            type_id = found.size_or_type
        raise ObjectFileError("types are nested too deeply")

    def size(self, type_id: int) -> int:
        """Return the size of a type in bytes, 0 when it has none."""
        factor = 1
        for _ in range(_MAX_DEPTH):
            found = self.plain(type_id)
            if found.kind is not Kind.ARRAY:
                return factor * _own_size(found)
            factor, type_id = factor * found.count, found.element
        raise ObjectFileError("arrays are nested too deeply")

    def data_section(self, name: str) -> Type | None:
        """Return the data section called ``name``, or None."""
        return next((t for t in self.types if t.kind is Kind.DATASEC and t.name == name), None)

    def functions(self) -> frozenset[str]:
        """Return the names of all functions, defined or extern."""
        return frozenset(t.name for t in self.types if t.kind is Kind.FUNC)


def _own_size(found: Type) -> int:
    if found.kind is Kind.PTR:
        return _POINTER_BYTES
    return found.size_or_type if found.kind in _SIZED else 0


def read_btf(section: Bytes) -> Btf:
    """Read a ``.BTF`` section. Raises ObjectFileError."""
    magic, version, _flags, header, *places = section.fields("HBBIIIII", 0)
    if magic != _MAGIC or version != 1 or header < 24:
        raise ObjectFileError("the type information has an unknown form")
    type_offset, type_size, name_offset, name_size = places
    rows = section.part(header + type_offset, type_size, "type table")
    names = section.part(header + name_offset, name_size, "type names")
    return Btf(tuple(_read_types(rows, names)))


def _read_types(rows: Bytes, names: Bytes) -> list[Type]:
    types, offset = [_VOID], 0
    while offset < len(rows.data):
        found, offset = _read_type(rows, names, offset)
        types.append(found)
        if len(types) > _MAX_TYPES:
            raise ObjectFileError("the object has too many types")
    return types


def _read_type(rows: Bytes, names: Bytes, offset: int) -> tuple[Type, int]:
    name, info, size_or_type = rows.fields("III", offset)
    kind, count, bitfields = _kind(info >> 24 & 0x1F), info & 0xFFFF, bool(info >> 31)
    fixed, each = _TAIL.get(kind, (0, 0))
    tail = rows.part(offset + 12, fixed + each * count, "type")
    members: tuple[Member, ...] = ()
    if kind in {Kind.STRUCT, Kind.UNION}:
        members = _struct_members(tail, names, count, bitfields)
    elif kind is Kind.DATASEC:
        members = _section_members(tail, count)
    element, _index, length = tail.fields("III", 0) if kind is Kind.ARRAY else (0, 0, 0)
    found = Type(kind, names.text(name), size_or_type, members, element, length)
    return found, offset + 12 + len(tail.data)


def _kind(number: int) -> Kind:
    try:
        return Kind(number)
    except ValueError as error:
        raise ObjectFileError("the type information has an unknown kind") from error


def _struct_members(tail: Bytes, names: Bytes, count: int, bitfields: bool) -> tuple[Member, ...]:
    rows = [tail.fields("III", 12 * i) for i in range(count)]
    mask = 0xFFFFFF if bitfields else 0xFFFFFFFF
    return tuple(Member(names.text(name), kind, offset & mask) for name, kind, offset in rows)


def _section_members(tail: Bytes, count: int) -> tuple[Member, ...]:
    rows = [tail.fields("III", 12 * i) for i in range(count)]
    return tuple(Member("", kind, offset, size) for kind, offset, size in rows)
