"""What single processes did, from /proc/<pid>, at a bounded cost.

A machine with thousands of processes is looked through less often, so that this never takes more
than a small share of one CPU. Only processes that did something have their threads' run delays
read. Processes that vanish meanwhile are left out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from schedtui.model.text import safe_name

_COST_SHARE: Final = 0.02
"""Largest share of one CPU that looking through processes may take."""
_BUSIEST: Final = 32
_THREADS: Final = 64
"""Most threads of one process whose run delay is added up."""


@dataclass(frozen=True, slots=True)
class ProcessActivity:
    """What one process did, all its threads together."""

    pid: int
    name: str
    run_share: float
    """CPUs it used."""
    delay_ms_per_s: float | None
    """Time its threads were runnable without running; None when unknown, or not among the
    busiest processes."""
    mean_wait_ms: float
    """Mean length of their waits: the longest was at least that."""
    cgroup: str


@dataclass(frozen=True, slots=True)
class _Counters:
    name: bytes
    started: int
    ticks: int
    wants_cpu: bool


@dataclass(frozen=True, slots=True)
class _Delays:
    delay_ns: int
    turns: int


@dataclass
class Processes:
    """Looks through the processes under ``proc`` and keeps the counters of the last look."""

    proc: Path
    clock: Callable[[], float] = time.monotonic
    ticks_per_s: int = field(default_factory=lambda: os.sysconf("SC_CLK_TCK"))
    _counters: dict[int, _Counters] = field(default_factory=dict)
    _delays: dict[int, _Delays] = field(default_factory=dict)
    _looked_at: float = 0.0
    _next_look: float = 0.0
    _latest: tuple[ProcessActivity, ...] = ()

    def activity(self) -> tuple[ProcessActivity, ...]:
        """Return the processes that used or wanted a CPU, busiest first.

        The first call returns nothing. The figures are those between the last two looks; most
        calls look, but not when that would cost too much.
        """
        began = self.clock()
        if began < self._next_look:
            return self._latest
        self._latest = self._look(began)
        cost = self.clock() - began
        self._next_look = began + cost / _COST_SHARE
        return self._latest

    def _look(self, now: float) -> tuple[ProcessActivity, ...]:
        seconds = now - self._looked_at
        before, self._counters = self._counters, dict(self._all())
        self._looked_at = now
        if not before or seconds <= 0:
            return ()
        busy = sorted(self._busy(before), key=lambda pair: pair[1], reverse=True)
        top = [pid for pid, _ in busy[:_BUSIEST]]
        delays = {pid: found for pid in top if (found := self._thread_delays(pid))}
        activity = tuple(self._describe(pid, ticks, delays, seconds) for pid, ticks in busy)
        self._delays = delays
        return activity

    def _busy(self, before: dict[int, _Counters]) -> Iterator[tuple[int, int]]:
        for pid, after in self._counters.items():
            earlier = before.get(pid)
            # The start time tells a process from one that got its number later.
            if earlier is None or earlier.started != after.started:
                continue
            ticks = after.ticks - earlier.ticks
            if ticks > 0 or after.wants_cpu:
                yield pid, max(0, ticks)

    def _describe(
        self, pid: int, ticks: int, delays: dict[int, _Delays], seconds: float
    ) -> ProcessActivity:
        delay, mean = _rates(self._delays.get(pid), delays.get(pid), seconds)
        return ProcessActivity(
            pid=pid,
            name=safe_name(self._counters[pid].name),
            run_share=ticks / self.ticks_per_s / seconds,
            delay_ms_per_s=delay,
            mean_wait_ms=mean,
            cgroup=_cgroup(self.proc / str(pid) / "cgroup") if pid in delays else "",
        )

    def _all(self) -> Iterator[tuple[int, _Counters]]:
        for name in _names(self.proc):
            if name.isdecimal() and (found := _counters(_content(self.proc / name / "stat"))):
                yield int(name), found

    def _thread_delays(self, pid: int) -> _Delays | None:
        folder = self.proc / str(pid) / "task"
        threads = _names(folder)[:_THREADS]
        read = (_schedstat(_content(folder / thread / "schedstat")) for thread in threads)
        known = [each for each in read if each is not None]
        if not any(each.turns for each in known):
            return None
        return _Delays(sum(d.delay_ns for d in known), sum(d.turns for d in known))


def _rates(
    before: _Delays | None, after: _Delays | None, seconds: float
) -> tuple[float | None, float]:
    """Return delay in ms per second and the mean wait in ms."""
    if before is None or after is None:
        return None, 0.0
    # A thread that ended takes its figures along, so that the sum may shrink.
    delay_ms = max(0, after.delay_ns - before.delay_ns) / 1e6
    turns = max(1, after.turns - before.turns)
    return delay_ms / seconds, delay_ms / turns


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries]
    except OSError:
        return []


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _counters(stat: bytes) -> _Counters | None:
    """Read /proc/<pid>/stat. The name may hold brackets and blanks: its last bracket counts."""
    head, _, tail = stat.rpartition(b")")
    name = head.partition(b"(")[2]
    columns = tail.split()
    try:
        ticks = int(columns[11]) + int(columns[12])
        return _Counters(name, int(columns[19]), ticks, columns[0] == b"R")
    except (IndexError, ValueError):
        return None


def _schedstat(content: bytes) -> _Delays | None:
    try:
        _, delay_ns, turns = map(int, content.split()[:3])
    except ValueError:
        return None
    return _Delays(delay_ns, turns)


def _cgroup(path: Path) -> str:
    for line in _content(path).splitlines():
        if line.startswith(b"0::"):
            return safe_name(line[3:].rstrip(b"/").rpartition(b"/")[2]) or "/"
    return ""
