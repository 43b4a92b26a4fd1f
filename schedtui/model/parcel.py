"""Files that go into a guest: those of a person's command, or an external scheduler."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Use(StrEnum):
    """What files in a guest are for. Each use has a folder of its own there."""

    COMMAND = "command"
    """They are where they are here: a path is absolute, without links in the guest."""
    SCHEDULER = "scheduler"
    """They are all in one folder: a path is a plain name."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Most that is taken for one use: it is memory of a small guest."""

    size: int
    """In bytes, all files together."""
    count: int


BOUNDS: Final = {
    Use.COMMAND: Bounds(32 << 20, 2000),
    Use.SCHEDULER: Bounds(96 << 20, 40),
}


@dataclass(frozen=True, slots=True)
class CarriedFile:
    """One file, as it was read."""

    path: str
    """Where it is for those who use it, see :class:`Use`."""
    content: bytes = field(repr=False)
    executable: bool

    @property
    def sha256(self) -> str:
        """Hash of its content in hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Parcel:
    """All that a command has of its host."""

    files: tuple[CarriedFile, ...] = ()
    folder: str = "/"
    """Folder that the command runs in."""

    @property
    def hashes(self) -> tuple[tuple[str, str], ...]:
        """Path and SHA-256 of each file."""
        return tuple((each.path, each.sha256) for each in self.files)


EMPTY: Final = Parcel()
"""Of a workload that brings what it needs."""
