"""Types of an opened object as libbpf holds them, read in place.

libbpf has checked that every type lies inside of its table; what a type says is still foreign.
Layout: kernel Documentation/bpf/btf.rst.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schedtui.node.libbpf import BpfObject, LibbpfError, library

KIND_INT: Final = 1
KIND_POINTER: Final = 2
KIND_STRUCT: Final = 4
KIND_VARIABLE: Final = 14
KIND_SECTION: Final = 15

INT_SIGNED: Final = 1
INT_CHARACTER: Final = 2
INT_BOOLEAN: Final = 4

_ROWS_LIMIT: Final = 4096


class _Header(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_uint32),
        ("info", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
    )


class _Row(ctypes.Structure):
    _fields_ = (
        ("first", ctypes.c_uint32),
        ("second", ctypes.c_uint32),
        ("third", ctypes.c_uint32),
    )


@dataclass(frozen=True, slots=True)
class TypeView:
    """One type. Valid until its object is closed."""

    name_at: int
    """Where its name is, see ``BtfView.name``."""
    kind: int
    size: int
    """Bytes, or the number of another type, by kind."""
    count: int
    """Rows that follow: members of a structure, variables of a section."""
    bitfields: bool
    address: int

    def rows(self) -> Iterator[tuple[int, int, int]]:
        """Yield what follows a structure (name, type, bit) or a section (type, offset, size)."""
        if self.count > _ROWS_LIMIT:
            raise LibbpfError("the object's type information is too large")
        for row in (_Row * self.count).from_address(self._tail):
            yield row.first, row.second, row.third

    def tail(self) -> int:
        """Return the number that follows an integer (its encoding) or a variable (linkage)."""
        return ctypes.c_uint32.from_address(self._tail).value

    @property
    def _tail(self) -> int:
        return self.address + ctypes.sizeof(_Header)


class BtfView:
    """All types of an opened object."""

    def __init__(self, opened: BpfObject) -> None:
        self._handle = opened.btf()

    def type(self, number: int) -> TypeView:
        """Return a type. Raises LibbpfError when there is none of that number."""
        address = library().btf__type_by_id(self._handle, number) if number > 0 else None
        if not address:
            raise LibbpfError("the object's type information is damaged")
        header = _Header.from_address(address)
        return TypeView(
            name_at=header.name,
            kind=header.info >> 24 & 31,
            size=header.size,
            count=header.info & 0xFFFF,
            bitfields=bool(header.info >> 31),
            address=address,
        )

    def plain(self, number: int) -> TypeView:
        """Return the type behind names and qualifiers. Raises LibbpfError."""
        return self.type(library().btf__resolve_type(self._handle, number))

    def size(self, number: int) -> int:
        """Return how many bytes a value of a type takes. Raises LibbpfError when it has no size."""
        size: int = library().btf__resolve_size(self._handle, number)
        if size < 0:
            raise LibbpfError("the object's type information is damaged")
        return size

    def find(self, name: str, kind: int) -> TypeView | None:
        """Return the first type of a name and kind, None when there is none."""
        number = library().btf__find_by_name_kind(self._handle, name.encode(), kind)
        return self.type(number) if number > 0 else None

    def name(self, offset: int) -> str:
        """Return the name at an offset of the string table, printable or not."""
        raw = library().btf__name_by_offset(self._handle, offset) or b""
        return raw.decode("ascii", "replace")
