"""Memory layout of the telemetry probe, the counterpart of ``bpf/probes/telemetry.bpf.c``.

Every name that comes out of here has passed safe_name. Times are nanoseconds of CLOCK_MONOTONIC.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from schedtui.model.histogram import BUCKETS
from schedtui.model.text import safe_name

CONTROL: Final = struct.Struct("=QIIIIIIQ")
CPU_HEAD: Final = struct.Struct("=9Q16sII16sQII16s")
CPU_SIZE: Final = CPU_HEAD.size + 2 * BUCKETS * 4
LONGEST_OFFSET: Final = 64
"""Where ``longest_ns`` of a CPU begins."""
IDLE_SINCE_OFFSET: Final = 56
ENDED_ROW: Final = struct.Struct("=16s4Q")
ENDED_ROWS: Final = 128
TASK_REPORT: Final = struct.Struct("=IIQQQQQQ16s16sII32s")
WAIT_REPORT: Final = struct.Struct("=IIQQ16s")

INTERRUPT: Final = "interrupt"
"""Stands for the waker of a task that a timer or a device woke."""


@dataclass(frozen=True, slots=True)
class Control:
    """What node and probe tell each other; see ``struct control``."""

    wait_floor_ns: int = 0
    enabled: int = 0
    cpus: int = 0
    priming: int = 0
    forget_waits: int = 0
    node_tgid: int = 0
    ended_rows: int = 0
    now_ns: int = 0


class CpuReading(NamedTuple):
    """Counters of one CPU that only grow, and what was so at the moment of reading."""

    cpu: int
    switches: int
    left: int
    """Switches away from a task; switches away from idle are not among them."""
    left_by_itself: int
    arrived: int
    forks: int
    delay_ns: int
    idle_ns: int
    depth: int
    """Running plus waiting tasks, without the node itself."""
    running_pid: int
    """0 when idle."""
    running_name: str
    wakeup: tuple[int, ...]
    """Histogram of waits that began with a wake-up; 32-bit counters that wrap."""
    preempted: tuple[int, ...]
    """Histogram of waits of tasks that had been running."""


class TaskReading(NamedTuple):
    """What one task did since the reading before."""

    pid: int
    tgid: int
    delay_ns: int
    """Time it was runnable without running, the wait it is in included."""
    longest_ns: int
    """Longest wait that ended."""
    waiting_ns: int
    """Length of the wait it is in, 0 when it runs or sleeps."""
    run_ns: int
    wakeups: int
    name: str
    waker: str
    cgroup: str


class EndedReading(NamedTuple):
    """Tasks (threads and processes alike) of one name that ended since the reading before."""

    name: str
    ends: int
    run_ns: int
    """CPU time over their whole lives."""
    longest_ns: int
    """CPU time over its whole life of the longest of them."""
    unreported_ns: int
    """The part of ``run_ns`` that was in no TaskReading."""


class Wait(NamedTuple):
    """How long one task waited."""

    pid: int
    name: str
    waiting_ns: int
    """The wait it is in, 0 when it runs or sleeps."""
    worst_ns: int
    """Its longest finished wait since waits were forgotten."""


@lru_cache(maxsize=4096)
def plain(raw: bytes) -> str:
    """Return a name from a fixed field, cut at the first zero byte and made printable."""
    return safe_name(raw.partition(b"\0")[0])


def cpu_reading(cpu: int, data: bytes) -> CpuReading:
    """Read CPU number ``cpu`` from the whole per-CPU array."""
    start = cpu * CPU_SIZE
    head = CPU_HEAD.unpack_from(data, start)
    counts = memoryview(data)[start + CPU_HEAD.size : start + CPU_SIZE].cast("I").tolist()
    return CpuReading(
        cpu=cpu,
        switches=head[0],
        left=head[1],
        left_by_itself=head[2],
        arrived=head[3],
        forks=head[4],
        delay_ns=head[5],
        idle_ns=head[13],
        depth=head[14],
        running_pid=head[15],
        running_name=plain(head[16]) if head[15] else "",
        wakeup=tuple(counts[:BUCKETS]),
        preempted=tuple(counts[BUCKETS:]),
    )


def longest_wait(cpu: int, data: bytes) -> Wait:
    """Return the longest wait that ended on a CPU since it was set to zero."""
    head = CPU_HEAD.unpack_from(data, cpu * CPU_SIZE)
    return Wait(head[10], plain(head[9]), 0, head[8])


def task_readings(data: bytes) -> Iterator[TaskReading]:
    """Yield the lines of a task report."""
    whole = len(data) // TASK_REPORT.size * TASK_REPORT.size
    for row in TASK_REPORT.iter_unpack(memoryview(data)[:whole]):
        yield TaskReading(
            pid=row[0],
            tgid=row[1],
            delay_ns=row[2],
            longest_ns=row[3],
            waiting_ns=row[4],
            run_ns=row[5],
            wakeups=row[6],
            name=plain(row[8]),
            waker=INTERRUPT if row[10] else plain(row[9]),
            cgroup=plain(row[12]),
        )


def waits(data: bytes) -> Iterator[Wait]:
    """Yield the lines of a wait report."""
    whole = len(data) // WAIT_REPORT.size * WAIT_REPORT.size
    for pid, _, waiting_ns, worst_ns, name in WAIT_REPORT.iter_unpack(memoryview(data)[:whole]):
        yield Wait(pid, plain(name), waiting_ns, worst_ns)


def ended_readings(data: bytes, rows: int) -> Iterator[EndedReading]:
    """Yield the first ``rows`` rows of the table of ended tasks."""
    for index in range(min(rows, ENDED_ROWS)):
        name, *figures = ENDED_ROW.unpack_from(data, index * ENDED_ROW.size)
        yield EndedReading(plain(name), *figures)
