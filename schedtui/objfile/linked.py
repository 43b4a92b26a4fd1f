"""Linked programs, of which two things are read: their linker, and the libraries that it lists.

Layout: System V gABI chapter 5 and its supplement for AMD64. The list is that of ``--list``, which
the linkers of glibc and musl know: one library per line, and where it was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from schedtui.objfile.bounded import Bytes
from schedtui.objfile.errors import ObjectFileError

_IDENT: Final = b"\x7fELF\x02\x01"
_X86_64: Final = 62
_SEGMENT: Final = "IIQQQQQQ"
_SEGMENT_SIZE: Final = 56
_MOST_SEGMENTS: Final = 64
_INTERPRETER: Final = 3
_LIBRARY: Final = re.compile(r"\s*(?:(?P<name>\S+) => )?(?P<path>/.+) \(0x[0-9a-f]+\)")
_MISSING: Final = re.compile(r"\s*(?P<name>\S+) => not found")


def linker_of(program: bytes) -> str:
    """Return the linker that a program names, empty for one that needs none.

    Raises:
        ObjectFileError: this is no program for x86-64.
    """
    file = Bytes(program, "program")
    if program[:6] != _IDENT or file.fields("H", 18) != (_X86_64,):
        raise ObjectFileError("not a 64-bit ELF file for x86-64")
    (table,) = file.fields("Q", 32)
    size, count = file.fields("HH", 54)
    if count and size != _SEGMENT_SIZE:
        raise ObjectFileError("unusual ELF header sizes")
    rows = file.part(table, size * count, "segment table").rows(_SEGMENT, _MOST_SEGMENTS)
    for kind, _, offset, _, _, length, _, _ in rows:
        if kind == _INTERPRETER:
            return _whole_path(file.part(offset, length, "name of the linker").text(0))
    return ""


def _whole_path(text: str) -> str:
    if not text.startswith("/"):
        raise ObjectFileError("it names no whole path of a linker")
    return text


def listed_libraries(said: str) -> Iterator[tuple[str, str]]:
    """Yield the libraries in what a linker lists, each by the name it is looked for as, and where.

    Raises:
        ObjectFileError: one is not installed.
    """
    for line in said.splitlines():
        if missing := _MISSING.match(line):
            raise ObjectFileError(f"the library {missing['name']} is not installed")
        if found := _LIBRARY.fullmatch(line):
            yield (found["name"] or found["path"]).rpartition("/")[2], found["path"]
