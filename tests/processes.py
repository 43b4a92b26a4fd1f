"""Who a program started, and who of them is still there."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """One process; its start time tells it from a later one with the same number."""

    pid: int
    name: str
    parent: int
    group: int
    started: int
    """Clock ticks since the host booted."""

    @property
    def there(self) -> bool:
        """Tell whether it still runs. A dead one that nobody has buried yet does not."""
        seen = _read(self.pid)
        return seen is not None and seen.started == self.started


def descendants(root: int) -> list[Process]:
    """Return all processes below ``root``, itself excluded."""
    children: dict[int, list[Process]] = {}
    for process in living():
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    open_ends = [root]
    while open_ends:
        below = children.get(open_ends.pop(), [])
        found += below
        open_ends += [process.pid for process in below]
    return found


def guests(root: int) -> list[Process]:
    """Return the virtual machines that were started below ``root``."""
    return [process for process in descendants(root) if process.name.startswith("qemu-system")]


def left_after(processes: Iterable[Process], seconds: float) -> list[Process]:
    """Wait until none is there any more, ``seconds`` at most; return those that stayed."""
    deadline = time.monotonic() + seconds
    left = [process for process in processes if process.there]
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [process for process in left if process.there]
    return left


def living() -> Iterator[Process]:
    """Yield every living process of this machine; those that end meanwhile are left out."""
    # Path.glob would look at each of them by stat, and fail for one that has just ended.
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            seen = _read(int(entry.name))
            if seen is not None:
                yield seen


def _read(pid: int) -> Process | None:
    """Return a living process, None when there is none (or only its remains)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    head, _, rest = text.rpartition(")")
    fields = rest.split()
    if fields[0] in "ZX":
        return None
    parent, group, started = int(fields[1]), int(fields[2]), int(fields[19])
    return Process(pid, head.partition("(")[2], parent, group, started)
