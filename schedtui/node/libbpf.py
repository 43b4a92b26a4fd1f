"""A small typed binding of ``libbpf.so.1`` (1.4 or newer) by ctypes.

Objects are opened from memory, never from a path, so that the bytes that were hashed are the
bytes that are loaded. Every failure is a :class:`LibbpfError` with a sentence for people. Handles
are closed with ``close()``; each object belongs to one thread at a time.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Callable, Iterator
from ctypes import byref, c_char_p, c_int, c_size_t, c_uint32, c_uint64, c_void_p
from dataclasses import dataclass
from typing import Any, Final

from schedtui.node.libbpf_library import (
    LibbpfError,
    failure,
    libbpf_version,
    library,
    number_of,
    possible_cpus,
    require_libbpf,
    share_kernel_types,
    take_notes,
    text,
    unheard,
)

__all__ = [
    "LOG_STATISTICS",
    "LOG_TRACE",
    "MAP_STRUCT_OPS",
    "PROGRAM_STRUCT_OPS",
    "BpfObject",
    "LibbpfError",
    "Link",
    "Map",
    "Program",
    "ProgramInfo",
    "libbpf_version",
    "library",
    "possible_cpus",
    "require_libbpf",
    "share_kernel_types",
    "take_notes",
    "unheard",
]

LOG_STATISTICS: Final = 4
"""Verifier log level that yields the statistics lines only."""
LOG_TRACE: Final = 2
"""Verifier log level that yields the whole trace."""

MAP_PERCPU_HASH: Final = 5
MAP_PERCPU_ARRAY: Final = 6
MAP_LRU_PERCPU_HASH: Final = 10
MAP_STRUCT_OPS: Final = 26
PROGRAM_STRUCT_OPS: Final = 27
_MAP_FLAG_READ_ONLY: Final = 1 << 7
_MAP_FLAG_LINK: Final = 1 << 13
_PERCPU_TYPES: Final = frozenset({MAP_PERCPU_HASH, MAP_PERCPU_ARRAY, MAP_LRU_PERCPU_HASH})


class _OpenOptions(ctypes.Structure):
    _fields_ = (
        ("size", c_size_t),
        ("object_name", c_char_p),
        ("relaxed_maps", ctypes.c_bool),
        ("pin_root_path", c_char_p),
        ("attach_prog_fd", c_uint32),
        ("kconfig", c_char_p),
        ("btf_custom_path", c_char_p),
    )


class _IteratorOptions(ctypes.Structure):
    _fields_ = (("size", c_size_t), ("link_info", c_void_p), ("link_info_len", c_uint32))


class _TestRunOptions(ctypes.Structure):
    _fields_ = (
        ("size", c_size_t),
        ("data_in", c_void_p),
        ("data_out", c_void_p),
        ("data_size_in", c_uint32),
        ("data_size_out", c_uint32),
        ("ctx_in", c_void_p),
        ("ctx_out", c_void_p),
        ("ctx_size_in", c_uint32),
        ("ctx_size_out", c_uint32),
        ("retval", c_uint32),
        ("repeat", c_int),
        ("duration", c_uint32),
        ("flags", c_uint32),
        ("cpu", c_uint32),
        ("batch_size", c_uint32),
    )


class _BatchOptions(ctypes.Structure):
    _fields_ = (("size", c_size_t), ("elem_flags", c_uint64), ("flags", c_uint64))


class _ProgramInfo(ctypes.Structure):
    """The beginning of the kernel's ``struct bpf_prog_info``."""

    _fields_ = (
        ("type", c_uint32),
        ("id", c_uint32),
        ("tag", ctypes.c_ubyte * 8),
        ("jited_bytes", c_uint32),
        ("xlated_bytes", c_uint32),
    )


@dataclass(frozen=True, slots=True)
class ProgramInfo:
    """What the kernel made of a loaded program. Sizes in bytes."""

    tag: str
    xlated_bytes: int
    jited_bytes: int


class Link:
    """An attachment. Closing it, or the end of this process, detaches."""

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle
        self.fd: int = library().bpf_link__fd(handle)

    def close(self) -> None:
        """Detach. Closing again does nothing."""
        handle, self._handle = self._handle, None
        if handle is not None:
            library().bpf_link__destroy(handle)

    def open_iterator(self) -> int:
        """Return a new file descriptor that runs an iterator program when it is read."""
        fd: int = library().bpf_iter_create(self.fd)
        if fd < 0:
            raise failure("the iterator cannot be opened", fd)
        return fd


class Program:
    """One BPF program of an object. Valid until the object is closed."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._log: Any = None
        self.name = text(library().bpf_program__name(handle))
        self.section = text(library().bpf_program__section_name(handle))

    @property
    def type(self) -> int:
        """The kernel's program type number."""
        return int(library().bpf_program__type(self._handle))

    @property
    def fd(self) -> int:
        """File descriptor; negative before the object is loaded."""
        return int(library().bpf_program__fd(self._handle))

    def set_autoload(self, *, wanted: bool) -> None:
        """Choose whether loading the object loads this program."""
        library().bpf_program__set_autoload(self._handle, wanted)

    def capture_log(self, buffer: ctypes.Array[ctypes.c_char], level: int) -> None:
        """Give the verifier a log buffer at ``level``. Before the load; keep it until the end."""
        self._log = buffer
        for result in (
            library().bpf_program__set_log_buf(self._handle, buffer, len(buffer)),
            library().bpf_program__set_log_level(self._handle, level),
        ):
            if result < 0:
                raise failure("the verifier log cannot be set", result)

    def log(self) -> bytes:
        """Return what the verifier wrote; raw foreign text."""
        # Not the buffer's own value, which copies all of it before it looks for the end.
        return b"" if self._log is None else ctypes.string_at(ctypes.addressof(self._log))

    def info(self) -> ProgramInfo:
        """Return what the kernel says of the program after the load. Raises LibbpfError."""
        raw = _ProgramInfo()
        size = c_uint32(ctypes.sizeof(raw))
        result = library().bpf_obj_get_info_by_fd(self.fd, byref(raw), byref(size))
        if result < 0:
            raise failure(f"the kernel says nothing about {self.name}", result)
        return ProgramInfo(bytes(raw.tag).hex(), raw.xlated_bytes, raw.jited_bytes)

    def attach(self) -> Link:
        """Attach where the section name says. Raises LibbpfError."""
        return _link(library().bpf_program__attach(self._handle), f"{self.name} cannot be attached")

    def attach_iterator(self) -> Link:
        """Attach an ``iter/...`` program without parameters. Raises LibbpfError."""
        handle = library().bpf_program__attach_iter(self._handle, None)
        return _link(handle, f"{self.name} cannot be attached")

    def run(self, context: bytes = b"") -> int:
        """Run a ``syscall`` or ``raw_tp`` program once; returns its result. Raises LibbpfError."""
        options = _TestRunOptions(size=ctypes.sizeof(_TestRunOptions))
        if context:
            buffer = ctypes.create_string_buffer(context, len(context))
            options.ctx_in = ctypes.addressof(buffer)
            options.ctx_size_in = len(context)
        result = library().bpf_prog_test_run_opts(self.fd, byref(options))
        if result < 0:
            raise failure(f"{self.name} cannot be run", result)
        return int(options.retval)


def _link(handle: int | None, doing: str) -> Link:
    if not handle:
        raise failure(doing)
    return Link(handle)


class Map:
    """One map of an object. Keys and values are bytes in the machine's byte order."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        call = library()
        self.name = text(call.bpf_map__name(handle))
        self.type: int = call.bpf_map__type(handle)
        self.key_size: int = call.bpf_map__key_size(handle)
        self.value_size: int = call.bpf_map__value_size(handle)
        self.percpu = self.type in _PERCPU_TYPES

    @property
    def fd(self) -> int:
        """File descriptor; negative before the object is loaded."""
        return int(library().bpf_map__fd(self._handle))

    @property
    def is_link(self) -> bool:
        """Tell whether a struct_ops map is attached by a link that dies with its holder."""
        return bool(library().bpf_map__map_flags(self._handle) & _MAP_FLAG_LINK)

    @property
    def is_constant(self) -> bool:
        """Tell whether programs cannot write to it."""
        return bool(library().bpf_map__map_flags(self._handle) & _MAP_FLAG_READ_ONLY)

    def forbid_writes(self) -> None:
        """Have the verifier refuse programs that write to it. Before the load. Raises LibbpfError.

        Unlike those of a section of constants, its values are not taken for granted for that: the
        loader freezes such a section, and nothing else.
        """
        flags = library().bpf_map__map_flags(self._handle) | _MAP_FLAG_READ_ONLY
        result = library().bpf_map__set_map_flags(self._handle, flags)
        if result < 0:
            raise failure(f"map {self.name} cannot be made read-only", result)

    @property
    def pinned(self) -> bool:
        """Tell whether loading would give it a name that outlives this process."""
        return library().bpf_map__pin_path(self._handle) is not None

    @property
    def value_type(self) -> int:
        """Number of the value's type in the object's type information, 0 when unknown."""
        return int(library().bpf_map__btf_value_type_id(self._handle))

    @property
    def max_entries(self) -> int:
        """Capacity in elements."""
        return int(library().bpf_map__max_entries(self._handle))

    @property
    def stride(self) -> int:
        """Bytes per CPU inside one value of a per-CPU map."""
        return (self.value_size + 7) // 8 * 8

    @property
    def full_size(self) -> int:
        """Bytes of one value as lookup returns it, all CPUs together."""
        return self.stride * possible_cpus() if self.percpu else self.value_size

    def set_max_entries(self, entries: int) -> None:
        """Change the capacity. Before the load. Raises LibbpfError."""
        result = library().bpf_map__set_max_entries(self._handle, entries)
        if result < 0:
            raise failure(f"map {self.name} cannot be resized", result)

    def initial(self) -> memoryview:
        """Return the map's initial value, writable until the object is loaded.

        For a struct_ops map this is the shadow of the kernel structure; for ``.rodata`` and
        ``.data`` the constants. Raises LibbpfError when the map has none.
        """
        found = self._initial()
        if found is None:
            raise LibbpfError(f"map {self.name} has no initial value")
        return found

    def constants(self) -> memoryview | None:
        """Return the initial value of a section of constants, None for any other map."""
        return self._initial() if self.is_constant else None

    def _initial(self) -> memoryview | None:
        size = c_size_t()
        address = library().bpf_map__initial_value(self._handle, byref(size))
        if not address:
            return None
        return memoryview((ctypes.c_ubyte * size.value).from_address(address)).cast("B")

    def attach_struct_ops(self) -> Link:
        """Register this structure with the kernel. Raises LibbpfError."""
        handle = library().bpf_map__attach_struct_ops(self._handle)
        return _link(handle, f"{self.name} cannot be attached")

    def lookup(self, key: bytes) -> bytes | None:
        """Return the value of ``key`` (all CPUs for a per-CPU map), None when absent."""
        value = ctypes.create_string_buffer(self.full_size)
        if library().bpf_map_lookup_elem(self.fd, key, value) < 0:
            return None
        return value.raw

    def lookup_index(self, index: int) -> bytes:
        """Return element ``index`` of an array map. Raises LibbpfError."""
        value = self.lookup(struct.pack("=I", index))
        if value is None:
            raise LibbpfError(f"map {self.name} has no element {index}", errno.ENOENT)
        return value

    def update(self, key: bytes, value: bytes) -> None:
        """Set the value of ``key``. Raises LibbpfError."""
        result = library().bpf_map_update_elem(self.fd, key, value, 0)
        if result < 0:
            raise failure(f"map {self.name} cannot be written", result)

    def delete(self, key: bytes) -> bool:
        """Remove ``key``; tells whether it was there."""
        return int(library().bpf_map_delete_elem(self.fd, key)) >= 0

    def keys(self) -> Iterator[bytes]:
        """Yield the keys, one call each; a map that changes may repeat or miss some."""
        key, following = None, ctypes.create_string_buffer(self.key_size)
        while library().bpf_map_get_next_key(self.fd, key, following) >= 0:
            key = following.raw
            yield key

    def items(self, chunk: int = 1024, *, drain: bool = False) -> list[tuple[bytes, bytes]]:
        """Return all keys and values in batches of ``chunk``; ``drain`` also removes them.

        Hash maps only guarantee that an element present all the time is seen. Raises
        LibbpfError when the kernel has no batch operation for this kind of map.
        """
        name = "bpf_map_lookup_and_delete_batch" if drain else "bpf_map_lookup_batch"
        found: list[tuple[bytes, bytes]] = []
        cursor: ctypes.Array[ctypes.c_char] | None = None
        last = False
        while not last:
            pairs, cursor, last = self._batch(getattr(library(), name), cursor, chunk)
            found += pairs
        return found

    def _batch(
        self, function: Callable[..., int], cursor: ctypes.Array[ctypes.c_char] | None, chunk: int
    ) -> tuple[list[tuple[bytes, bytes]], ctypes.Array[ctypes.c_char], bool]:
        size = self.full_size
        keys = ctypes.create_string_buffer(self.key_size * chunk)
        values = ctypes.create_string_buffer(size * chunk)
        # Hash maps return a bucket number here, which is wider than a short key.
        following = ctypes.create_string_buffer(max(self.key_size, 8))
        count = c_uint32(chunk)
        options = _BatchOptions(size=ctypes.sizeof(_BatchOptions))
        result = function(self.fd, cursor, following, keys, values, byref(count), byref(options))
        number = number_of(result) if result < 0 else 0
        if number not in {0, errno.ENOENT}:
            raise failure(f"map {self.name} cannot be read", result)
        raw_keys, raw_values = keys.raw, values.raw
        width = self.key_size
        pairs = [
            (raw_keys[i * width : (i + 1) * width], raw_values[i * size : (i + 1) * size])
            for i in range(count.value)
        ]
        return pairs, following, number == errno.ENOENT


class BpfObject:
    """An object file opened from memory. Close it when done; links outlive nothing but it."""

    def __init__(self, data: bytes, name: str) -> None:
        """Open ``data``. Raises LibbpfError with libbpf's own last complaint."""
        call = library()
        take_notes()
        self._data = data
        options = _OpenOptions(size=ctypes.sizeof(_OpenOptions), object_name=name.encode())
        self._handle: int | None = call.bpf_object__open_mem(data, len(data), byref(options))
        if not self._handle:
            raise failure("the object file cannot be opened")
        self.programs = tuple(map(Program, self._each(call.bpf_object__next_program)))
        self.maps = tuple(map(Map, self._each(call.bpf_object__next_map)))

    def _each(self, following: Callable[..., int | None]) -> Iterator[int]:
        item = following(self._handle, None)
        while item:
            yield item
            item = following(self._handle, item)

    def btf(self) -> int:
        """Return libbpf's handle of the object's type information. Raises LibbpfError."""
        handle = library().bpf_object__btf(self._handle)
        if not handle:
            raise LibbpfError("the object has no type information")
        return int(handle)

    def load(self) -> None:
        """Create the maps and pass the programs through the verifier. Raises LibbpfError."""
        result = library().bpf_object__load(self._handle)
        if result < 0:
            raise failure("the kernel refused the object", result)

    def map(self, name: str) -> Map:
        """Return the map called ``name``. Raises LibbpfError when there is none."""
        for each in self.maps:
            if each.name == name:
                return each
        raise LibbpfError(f"the object has no map {name}", errno.ENOENT)

    def program(self, name: str) -> Program:
        """Return the program called ``name``. Raises LibbpfError when there is none."""
        for each in self.programs:
            if each.name == name:
                return each
        raise LibbpfError(f"the object has no program {name}", errno.ENOENT)

    def close(self) -> None:
        """Release everything that was loaded. Closing again does nothing."""
        handle, self._handle = self._handle, None
        if handle is not None:
            library().bpf_object__close(handle)
