"""What a compile may leave behind: processes, seen from outside."""

from __future__ import annotations

import asyncio
import ctypes
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SET_CHILD_SUBREAPER = 36


def _parents() -> dict[int, int]:
    """Return the parent of each living process."""
    found: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue  # it ended meanwhile
            if state not in "ZX":
                found[int(folder.name)] = int(parent)
    return found


def descendants(root: int) -> set[int]:
    """Return all living processes below ``root``."""
    parents = _parents()
    below = {root}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    return below - {root}


async def all_gone(pids: set[int], within_s: float = 2.0) -> bool:
    """Tell whether none of the processes lives after at most that long."""
    for _ in range(int(within_s / 0.02)):
        if not pids & set(_parents()):
            return True
        await asyncio.sleep(0.02)
    return False


def _wait_until_gone_but(before: set[int], within_s: float = 1.0) -> None:
    """Give processes that were told to end the moment they need for it."""
    deadline = time.monotonic() + within_s
    while left := descendants(os.getpid()) - before:
        assert time.monotonic() < deadline, left
        time.sleep(0.01)


@contextmanager
def orphans_come_here() -> Iterator[None]:
    """Make processes that lose their parent ours, so that ``descendants`` misses none."""
    prctl = ctypes.CDLL(None).prctl
    # Earlier tests may have started what lives as long as the test run, such as a pool's tracker.
    before = descendants(os.getpid())
    assert prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    try:
        yield
        _wait_until_gone_but(before)
    finally:
        prctl(_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
