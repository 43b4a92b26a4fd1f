"""Which tokens have been used: written down before the load, so that none is used twice.

A crash between the two burns a token that never ran, which is the safe side.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

STATE_FOLDER: Final = Path("/var/lib/schedtui")
"""Where a node on a real machine keeps what must outlive it."""

_FILE: Final = "burnt-tokens"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_WRITERS: Final = stat.S_IWGRP | stat.S_IWOTH
_RECORD: Final = re.compile(rb"[0-9a-f]{32} [0-9]{1,12}")
_PIECE: Final = re.compile(rb"[0-9a-f]{1,31}|[0-9a-f]{32}(?: [0-9]{0,12})?")
_CUT: Final = b" cut"
_NONCE: Final = re.compile(r"[0-9a-f]{32}")
_SIZE_LIMIT: Final = 64 << 20


class BurnError(Exception):
    """It cannot be said or written down whether a token has been used; so it is not taken."""


class Burnt(Protocol):
    """The tokens that have been used."""

    def burn(self, nonce: str, expires_unix: int) -> bool:
        """Note that a token is used; False when it was used before. Raises BurnError."""
        ...


class BurntInMemory:
    """For a guest: its disk is memory, so a file would last no longer than this process.

    Nor could it matter. A guest's session key and boot id are made for one start of it, so no
    token of an earlier one is valid in it.
    """

    def __init__(self) -> None:
        self._nonces: set[str] = set()
        self._lock = threading.Lock()

    def burn(self, nonce: str, expires_unix: int) -> bool:  # noqa: ARG002 - a file keeps it
        """Note that a token is used; False when it was used before."""
        with self._lock:
            fresh = nonce not in self._nonces
            self._nonces.add(nonce)
        return fresh


class BurntOnDisk:
    """For a real machine: a file that only grows, in a folder that is ours alone.

    Each use is one line, on the disk before ``burn`` returns. Processes take turns by a lock on
    the file. What is damaged, or has become shorter than it was, is not trusted: then no token
    is taken until somebody has looked. A last line without its end is a use that a crash cut
    off; it is marked as such, and every token that begins like it counts as used.
    """

    def __init__(self, folder: Path = STATE_FOLDER) -> None:
        self._folder = folder
        self._seen = (0, 0, 0)

    def burn(self, nonce: str, expires_unix: int) -> bool:
        """Note that a token is used; False when it was used before. Raises BurnError."""
        if not _NONCE.fullmatch(nonce):
            raise BurnError("the token's number has an unknown form")
        try:
            with _opened_folder(self._folder) as folder, _opened_file(folder) as file:
                return self._burn(file, nonce, expires_unix)
        except OSError as error:
            raise BurnError(f"a used token cannot be written down: {error.strerror}") from error

    def _burn(self, file: int, nonce: str, expires_unix: int) -> bool:
        content = self._content(file)
        *lines, rest = content.split(b"\n")
        if rest:
            lines.append(rest + _CUT)
        used = [_beginning(line) for line in lines]
        if rest:
            _append(file, _CUT + b"\n")
        if any(nonce.startswith(beginning) for beginning in used):
            return False
        _append(file, f"{nonce} {expires_unix}\n".encode())
        self._seen = _place(file)
        return True

    def _content(self, file: int) -> bytes:
        device, number, size = _place(file)
        if size > _SIZE_LIMIT:
            raise BurnError("the record of used tokens is too long")
        if self._seen[2] and ((device, number) != self._seen[:2] or size < self._seen[2]):
            raise BurnError("the record of used tokens is not the one it was, or shorter")
        content = os.pread(file, size, 0)
        if len(content) != size:
            raise BurnError("the record of used tokens cannot be read")
        return content


def _place(file: int) -> tuple[int, int, int]:
    state = os.fstat(file)
    return state.st_dev, state.st_ino, state.st_size


def _beginning(line: bytes) -> str:
    """Return the number in a line, or what a crash has left of it. Raises BurnError."""
    if line.endswith(_CUT) and _PIECE.fullmatch(line.removesuffix(_CUT)):
        return line.removesuffix(_CUT)[:32].decode()
    if not _RECORD.fullmatch(line):
        raise BurnError("the record of used tokens is damaged")
    return line[:32].decode()


def _append(file: int, line: bytes) -> None:
    if os.write(file, line) != len(line):
        raise BurnError("a used token could only be written down in part")
    os.fsync(file)


@contextlib.contextmanager
def _opened_folder(path: Path) -> Iterator[int]:
    """Open the folder, made when it is missing; nobody else may reach or replace it."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    parent = os.open(path.parent, flags)
    try:
        _require(parent, _WRITERS, "the folder above it")
        with contextlib.suppress(FileExistsError):
            os.mkdir(path.name, 0o700, dir_fd=parent)
            os.fsync(parent)
        folder = os.open(path.name, flags, dir_fd=parent)
    finally:
        os.close(parent)
    try:
        _require(folder, _OTHERS, "its folder")
        yield folder
    finally:
        os.close(folder)


@contextlib.contextmanager
def _opened_file(folder: int) -> Iterator[int]:
    """Open the file in its folder and wait for our turn with it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    file = os.open(_FILE, flags, 0o600, dir_fd=folder)
    try:
        state = os.fstat(file)
        if not stat.S_ISREG(state.st_mode) or state.st_nlink != 1:
            raise BurnError("the record of used tokens is no file of its own")
        _require(file, _OTHERS, "it")
        os.fsync(folder)
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _require(descriptor: int, forbidden: int, what: str) -> None:
    state = os.fstat(descriptor)
    # Root is trusted above the folder: that is where its files usually are.
    if state.st_uid not in {0, os.geteuid()} or stat.S_IMODE(state.st_mode) & forbidden:
        raise BurnError(f"the record of used tokens is not ours alone: others can reach {what}")
