"""Which other program of the host was busiest while something was measured in a guest."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from schedtui.model.text import safe_name

_CPU_TIMES: Final = slice(11, 13)
"""Time in user and kernel mode in ``/proc/PID/stat``, counted from behind the name."""
_STARTED: Final = 19
_STANDS_OUT: Final = 0.25
"""Share of what all others used from which on one program is worth naming."""

Processes = Mapping[tuple[int, int], tuple[bytes, int]]
"""Name and CPU time in ticks of each process, by its number and start."""


def processes(proc: Path) -> Processes:
    """Return the processes that there are now; those that vanish meanwhile are left out."""
    return dict(_read(proc))


def cpu_ticks(stat: bytes) -> int:
    """Return the CPU time in a line of ``/proc/PID/stat``. Raises ValueError."""
    # The name may hold anything, a parenthesis too.
    return sum(map(int, stat.rpartition(b")")[2].split()[_CPU_TIMES]))


def busiest(before: Processes, after: Processes, own: int) -> str:
    """Return the program that used most between two readings, apart from process ``own``.

    Processes of one name count together; those that did not live at one of the readings are not
    seen. Empty where none stands out.
    """
    used: Counter[bytes] = Counter()
    for (pid, started), (name, ticks) in after.items():
        grown = ticks - before.get((pid, started), (name, 0))[1]
        if pid != own and grown > 0:
            used[name] += grown
    most = used.most_common(1)
    return safe_name(most[0][0]) if most and most[0][1] >= _STANDS_OUT * used.total() else ""


def _read(proc: Path) -> Iterator[tuple[tuple[int, int], tuple[bytes, int]]]:
    try:
        names = [name for name in os.listdir(proc) if name.isdecimal()]  # noqa: PTH208 - thousands
    except OSError:
        return
    for pid in names:
        try:
            stat = (proc / pid / "stat").read_bytes()
            name = stat[stat.index(b"(") + 1 : stat.rindex(b")")]
            started = int(stat.rpartition(b")")[2].split()[_STARTED])
            yield (int(pid), started), (name, cpu_ticks(stat))
        except (OSError, ValueError, IndexError):
            continue
