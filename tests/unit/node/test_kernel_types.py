"""The guest's library that keeps libbpf from reading the kernel's types for each object."""

from __future__ import annotations

import ctypes
import shutil
from collections.abc import Callable, Sequence
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int32, c_uint32, c_void_p
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from schedtui.toolchain.native import KERNEL_TYPES, build

STRUCT, FUNC = 4, 12
KERNEL, OTHER = 0x1000, 0x2000
"""Handles as libbpf gives them out; never followed."""
NOT_FOUND = -2
ASKED_LIBBPF = 77
MOST_TYPES = (1 << 19) // 4 * 3


class BtfType(ctypes.Structure):
    _fields_ = (("name_off", c_uint32), ("info", c_uint32), ("size", c_uint32))


@dataclass
class FakeLibbpf:
    """Types of a kernel by number, beginning with 1; counts what libbpf itself was asked."""

    types: Sequence[tuple[str, int]]
    count: int = 0
    loads: int = 0
    freed: list[int] = field(default_factory=list)
    _alive: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names = [name.encode() for name, _ in self.types]
        self._types = [BtfType(i, kind << 24, 0) for i, (_, kind) in enumerate(self.types)]

    def table(self) -> ctypes.Array[c_void_p]:
        functions = (
            CFUNCTYPE(c_void_p)(self._load),
            CFUNCTYPE(None, c_void_p)(self.freed.append),
            CFUNCTYPE(c_int32, c_void_p, c_char_p, c_uint32)(lambda *_: ASKED_LIBBPF),
            CFUNCTYPE(c_uint32, c_void_p)(lambda _: self.count or len(self.types) + 1),
            CFUNCTYPE(c_void_p, c_void_p, c_uint32)(self._type),
            CFUNCTYPE(c_void_p, c_void_p, c_uint32)(self._name),
        )
        self._alive += functions
        return (c_void_p * 6)(*(ctypes.cast(f, c_void_p).value for f in functions))

    def _load(self) -> int:
        self.loads += 1
        return KERNEL

    def _type(self, _handle: int, number: int) -> int:
        return ctypes.addressof(self._types[number - 1])

    def _name(self, _handle: int, offset: int) -> int | None:
        return ctypes.cast(c_char_p(self._names[offset]), c_void_p).value


Shared = Callable[[FakeLibbpf], ctypes.CDLL]


@pytest.fixture
async def shared(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """Return a way to load a library of one's own: it keeps what it has learnt."""
    folder = tmp_path_factory.getbasetemp() / "native"
    built = (await build(folder, lambda _: None, KERNEL_TYPES))["kernel_types"]

    called: list[FakeLibbpf] = []  # alive as long as the libraries that call them

    def load(libbpf: FakeLibbpf) -> ctypes.CDLL:
        library = ctypes.CDLL(str(shutil.copy(built, tmp_path / "kernel_types.so")))
        library.btf__load_vmlinux_btf.restype = c_void_p
        library.btf__find_by_name_kind.argtypes = (c_void_p, c_char_p, c_uint32)
        library.btf__free.argtypes = (c_void_p,)
        library.kernel_types_begin.argtypes = (POINTER(c_void_p),)
        library.kernel_types_begin(libbpf.table())
        called.append(libbpf)
        return library

    return load


def test_a_type_is_found_by_name_and_kind_the_first_of_several(shared: Shared) -> None:
    types = [("task", STRUCT), ("", STRUCT), ("task", FUNC), ("run", FUNC), ("run", FUNC)]
    library = shared(FakeLibbpf(types))
    find = library.btf__find_by_name_kind
    assert find(KERNEL, b"task", STRUCT) == 1
    assert find(KERNEL, b"task", FUNC) == 3
    assert find(KERNEL, b"run", FUNC) == 4
    assert find(KERNEL, b"run", STRUCT) == NOT_FOUND
    assert find(KERNEL, b"ru", FUNC) == NOT_FOUND


def test_each_of_many_types_is_found(shared: Shared) -> None:
    types = [(f"function_{i}", FUNC) for i in range(5000)]
    library = shared(FakeLibbpf(types))
    for number, (name, kind) in enumerate(types, start=1):
        assert library.btf__find_by_name_kind(KERNEL, name.encode(), kind) == number


def test_the_kernels_types_are_read_once_and_never_freed(shared: Shared) -> None:
    libbpf = FakeLibbpf([("task", STRUCT)])
    library = shared(libbpf)
    for _ in range(3):
        assert library.btf__load_vmlinux_btf() == KERNEL
        library.btf__free(KERNEL)
    assert libbpf.loads == 1
    assert libbpf.freed == []


def test_what_is_about_other_types_goes_to_libbpf(shared: Shared) -> None:
    libbpf = FakeLibbpf([("task", STRUCT)])
    library = shared(libbpf)
    assert library.btf__find_by_name_kind(OTHER, b"task", STRUCT) == ASKED_LIBBPF
    assert library.btf__find_by_name_kind(KERNEL, b"void", STRUCT) == ASKED_LIBBPF
    assert library.btf__find_by_name_kind(KERNEL, b"task", 0) == ASKED_LIBBPF
    library.btf__free(OTHER)
    assert libbpf.freed == [OTHER]


def test_more_types_than_there_is_room_for_are_left_to_libbpf(shared: Shared) -> None:
    library = shared(FakeLibbpf([("task", STRUCT)], count=MOST_TYPES + 1))
    assert library.btf__find_by_name_kind(KERNEL, b"task", STRUCT) == ASKED_LIBBPF
