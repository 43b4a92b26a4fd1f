"""What the sandbox asks of a guest that compiles, and what that answers. Binary is in base64."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

WORLD: Final = "compiling"
"""Folder of such a guest that is all the compiler sees: its own files, headers and the source."""


@dataclass(frozen=True, slots=True)
class CompileArgs:
    """One compile. Paths are as the compiler sees them."""

    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    folder: str
    """Folder of the source, where the compiler is started."""
    name: str
    """File name of the source."""
    source: str
    memory_mb: int
    file_mb: int
    cpu_s: int
    open_files: int
    output_bytes: int
    talk_bytes: int
    filter: str
    """A filter of system calls in hexadecimal digits, or empty."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """How it ended. ``code`` is negative for a signal."""

    code: int
    output: str
    talk: str
    overflowed: bool = False
    """It was ended because its standard output went beyond the limit."""
