"""Reading a scheduler's source that a person named on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from schedtui.commands.options import UsageError
from schedtui.model.text import safe_text

SOURCE_LIMIT: Final = 1 << 20
"""Largest source file that is read, in bytes."""


def read_source(path: Path) -> str:
    """Return the text of a file. Raises UsageError when it cannot be a source."""
    shown = safe_text(str(path))
    try:
        with path.open("rb") as file:
            raw = file.read(SOURCE_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"cannot read {shown}: {error.strerror}") from error
    if len(raw) > SOURCE_LIMIT:
        raise UsageError(f"{shown} is larger than {SOURCE_LIMIT >> 20} MiB")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown} is not UTF-8 text") from error
