"""What /proc and /sys tell about the whole machine, without BPF and without root.

Files that are missing or that do not look as expected yield None or nothing, never an error:
kernels are built without schedstats, and CPUs come and go.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_IDLE_COLUMNS: Final = (3, 4)
_GUEST_COLUMNS: Final = 8
"""User time already holds the time of guests, which follows from this column on."""


@dataclass(frozen=True, slots=True)
class ProcCpu:
    """Counters of one online CPU that only grow."""

    cpu: int
    busy_ticks: int
    total_ticks: int
    run_delay_ns: int | None
    """Time tasks waited on this CPU; None without schedstats."""


@dataclass(frozen=True, slots=True)
class ProcReading:
    """One reading of the machine-wide files."""

    now_ns: int
    """CLOCK_MONOTONIC."""
    cpus: tuple[ProcCpu, ...]
    switches: int | None
    """Context switches since boot."""
    forks: int | None
    """Processes and threads made since boot."""
    running: int | None
    """Tasks that run or wait now, the reader left out."""


class Procfs:
    """Reads one machine's /proc and /sys, or copies of them."""

    def __init__(self, proc: Path = Path("/proc"), sys: Path = Path("/sys")) -> None:
        self.proc = proc
        self.sys = sys

    def read(self) -> ProcReading:
        """Return a reading; a machine without /proc yields an empty one."""
        lines = _lines(self.proc / "stat")
        delays = self._run_delays()
        return ProcReading(
            now_ns=time.monotonic_ns(),
            cpus=tuple(_cpus(lines, delays)),
            switches=_figure(lines, "ctxt"),
            forks=_figure(lines, "processes"),
            running=self._running(),
        )

    def online(self) -> frozenset[int] | None:
        """Return the CPUs that are online, None when the machine does not say."""
        text = " ".join(_lines(self.sys / "devices/system/cpu/online")).strip()
        try:
            return frozenset(cpu for part in text.split(",") for cpu in _span(part))
        except ValueError:
            return None

    def _run_delays(self) -> dict[int, int]:
        delays = {}
        for line in _lines(self.proc / "schedstat"):
            cpu, numbers = _cpu_line(line)
            if cpu is not None and len(numbers) >= 9:
                delays[cpu] = numbers[7]
        return delays

    def _running(self) -> int | None:
        words = " ".join(_lines(self.proc / "loadavg")).split()
        try:
            # Whoever reads this file is running.
            return max(0, int(words[3].partition("/")[0]) - 1)
        except (IndexError, ValueError):
            return None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("ascii", "replace").splitlines()
    except OSError:
        return []


def _span(part: str) -> range:
    first, _, last = part.partition("-")
    low, high = int(first), int(last or first)
    if not 0 <= low <= high < 1 << 16:
        raise ValueError(part)
    return range(low, high + 1)


def _cpu_line(line: str) -> tuple[int | None, list[int]]:
    """Split ``cpu3 1 2 3`` into 3 and its numbers; anything else yields None."""
    name, *words = line.split()[:16] or [""]
    number = name.removeprefix("cpu")
    if number == name or not number.isdecimal():
        return None, []
    try:
        return int(number), [int(word) for word in words]
    except ValueError:
        return None, []


def _cpus(lines: list[str], delays: dict[int, int]) -> list[ProcCpu]:
    cpus = []
    for line in lines:
        cpu, ticks = _cpu_line(line)
        if cpu is None or len(ticks) <= max(_IDLE_COLUMNS):
            continue
        total = sum(ticks[:_GUEST_COLUMNS])
        busy = total - sum(ticks[column] for column in _IDLE_COLUMNS)
        cpus.append(ProcCpu(cpu, busy, total, delays.get(cpu)))
    return cpus


def _figure(lines: list[str], name: str) -> int | None:
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == name and rest.strip().isdecimal():
            return int(rest)
    return None
