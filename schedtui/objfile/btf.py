"""Types of a BPF object (BTF), as far as the checks need them.

Layout: kernel Documentation/bpf/btf.rst.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from schedtui.objfile.bounded import Bytes
from schedtui.objfile.errors import ObjectFileError

_MAGIC: Final = 0xEB9F
_HEADER_BYTES: Final = 24
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
_KINDS: Final = tuple(Kind)
_NO_TAIL: Final = (0, 0)
_COMPOSITE: Final = {Kind.STRUCT, Kind.UNION}
_DETAILED: Final = {*_COMPOSITE, Kind.DATASEC, Kind.ARRAY, Kind.FUNC, Kind.VAR}
_SIZED: Final = {Kind.INT, Kind.STRUCT, Kind.UNION, Kind.ENUM, Kind.FLOAT, Kind.ENUM64}


class Member(NamedTuple):
    """A member of a struct (``offset`` in bits) or an entry of a data section (in bytes)."""

    name: str
    type_id: int
    offset: int
    size: int = 0


class Linkage(IntEnum):
    """Whom a function or variable is known to."""

    STATIC = 0
    GLOBAL = 1
    EXTERN = 2


class Type(NamedTuple):
    """One type. ``size_or_type`` is a size in bytes or another type, by kind."""

    kind: Kind
    name: str
    size_or_type: int
    members: tuple[Member, ...] = ()
    element: int = 0
    length: int = 0
    """Length of an array."""
    linkage: Linkage = Linkage.STATIC
    """Of functions and variables."""
    bitfields: bool = False
    """A struct that has them; its offsets hold sizes too."""


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
            factor, type_id = factor * found.length, found.element
        raise ObjectFileError("arrays are nested too deeply")

    def data_section(self, name: str) -> Type | None:
        """Return the data section called ``name``, or None."""
        return next((t for t in self.of(Kind.DATASEC) if t.name == name), None)

    def of(self, *kinds: Kind) -> tuple[Type, ...]:
        """Return all types of some kinds."""
        return tuple(t for t in self.types if t.kind in kinds)

    def functions(self) -> frozenset[str]:
        """Return the names of all functions, defined or extern."""
        return frozenset(t.name for t in self.of(Kind.FUNC))


def _own_size(found: Type) -> int:
    if found.kind is Kind.PTR:
        return _POINTER_BYTES
    return found.size_or_type if found.kind in _SIZED else 0


def read_btf(section: Bytes) -> Btf:
    """Read a ``.BTF`` section. Raises ObjectFileError."""
    magic, version, flags, header, *places = section.fields("HBBIIIII", 0)
    if (magic, version, flags, header) != (_MAGIC, 1, 0, _HEADER_BYTES):
        raise ObjectFileError("the type information has an unknown form")
    type_offset, type_size, name_offset, name_size = places
    if (type_offset, name_offset) != (0, type_size):
        raise ObjectFileError("the type information has gaps")
    rows = section.part(header, type_size, "type table")
    names = section.part(header + name_offset, name_size, "type names")
    if name_offset + name_size + header != len(section.data):
        raise ObjectFileError("the type information has more than types and names")
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
    name, info, target = rows.fields("III", offset)
    kind, length = _kind(info >> 24 & 0x1F), info & 0xFFFF
    fixed, each = _TAIL.get(kind, _NO_TAIL)
    start, after = offset + 12, offset + 12 + fixed + each * length
    if after > len(rows.data):
        raise ObjectFileError("a type lies outside the type table")
    text = names.text(name)
    if kind not in _DETAILED:
        return Type(kind, text, target), after
    return _detailed(rows, start, names, Type(kind, text, target), (info, length)), after


def _detailed(rows: Bytes, start: int, names: Bytes, bare: Type, more: tuple[int, int]) -> Type:
    """Return a type with what follows its header."""
    info, length = more
    kind, text, target, *_ = bare
    if kind in _COMPOSITE:
        bits = bool(info >> 31)
        members = _struct_members(rows, start, names, length, bitfields=bits)
        return Type(kind, text, target, members, bitfields=bits)
    if kind is Kind.DATASEC:
        return Type(kind, text, target, _section_members(rows, start, length))
    if kind is Kind.ARRAY:
        element, _, count = rows.fields("III", start)
        return Type(kind, text, target, element=element, length=count)
    number = length if kind is Kind.FUNC else rows.fields("I", start)[0]
    return Type(kind, text, target, linkage=_linkage(number))


def _kind(number: int) -> Kind:
    try:
        return _KINDS[number]
    except IndexError as error:
        raise ObjectFileError("the type information has an unknown kind") from error


def _linkage(number: int) -> Linkage:
    try:
        return Linkage(number)
    except ValueError as error:
        raise ObjectFileError("a function or variable has an unknown linkage") from error


def _struct_members(
    rows: Bytes, start: int, names: Bytes, count: int, *, bitfields: bool
) -> tuple[Member, ...]:
    mask = 0xFFFFFF if bitfields else 0xFFFFFFFF
    row = rows.fields(f"{3 * count}I", start)
    texts = [names.text(offset) for offset in row[::3]]
    offsets = [offset & mask for offset in row[2::3]]
    return tuple(map(Member, texts, row[1::3], offsets))


def _section_members(rows: Bytes, start: int, count: int) -> tuple[Member, ...]:
    row = rows.fields(f"{3 * count}I", start)
    return tuple(map(Member, [""] * count, row[::3], row[1::3], row[2::3]))
