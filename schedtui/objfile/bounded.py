"""Bounded reads out of untrusted bytes."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schedtui.objfile.errors import ObjectFileError

NAME_LIMIT: Final = 256
"""Longest name of a section, symbol or type, in bytes."""

_NAME: Final = re.compile(rb"([ -~]{0,%d})\0" % NAME_LIMIT)


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
        """Return the integers of a little-endian ``struct`` layout at ``offset``.

        Raises:
            ObjectFileError: they lie outside.
        """
        try:
            return struct.unpack_from("<" + layout, self.data, offset)
        except struct.error as error:
            raise ObjectFileError(f"a record lies outside the {self.what}") from error

    def rows(self, layout: str, most: int) -> Iterator[tuple[int, ...]]:
        """Return all records of a little-endian ``struct`` layout.

        Raises:
            ObjectFileError: not whole records, or more than ``most``.
        """
        count, rest = divmod(len(self.data), struct.calcsize("<" + layout))
        if rest or count > most:
            raise ObjectFileError(f"the {self.what} has an unusual size")
        return struct.iter_unpack("<" + layout, self.data)

    def text(self, offset: int) -> str:
        """Return the NUL-terminated printable ASCII name at ``offset``.

        Raises:
            ObjectFileError: outside, too long, not terminated or not printable.
        """
        # An offset from the file is never negative; one beyond the end matches nothing.
        found = _NAME.match(self.data, offset)
        if found is None:
            raise ObjectFileError(self._no_name(offset))
        return found[1].decode("ascii")

    def _no_name(self, offset: int) -> str:
        if offset >= len(self.data):
            return f"a name lies outside the {self.what}"
        if self.data.find(b"\0", offset, offset + NAME_LIMIT + 1) < 0:
            return f"a name in the {self.what} has no end"
        return f"a name in the {self.what} has unprintable bytes"
