"""From two readings of /proc to the parts of a snapshot."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterable

from schedtui.model.telemetry import CpuSample, NameSample, TaskSample
from schedtui.node.procfs import ProcCpu, ProcReading
from schedtui.node.sample_probe import TOP_NAMES, TOP_TASKS
from schedtui.node.sample_processes import ProcessActivity


def cpu_samples(before: ProcReading, after: ProcReading) -> tuple[CpuSample, ...]:
    """Return a sample of every CPU; one that was not there before starts at rest."""
    seconds = seconds_between(before, after)
    earlier = {cpu.cpu: cpu for cpu in before.cpus}
    alone = len(after.cpus) == 1
    switches = rate(before.switches, after.switches, seconds)
    # Depth and switches are only told for the machine as a whole.
    return tuple(
        CpuSample(
            cpu=cpu.cpu,
            utilisation=_utilisation(earlier.get(cpu.cpu, cpu), cpu),
            depth=after.running if alone else None,
            run_delay_ms_per_s=_run_delay(earlier.get(cpu.cpu, cpu), cpu, seconds),
            wakeup=None,
            switches_per_s=switches if alone else None,
            migrations_per_s=None,
        )
        for cpu in after.cpus
    )


def seconds_between(before: ProcReading, after: ProcReading) -> float:
    """Return the length of an interval, never zero."""
    return max(1, after.now_ns - before.now_ns) / 1e9


def rate(before: int | None, after: int | None, seconds: float) -> float | None:
    """Return growth per second, None when either end is unknown."""
    if before is None or after is None:
        return None
    return max(0, after - before) / seconds


def most_delayed(processes: Iterable[ProcessActivity]) -> tuple[TaskSample, ...]:
    """Return the processes whose threads waited most, the node left out.

    The longest wait is not told; the mean stands for it, which is a lower bound.
    """
    waited = (p for p in processes if p.delay_ms_per_s and p.pid != os.getpid())
    top = heapq.nlargest(TOP_TASKS, waited, key=lambda process: process.delay_ms_per_s or 0.0)
    return tuple(
        TaskSample(
            pid=process.pid,
            name=process.name,
            delay_ms_per_s=process.delay_ms_per_s or 0.0,
            max_delay_ms=process.mean_wait_ms,
            running_share=min(1.0, process.run_share),
            wakeups_per_s=0.0,
            waker="",
            cgroup=process.cgroup,
        )
        for process in top
    )


def busiest_names(processes: Iterable[ProcessActivity]) -> tuple[NameSample, ...]:
    """Return the process names that used most CPU; ends are not seen here."""
    shares: dict[str, list[float]] = {}
    for process in processes:
        shares.setdefault(process.name, []).append(process.run_share)
    names = (NameSample(name, len(used), sum(used), 0, 0.0, 0.0) for name, used in shares.items())
    return tuple(heapq.nlargest(TOP_NAMES, names, key=lambda name: name.running_share))


def _utilisation(before: ProcCpu, after: ProcCpu) -> float:
    total = after.total_ticks - before.total_ticks
    busy = after.busy_ticks - before.busy_ticks
    # The kernel may take back idle time it had guessed, so either can shrink by a tick.
    return min(1.0, max(0.0, busy / total)) if total > 0 else 0.0


def _run_delay(before: ProcCpu, after: ProcCpu, seconds: float) -> float | None:
    growth = rate(before.run_delay_ns, after.run_delay_ns, seconds)
    return None if growth is None else growth / 1e6
