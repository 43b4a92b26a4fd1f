"""From two readings of the probe to the parts of a snapshot."""

from __future__ import annotations

import heapq
import operator
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import repeat
from typing import Final

from schedtui.model.histogram import BUCKETS, summarise
from schedtui.model.telemetry import CpuSample, NameSample, TaskSample
from schedtui.node.probe import ProbeReading
from schedtui.node.probe_layout import CpuReading, EndedReading, TaskReading

TOP_TASKS: Final = 20
TOP_NAMES: Final = 12
_WRAP: Final = (1 << 32) - 1
_NONE: Final = (0,) * BUCKETS

Counts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CpuInterval:
    """One CPU between two readings."""

    before: CpuReading
    after: CpuReading
    seconds: float
    wakeup: Counts
    """Histogram of the waits that began with a wake-up."""
    preempted: Counts
    """Histogram of the waits of tasks that had been running."""

    def sample(self) -> CpuSample:
        """Return the interval as the screen shows it."""
        before, after, seconds = self.before, self.after, self.seconds
        idle_s = max(0, after.idle_ns - before.idle_ns) / 1e9
        return CpuSample(
            cpu=after.cpu,
            utilisation=min(1.0, max(0.0, 1 - idle_s / seconds)),
            depth=after.depth,
            run_delay_ms_per_s=_rate(after.delay_ns, before.delay_ns, seconds) / 1e6,
            wakeup=summarise(self.wakeup),
            switches_per_s=_rate(after.switches, before.switches, seconds),
            migrations_per_s=_rate(after.arrived, before.arrived, seconds),
            running=running(after),
        )


def intervals(
    before: ProbeReading, after: ProbeReading, online: Collection[int] | None
) -> tuple[CpuInterval, ...]:
    """Pair the readings of every online CPU (of every possible one when that is unknown)."""
    seconds = max(1, after.now_ns - before.now_ns) / 1e9
    earlier = {reading.cpu: reading for reading in before.cpus}
    return tuple(
        _interval(earlier[reading.cpu], reading, seconds)
        for reading in after.cpus
        if reading.cpu in earlier and (online is None or reading.cpu in online)
    )


def _interval(before: CpuReading, after: CpuReading, seconds: float) -> CpuInterval:
    wakeup = _grown(after.wakeup, before.wakeup)
    return CpuInterval(before, after, seconds, wakeup, _grown(after.preempted, before.preempted))


def running(reading: CpuReading) -> str:
    """Return name and pid of the task on a CPU, empty when it is idle."""
    return f"{reading.running_name} ({reading.running_pid})" if reading.running_pid else ""


def total(histograms: Iterable[Counts]) -> Counts:
    """Return the bucket-wise sum."""
    return reduce(_summed, histograms, _NONE)


def _summed(one: Counts, other: Counts) -> Counts:
    # Built-in loops only: this runs in every sample, and a guest may be emulated.
    return tuple(map(operator.add, one, other)) if one is not _NONE else other


def voluntary_share(cpus: Sequence[CpuInterval]) -> float | None:
    """Return the share of switches away from tasks in which the task blocked by itself."""
    left = sum(cpu.after.left - cpu.before.left for cpu in cpus)
    by_itself = sum(cpu.after.left_by_itself - cpu.before.left_by_itself for cpu in cpus)
    return min(1.0, max(0.0, by_itself / left)) if left > 0 else None


def forks_per_s(cpus: Sequence[CpuInterval]) -> float | None:
    """Return processes and threads made per second."""
    if not cpus:
        return None
    return sum(_rate(cpu.after.forks, cpu.before.forks, cpu.seconds) for cpu in cpus)


def most_delayed(reading: ProbeReading, seconds: float) -> tuple[TaskSample, ...]:
    """Return the tasks that waited most, the node's own left out."""
    others = (t for t in reading.tasks if t.tgid != reading.node_tgid and t.delay_ns)
    top = heapq.nlargest(TOP_TASKS, others, key=lambda task: task.delay_ns)
    return tuple(_task_sample(task, seconds) for task in top)


def _task_sample(task: TaskReading, seconds: float) -> TaskSample:
    return TaskSample(
        pid=task.pid,
        name=task.name,
        delay_ms_per_s=task.delay_ns / 1e6 / seconds,
        max_delay_ms=max(task.longest_ns, task.waiting_ns) / 1e6,
        running_share=min(1.0, task.run_ns / 1e9 / seconds),
        wakeups_per_s=task.wakeups / seconds,
        waker=task.waker,
        cgroup=task.cgroup or "/",
    )


def busiest_names(reading: ProbeReading, seconds: float) -> tuple[NameSample, ...]:
    """Return the names whose tasks used most CPU, those that ended meanwhile included."""
    ran: dict[str, list[int]] = {}
    for task in reading.tasks:
        if task.run_ns:
            ran.setdefault(task.name, []).append(task.run_ns)
    ended: dict[str, list[EndedReading]] = {}
    for each in reading.ended:
        ended.setdefault(each.name, []).append(each)
    names = (_name_sample(n, ran.get(n, []), ended.get(n, []), seconds) for n in {**ran, **ended})
    return tuple(heapq.nlargest(TOP_NAMES, names, key=lambda name: name.running_share))


def _name_sample(
    name: str, ran: list[int], ended: list[EndedReading], seconds: float
) -> NameSample:
    run_ns = sum(ran) + sum(each.unreported_ns for each in ended)
    finished = sum(each.ends for each in ended)
    return NameSample(
        name=name,
        tasks=len(ran) + finished,
        running_share=run_ns / 1e9 / seconds,
        finished=finished,
        finished_run_ms=sum(each.run_ns for each in ended) / 1e6,
        longest_run_ms=max((each.longest_ns for each in ended), default=0) / 1e6,
    )


def _rate(after: int, before: int, seconds: float) -> float:
    return max(0, after - before) / seconds


def _grown(after: Counts, before: Counts) -> Counts:
    if after == before:
        return _NONE
    return tuple(map(operator.and_, map(operator.sub, after, before), repeat(_WRAP)))
