"""Bounded reads out of untrusted bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from schedtui.objfile.errors import ObjectFileError

NAME_LIMIT: Final = 256
"""Longest name of a section, symbol or type, in bytes."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """A piece of the file. Every read is checked against its length."""

    data: bytes
    what: str

    def part(self, offset: int, size: int, what: str) -> Bytes:
        """Return ``size`` bytes from ``offset``. Raises ObjectFileError when outside."""
        if offset < 0 or size < 0 or offset + size > len(self.data):
            raise ObjectFileError(f"{what} lies outside the {self.what}")
        return Bytes(self.data[offset : offset + size], what)

    def fields(self, layout: str, offset: int) -> tuple[int, ...]:
        """Return the integers of a little-endian ``struct`` layout at ``offset``."""
        size = struct.calcsize("<" + layout)
        piece = self.part(offset, size, f"record of {self.what}")
        return struct.unpack("<" + layout, piece.data)

    def text(self, offset: int) -> str:
        """Return the NUL-terminated printable ASCII name at ``offset``.

        Raises:
            ObjectFileError: outside, too long, not terminated or not printable.
        """
        if not 0 <= offset < len(self.data):
            raise ObjectFileError(f"a name lies outside the {self.what}")
        end = self.data.find(b"\0", offset, offset + NAME_LIMIT + 1)
        if end < 0:
            raise ObjectFileError(f"a name in the {self.what} has no end")
        raw = self.data[offset:end]
        name = raw.decode("latin-1")
        if not (name.isascii() and name.isprintable()):
            raise ObjectFileError(f"a name in the {self.what} has unprintable bytes")
        return name
