"""Reads the user's own small files: only plain ones, never more than a bound, never waiting."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from schedtui.model.text import safe_text

SIZE_LIMIT: Final = 64 * 1024
"""Largest file that is read, in bytes."""

# Opening a pipe or a device must not wait.
_READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class OwnFileError(ValueError):
    """A file of the user is not usable; the sentence begins with its name."""


def read_own(path: Path) -> str:
    """Return the text of a plain file. A link to one is followed.

    Raises:
        FileNotFoundError: There is none.
        OwnFileError: It cannot be used.
    """
    shown = safe_text(path.name)
    try:
        return _bounded(os.open(path, _READ), shown).decode("utf-8")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise OwnFileError(f"{shown}: {error.strerror or 'cannot be read'}") from error
    except UnicodeDecodeError as error:
        raise OwnFileError(f"{shown}: is not UTF-8") from error


def _bounded(file: int, shown: str) -> bytes:
    with os.fdopen(file, "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OwnFileError(f"{shown}: is not a plain file")
        content = stream.read(SIZE_LIMIT + 1)
    if len(content) > SIZE_LIMIT:
        raise OwnFileError(f"{shown}: is larger than {SIZE_LIMIT} bytes")
    return content
