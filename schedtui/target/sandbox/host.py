"""What the host does to a guest while something is measured in it.

The share of their time that the guest's CPUs did not get tells how much a figure from inside the
guest is worth. The rest says whose doing it was.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schedtui.model.text import safe_text
from schedtui.model.trial import Disturbance
from schedtui.target.sandbox.neighbours import Processes, busiest, cpu_ticks, processes

_PROC: Final = Path("/proc")
_IDLE: Final = (3, 4)
"""Columns of ``/proc/stat`` in which a CPU did nothing: idle, and waiting for a disk."""
_STOLEN: Final = 7
_COLUMNS: Final = 8
"""Columns that add up to all time; those behind them are counted in the first two already."""


@dataclass(frozen=True, slots=True)
class Look:
    """Counters at one moment, from times that nobody knows."""

    seconds: float
    ran_ns: int
    """CPU time of the guest's CPUs."""
    delayed_ns: int | None
    """How long they were ready and did not run; None where nobody counts."""
    ticks: int
    """Time of all CPUs of the host, in ticks."""
    busy: int
    """Of that, in which something ran."""
    stolen: int
    own: int
    """CPU time of all the guest's threads, in ticks."""
    waited_us: int | None
    """How long some task of the host has waited for a CPU; None without PSI."""
    guest: int
    """Process that is the guest."""
    processes: Processes
    """All processes of the host."""


def this_host(proc: Path = _PROC) -> str:
    """Return the processor, the CPUs and the kernel of this machine, for people."""
    try:
        lines = (proc / "cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    parts = [next(models, ""), f"{os.cpu_count()} CPUs", f"Linux {os.uname().release}"]
    return safe_text(", ".join(part for part in parts if part))


class Host:
    """Looks at the host of one guest."""

    def __init__(
        self,
        pid: int,
        threads: Sequence[int],
        proc: Path = _PROC,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Look from the process ``pid``, of which ``threads`` run the guest's CPUs."""
        self._pid = pid
        self._process = proc / str(pid)
        self._threads = [self._process / "task" / str(thread) for thread in threads]
        self._proc = proc
        self._clock = clock

    def look(self) -> Look:
        """Read all counters; 0 where one cannot be read, so that nothing seems to have grown."""
        ran, delayed = self._times_ns()
        all_ticks = _ticks(self._proc / "stat")
        idle = sum(all_ticks[column] for column in _IDLE)
        return Look(
            seconds=self._clock(),
            ran_ns=ran,
            delayed_ns=delayed,
            ticks=sum(all_ticks),
            busy=sum(all_ticks) - idle - all_ticks[_STOLEN],
            stolen=all_ticks[_STOLEN],
            own=_own_ticks(self._process / "stat"),
            waited_us=_waited_us(self._proc / "pressure" / "cpu"),
            guest=self._pid,
            processes=processes(self._proc),
        )

    def _times_ns(self) -> tuple[int, int | None]:
        try:
            read = [(path / "schedstat").read_text("ascii").split() for path in self._threads]
            times = [(int(words[0]), int(words[1])) for words in read]
        except (OSError, ValueError, IndexError):
            return 0, None
        delayed = sum(waited for _, waited in times)
        return sum(ran for ran, _ in times), delayed if times else None


def disturbance(before: Look, after: Look) -> Disturbance | None:
    """Return what the host did between two looks, None where its kernel does not say."""
    delayed, pressure = _delayed(before, after), _pressure(before, after)
    if delayed is None and pressure is None:
        return None
    ticks = after.ticks - before.ticks
    others = (after.busy - before.busy) - (after.own - before.own)
    return Disturbance(
        delayed=delayed,
        stolen=_share(after.stolen - before.stolen, ticks),
        others=_share(others, ticks),
        pressure=pressure,
        busiest=busiest(before.processes, after.processes, after.guest),
    )


def _delayed(before: Look, after: Look) -> float | None:
    if before.delayed_ns is None or after.delayed_ns is None:
        return None
    waited = after.delayed_ns - before.delayed_ns
    return _share(waited, waited + after.ran_ns - before.ran_ns)


def _pressure(before: Look, after: Look) -> float | None:
    if before.waited_us is None or after.waited_us is None:
        return None
    return _share(after.waited_us - before.waited_us, 1e6 * (after.seconds - before.seconds))


def _share(part: float, whole: float) -> float:
    return min(max(part / whole, 0.0), 1.0) if whole > 0 else 0.0


def _ticks(path: Path) -> tuple[int, ...]:
    try:
        words = path.read_text("ascii").split("\n", 1)[0].split()
        ticks = tuple(int(word) for word in words[1 : 1 + _COLUMNS])
    except (OSError, ValueError):
        ticks = ()
    return ticks if len(ticks) == _COLUMNS else (0,) * _COLUMNS


def _own_ticks(path: Path) -> int:
    try:
        return cpu_ticks(path.read_bytes())
    except (OSError, ValueError):
        return 0


def _waited_us(path: Path) -> int | None:
    try:
        line = path.read_text("ascii").split("\n", 1)[0]
        return int(line.partition("total=")[2])
    except (OSError, ValueError):
        return None
