"""Where the sandbox keeps what it made. Everything here can be deleted and made again."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO, Final

from schedtui.resources import user_dir

_LOCK_LOOK_S: Final = 0.05
"""Time between two looks whether a lock is free."""


def cache_dir() -> Path:
    """Return this user's cache folder for schedtui, created 0700 when it is missing."""
    path = user_dir("XDG_CACHE_HOME", ".cache")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def sub_dir(name: str) -> Path:
    """Return a folder below the cache, created when it is missing."""
    path = cache_dir() / name
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@asynccontextmanager
async def exclusive(name: str) -> AsyncIterator[None]:
    """Let one process at a time make the thing called ``name``; others wait.

    Whoever waits can be cancelled at any moment.
    """
    path = sub_dir("locks") / name
    with path.open("w") as handle:
        await _lock(handle)
        yield


async def _lock(handle: IO[str]) -> None:
    while True:
        try:
            # A thread that waits for a lock could not be cancelled, and would hold up the exit.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(_LOCK_LOOK_S)
        else:
            return


@contextmanager
def unnamed_file(directory: Path, final: Path) -> Iterator[int]:
    """Yield a file descriptor that gets the name ``final`` only when all went well.

    The file has no name before, so that a killed process leaves nothing behind.
    """
    descriptor = os.open(directory, os.O_TMPFILE | os.O_RDWR, 0o600)
    try:
        yield descriptor
        try:
            _link(descriptor, final)
        except FileExistsError:
            # Whoever opens it meanwhile finds the old one or the new one.
            beside = final.with_name(f".{final.name}.{uuid.uuid4().hex}")
            _link(descriptor, beside)
            beside.replace(final)
    finally:
        os.close(descriptor)


def _link(descriptor: int, path: Path) -> None:
    # Naming a folder makes Python call linkat, the only way to name an unnamed file.
    os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=descriptor, follow_symlinks=True)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_whole(final: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all."""
    with unnamed_file(final.parent, final) as descriptor, os.fdopen(os.dup(descriptor), "wb") as f:
        f.write(content)
