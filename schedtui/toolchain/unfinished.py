"""Folders in which something is being built, and those that a killed build left behind."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PREFIX: Final = "unfinished-"


@contextmanager
def unfinished_folder(directory: Path) -> Iterator[Path]:
    """Yield a new folder in ``directory``; what is not moved away by then is removed at the end.

    Whoever builds holds a lock on the folder, which ends with the process. So a folder that nobody
    has locked belongs to a build that was killed, and is removed first.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with _lock(directory):
        _remove_abandoned(directory)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=directory))
        held = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(held, fcntl.LOCK_EX)
    # The programs run as an unprivileged user, who must be able to get here.
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _remove_abandoned(directory: Path) -> None:
    for folder in directory.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError), _lock(folder, wait=False):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _lock(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock of a folder. Raises BlockingIOError when it is held and not waited for."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)
