"""The loaded ``libbpf.so.1``: its functions with their types, its messages, its errors.

Private to :mod:`schedtui.node.libbpf`, which wraps the handles.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
from collections.abc import Iterator
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any, Final

LIBRARY: Final = "libbpf.so.1"
OLDEST: Final = (1, 4)
"""First version that lets the loader edit a scheduler's data members (1.2 has links)."""

_NOTES_LIMIT: Final = 200
_PrintFn: Final = ctypes.CFUNCTYPE(c_int, c_int, c_char_p, c_void_p)


class LibbpfError(Exception):
    """libbpf or the kernel refused. ``number`` is a positive errno, 0 when there is none."""

    def __init__(self, sentence: str, number: int = 0) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.number = number


_POINTER: Final = c_void_p
_SIGNATURES: Final[tuple[tuple[str, Any, tuple[Any, ...]], ...]] = (
    ("libbpf_major_version", c_uint32, ()),
    ("libbpf_minor_version", c_uint32, ()),
    ("libbpf_set_print", c_void_p, (c_void_p,)),
    ("libbpf_strerror", c_int, (c_int, c_char_p, c_size_t)),
    ("libbpf_num_possible_cpus", c_int, ()),
    ("bpf_object__open_mem", c_void_p, (c_void_p, c_size_t, c_void_p)),
    ("bpf_object__load", c_int, (_POINTER,)),
    ("bpf_object__close", None, (_POINTER,)),
    ("bpf_object__next_program", c_void_p, (_POINTER, _POINTER)),
    ("bpf_object__next_map", c_void_p, (_POINTER, _POINTER)),
    ("bpf_program__name", c_char_p, (_POINTER,)),
    ("bpf_program__section_name", c_char_p, (_POINTER,)),
    ("bpf_program__fd", c_int, (_POINTER,)),
    ("bpf_program__type", c_int, (_POINTER,)),
    ("bpf_program__set_autoload", c_int, (_POINTER, ctypes.c_bool)),
    ("bpf_program__set_log_buf", c_int, (_POINTER, c_void_p, c_size_t)),
    ("bpf_program__set_log_level", c_int, (_POINTER, c_uint32)),
    ("bpf_program__attach", c_void_p, (_POINTER,)),
    ("bpf_program__attach_iter", c_void_p, (_POINTER, c_void_p)),
    ("bpf_map__name", c_char_p, (_POINTER,)),
    ("bpf_map__type", c_int, (_POINTER,)),
    ("bpf_map__fd", c_int, (_POINTER,)),
    ("bpf_map__key_size", c_uint32, (_POINTER,)),
    ("bpf_map__value_size", c_uint32, (_POINTER,)),
    ("bpf_map__max_entries", c_uint32, (_POINTER,)),
    ("bpf_map__set_max_entries", c_int, (_POINTER, c_uint32)),
    ("bpf_map__initial_value", c_void_p, (_POINTER, POINTER(c_size_t))),
    ("bpf_map__attach_struct_ops", c_void_p, (_POINTER,)),
    ("bpf_map_lookup_elem", c_int, (c_int, c_void_p, c_void_p)),
    ("bpf_map_update_elem", c_int, (c_int, c_void_p, c_void_p, c_uint64)),
    ("bpf_map_delete_elem", c_int, (c_int, c_void_p)),
    ("bpf_map_get_next_key", c_int, (c_int, c_void_p, c_void_p)),
    (
        "bpf_map_lookup_batch",
        c_int,
        (c_int, c_void_p, c_void_p, c_void_p, c_void_p, POINTER(c_uint32), c_void_p),
    ),
    (
        "bpf_map_lookup_and_delete_batch",
        c_int,
        (c_int, c_void_p, c_void_p, c_void_p, c_void_p, POINTER(c_uint32), c_void_p),
    ),
    ("bpf_prog_test_run_opts", c_int, (c_int, c_void_p)),
    ("bpf_iter_create", c_int, (c_int,)),
    ("bpf_map__map_flags", c_uint32, (_POINTER,)),
    ("bpf_map__set_map_flags", c_int, (_POINTER, c_uint32)),
    ("bpf_map__btf_value_type_id", c_uint32, (_POINTER,)),
    ("bpf_map__pin_path", c_char_p, (_POINTER,)),
    ("bpf_obj_get_info_by_fd", c_int, (c_int, c_void_p, POINTER(c_uint32))),
    ("btf__find_by_name_kind", c_int, (_POINTER, c_char_p, c_uint32)),
    ("bpf_object__btf", c_void_p, (_POINTER,)),
    ("btf__type_by_id", c_void_p, (_POINTER, c_uint32)),
    ("btf__resolve_type", c_int, (_POINTER, c_uint32)),
    ("btf__resolve_size", ctypes.c_int64, (_POINTER, c_uint32)),
    ("btf__name_by_offset", c_char_p, (_POINTER, c_uint32)),
    ("bpf_link__fd", c_int, (_POINTER,)),
    ("bpf_link__destroy", c_int, (_POINTER,)),
)
_SHARED_TYPES: Final = (
    "btf__load_vmlinux_btf",
    "btf__free",
    "btf__find_by_name_kind",
    "btf__type_cnt",
    "btf__type_by_id",
    "btf__name_by_offset",
)
"""What ``native/kernel_types.c`` asks of libbpf, in the order of its ``struct libbpf``."""


class _Library:
    """The loaded shared library with its messages captured and kept off stderr."""

    def __init__(self, kernel_types: Path | None) -> None:
        self.notes: list[str] = []
        # The names it brings are found only when it is there before libbpf.
        shared = kernel_types and ctypes.CDLL(str(kernel_types), ctypes.RTLD_GLOBAL)
        self.call: ctypes.CDLL = _open_library()
        for name, result, arguments in _SIGNATURES:
            function = getattr(self.call, name)
            function.restype, function.argtypes = result, arguments
        self._check_version()
        self._format: Any = ctypes.CDLL(None).vsnprintf
        self._format.argtypes = (c_void_p, c_size_t, c_char_p, c_void_p)
        self._print = _PrintFn(self._keep)
        self.listen(wanted=True)
        self.possible_cpus: int = max(1, self.call.libbpf_num_possible_cpus())
        self.types_indexed: bool = bool(shared and self._share_types(shared))

    def _share_types(self, shared: ctypes.CDLL) -> bool:
        functions = (ctypes.cast(getattr(self.call, name), c_void_p) for name in _SHARED_TYPES)
        table = (c_void_p * len(_SHARED_TYPES))(*(function.value for function in functions))
        return bool(shared.kernel_types_begin(table))

    def listen(self, *, wanted: bool) -> None:
        """Keep libbpf's messages from now on, or have it write none."""
        self.call.libbpf_set_print(ctypes.cast(self._print, c_void_p) if wanted else None)

    @property
    def version(self) -> tuple[int, int]:
        """Major and minor version."""
        return self.call.libbpf_major_version(), self.call.libbpf_minor_version()

    def _check_version(self) -> None:
        found = self.version
        if found < OLDEST:
            raise LibbpfError(f"libbpf {found[0]}.{found[1]} is too old: 1.4 or newer is needed")

    def _keep(self, level: int, form: bytes, arguments: int | None) -> int:
        if level <= 1:
            buffer = ctypes.create_string_buffer(1024)
            self._format(buffer, len(buffer), form, arguments)
            self.notes.append(buffer.value.decode("utf-8", "replace").strip())
            del self.notes[:-_NOTES_LIMIT]
        return 0


def _open_library() -> ctypes.CDLL:
    try:
        return ctypes.CDLL(LIBRARY, use_errno=True)
    except OSError as error:
        raise LibbpfError(f"{LIBRARY} is not installed", errno.ENOENT) from error


_loaded: list[_Library] = []


def share_kernel_types(path: Path) -> bool:
    """Load libbpf so that it reads and indexes the kernel's types once for all objects.

    To be called before anything else of libbpf, where no other process is delayed by it. Returns
    False when the kernel's types cannot be had or are too many; libbpf then works as ever.

    Args:
        path: ``native/kernel_types.c``, built as a shared library.

    Raises:
        LibbpfError: libbpf is missing, too old, or loaded already.
    """
    if _loaded:
        raise LibbpfError(f"{LIBRARY} is loaded already")
    _loaded.append(_Library(path))
    return _loaded[0].types_indexed


def require_libbpf() -> None:
    """Load the library. Raises LibbpfError when it is missing or too old."""
    _library()


def library() -> ctypes.CDLL:
    """Return the functions of libbpf, loading it once. Raises LibbpfError when unusable."""
    return _library().call


def _library() -> _Library:
    if not _loaded:
        _loaded.append(_Library(None))
    return _loaded[0]


def libbpf_version() -> str:
    """Return major and minor version of the library, such as ``1.4``."""
    major, minor = _library().version
    return f"{major}.{minor}"


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """Have libbpf write no notes meanwhile: some 300 calls into Python for each object less."""
    _library().listen(wanted=False)
    try:
        yield
    finally:
        _library().listen(wanted=True)


def take_notes() -> tuple[str, ...]:
    """Return libbpf's warnings since the last call, oldest first. They are raw foreign text."""
    kept = _library().notes
    notes = tuple(kept)
    kept.clear()
    return notes


def possible_cpus() -> int:
    """Return how many values each key of a per-CPU map has."""
    return _library().possible_cpus


def number_of(result: int) -> int:
    """Return the positive errno behind a negative result or a missing handle."""
    return -result if result < 0 else ctypes.get_errno()


def failure(doing: str, result: int = 0) -> LibbpfError:
    """Return the error for what was being done, with the reason in words."""
    number = number_of(result)
    buffer = ctypes.create_string_buffer(128)
    # libbpf has numbers of its own above the system's.
    library().libbpf_strerror(number, buffer, len(buffer))
    return LibbpfError(f"{doing}: {text(buffer.value)}", number)


def text(raw: bytes | None) -> str:
    """Return a C string as text; undecodable bytes become replacement characters."""
    return (raw or b"").decode("utf-8", "replace")
