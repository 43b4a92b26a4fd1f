"""Files of a person's own that go into a guest with a command."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class CarriedFile:
    """One file, as it was read."""

    path: str
    """Where it is, here and in the guest: absolute, without links in the guest."""
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
