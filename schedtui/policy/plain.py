"""Reads and writes files where anything may lie: only plain ones, bounded, never over another."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from typing import Final

from schedtui.model.text import safe_text
from schedtui.policy.errors import PolicyError, reason_of

# Opening a pipe or a device must not wait, and a link at the end of a path leads anywhere.
_READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_NOT_PLAIN: Final = {errno.ENOENT, errno.ELOOP, errno.ENXIO, errno.ENOTDIR}
_FOLDER: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY


def read_plain(path: Path, limit: int, folder: int | None = None) -> bytes:
    """Return the content of a plain file of at most ``limit`` bytes.

    Args:
        path: The file; relative to ``folder`` when that is given.
        limit: Largest size in bytes. No more than one byte above it is ever read.
        folder: Descriptor of an open folder.

    Raises:
        PolicyError: There is no such file, it is a link, a pipe or a device, it is too large, or
            it cannot be read. The sentence begins with the file's name.
    """
    shown = safe_text(path.name)
    try:
        with _descriptor(os.open(path, _READ, dir_fd=folder)) as file:
            return _read(file, shown, limit)
    except OSError as error:
        if error.errno in _NOT_PLAIN:
            raise PolicyError(f"{shown} is missing or not a plain file.") from error
        raise PolicyError(f"{shown} cannot be read: {reason_of(error)}.") from error


def _read(file: int, shown: str, limit: int) -> bytes:
    if not stat.S_ISREG(os.fstat(file).st_mode):
        raise PolicyError(f"{shown} is missing or not a plain file.")
    with os.fdopen(file, "rb", closefd=False) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise PolicyError(f"{shown} is larger than {limit} bytes.")
    return content


@contextmanager
def opened_folder(path: Path, *, link: bool) -> Iterator[int]:
    """Yield the descriptor of a folder, so that what is read next is read from this very one.

    Args:
        path: The folder.
        link: Whether it may be a link to one, as in a path that a person wrote.

    Raises:
        OSError: It is not a folder, or cannot be opened.
    """
    with _descriptor(os.open(path, _FOLDER if link else _FOLDER | os.O_NOFOLLOW)) as folder:
        yield folder


def place_new(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make a folder with these files, whole or not at all, for its owner's eyes only.

    Args:
        folder: The new folder; nothing may have its name yet. Its parent exists.
        files: Content by name.

    Raises:
        PolicyError: Something has its name, or it cannot be written.
    """
    if os.path.lexists(folder):
        raise PolicyError(f"{safe_text(str(folder))} exists already; nothing is overwritten.")
    try:
        _place(folder, files)
    except OSError as error:
        shown = safe_text(str(folder))
        raise PolicyError(f"{shown} cannot be written: {reason_of(error)}.") from error


def _place(folder: Path, files: Mapping[str, bytes]) -> None:
    made = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    try:
        for name, content in files.items():
            _write(made / name, content)
        _flush(made)
        # Should another process have made the folder meanwhile, this fails, or replaces an empty
        # one; what has content is never replaced.
        made.rename(folder)
        with suppress(OSError):  # a parent that may be written to but not read
            _flush(folder.parent)
    finally:
        rmtree(made, ignore_errors=True)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, _WRITE, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _flush(folder: Path) -> None:
    with _descriptor(os.open(folder, _FOLDER)) as descriptor:
        os.fsync(descriptor)


@contextmanager
def _descriptor(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)
