"""How much CPU time processes have used, as the kernel counts it.

Whoever waits for a process is told what it used, but not of what was killed together with its
parent, nor of what a parent did not wait for. So it is looked at while it runs.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import Final

_PARENT: Final = 1
_TIMES: Final = slice(11, 15)
"""Own time in user and kernel mode, then both of ended children; after the name of a process."""


def tree_cpu_s(root: int) -> float:
    """Return the CPU seconds of a living process and all it started; what is gone counts not."""
    used: dict[int, int] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _fields(folder / "stat")
        if fields:
            pid = int(folder.name)
            used[pid] = sum(map(int, fields[_TIMES]))
            children[int(fields[_PARENT])].append(pid)
    found, total = [root], 0
    while found:
        pid = found.pop()
        total += used.get(pid, 0)
        found += children.pop(pid, ())
    return total / os.sysconf("SC_CLK_TCK")


def _fields(stat: Path) -> list[bytes]:
    try:
        # A name may hold spaces and brackets.
        return stat.read_bytes().rpartition(b")")[2].split()
    except OSError:
        return []
