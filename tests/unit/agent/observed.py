"""Builds snapshots of loads as a node would send them, for tests of the agent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schedtui.model.histogram import BUCKETS, Latency, bucket_of
from schedtui.model.telemetry import (
    CpuSample,
    LoadReport,
    NameSample,
    Pressure,
    SchedulerState,
    Snapshot,
    TaskSample,
)

DISABLED = SchedulerState("disabled")


def histogram(microseconds: Sequence[float]) -> tuple[int, ...]:
    """One observation per value."""
    counts = [0] * BUCKETS
    for value in microseconds:
        counts[bucket_of(int(value * 1000))] += 1
    return tuple(counts)


def cpu(number: int, busy: float, waiting: float, switches: float = 200.0) -> CpuSample:
    """One CPU as the BPF probe sees it; ``waiting`` is the mean number of waiting tasks."""
    return CpuSample(
        number, busy, round(busy + waiting), 1000 * waiting, None, switches, switches / 20
    )


def snapshot(
    *,
    cpus: int = 2,
    busy: float = 0.99,
    waiting: float = 3.0,
    names: Sequence[NameSample] = (),
    tasks: Sequence[TaskSample] = (),
    voluntary: float | None = 0.4,
    forks: float | None = 0.0,
    load: Sequence[tuple[str, float]] = (),
    wakeups_us: Sequence[float] = (500.0,) * 98 + (20_000.0,) * 2,
) -> Snapshot:
    """Half a second seen by the BPF probe."""
    return Snapshot(
        seq=1,
        unix_ms=1,
        interval_s=0.5,
        source="bpf",
        source_note="",
        cpus=tuple(cpu(number, busy, waiting) for number in range(cpus)),
        wakeup=Latency(100, 500.0, 900.0, 20_000.0, 21_000.0),
        run_delay=Latency(100, 500.0, 900.0, 30_000.0, 31_000.0),
        wakeup_counts=histogram(wakeups_us),
        tasks=tuple(tasks),
        pressure=(Pressure("cpu", 100 * min(1.0, waiting), 0.0), Pressure("io", 0.0, 0.0)),
        scheduler=DISABLED,
        load=LoadReport("load", running=True, metrics=tuple(load)) if load else None,
        names=tuple(names),
        voluntary_share=voluntary,
        forks_per_s=forks,
    )


def blinded(sample: Snapshot) -> Snapshot:
    """The same half second seen through procfs alone."""
    cpus = tuple(CpuSample(c.cpu, c.utilisation, None, None, None, None, None) for c in sample.cpus)
    lasting = tuple(
        NameSample(n.name, n.tasks - n.finished or 1, n.running_share, 0, 0.0, 0.0)
        for n in sample.names
    )
    return replace(
        sample,
        source="procfs",
        source_note="no BPF here",
        cpus=cpus,
        wakeup=None,
        run_delay=None,
        wakeup_counts=(),
        tasks=tuple(replace(task, wakeups_per_s=0.0) for task in sample.tasks),
        names=lasting,
        voluntary_share=None,
        forks_per_s=None,
    )


def task(
    name: str, share: float, wakeups: float, pid: int = 100, waker: str = "interrupt"
) -> TaskSample:
    """A task among the most delayed ones."""
    return TaskSample(pid, name, 500.0, 40.0, share, wakeups, waker, "/")


def service(workers: int = 8, *, cpus: int = 2, waiting: float = 3.0) -> list[Snapshot]:
    """A pool of workers that sleep and wake, several per CPU."""
    share = 0.9 * cpus
    sample = snapshot(
        cpus=cpus,
        waiting=waiting,
        names=(
            NameSample("worker", workers, share, 0, 0.0, 0.0),
            NameSample("message", 2, 0.02, 0, 0.0, 0.0),
        ),
        tasks=[task("worker", share / workers, 30.0, pid) for pid in range(workers)],
    )
    return [sample] * 8


def service_with_report(waiting: float = 3.0) -> list[Snapshot]:
    """The same, and the load says how it fares."""
    report = (
        ("request_p50_us", 18_500.0),
        ("request_p99_us", 110_000.0),
        ("rate_per_s", 272.0),
        ("service_p50_us", 2_550.0),
        ("sleep_us", 100.0),
        ("workers", 8.0),
    )
    base = service(waiting=waiting)[0]
    return [replace(base, load=LoadReport("svc", running=True, metrics=report))] * 8


def batch(long_ms: float = 1000.0, short_ms: float = 50.0, cpus: int = 2) -> list[Snapshot]:
    """Short jobs and a longer one; in every second sample the long one ends."""
    first = snapshot(
        cpus=cpus,
        waiting=9.0,
        voluntary=0.05,
        forks=20.0,
        names=(
            NameSample("stage-a", 12, 1.2, 10, 10 * short_ms, 1.1 * short_ms),
            NameSample("stage-b", 1, 0.6, 0, 0.0, 0.0),
        ),
        tasks=(task("stage-a", 0.1, 0.0), task("stage-b", 0.6, 0.0)),
    )
    second = replace(
        first,
        names=(
            NameSample("stage-a", 12, 1.2, 10, 10 * short_ms, 1.1 * short_ms),
            NameSample("stage-b", 1, 0.6, 1, long_ms, long_ms),
        ),
    )
    return [first, second] * 5


def minded_batch() -> list[Snapshot]:
    """The uneven batch with the busy parent that starts and reaps its jobs."""
    parent = NameSample("batch-runner", 1, 0.15, 0, 0.0, 0.0)
    minding = task("batch-runner", 0.12, 20.0, waker="stage-a")
    return [
        replace(sample, names=(*sample.names, parent), tasks=(*sample.tasks, minding))
        for sample in batch()
    ]


def one_name_batch() -> list[Snapshot]:
    """Jobs of one name, all alike."""
    sample = snapshot(
        waiting=9.0,
        voluntary=0.05,
        forks=20.0,
        names=(NameSample("encode", 12, 1.9, 10, 500.0, 60.0),),
        tasks=(task("encode", 0.2, 0.0),),
    )
    return [sample] * 8


def hogs(count: int = 8) -> list[Snapshot]:
    """Long-lived tasks that never sleep."""
    sample = snapshot(
        waiting=3.0,
        voluntary=0.02,
        names=(NameSample("burn", count, 1.98, 0, 0.0, 0.0),),
        tasks=[task("burn", 0.25, 0.0, pid) for pid in range(count)],
    )
    return [sample] * 8


def game_beside_compile(loop: str = "game", wakeups: float = 55.0) -> list[Snapshot]:
    """A frame loop beside short compiler processes."""
    sample = snapshot(
        waiting=4.0,
        forks=35.0,
        names=(
            NameSample("cc", 18, 1.5, 15, 450.0, 80.0),
            NameSample("make", 8, 0.02, 0, 0.0, 0.0),
            NameSample(loop, 3, 0.3, 0, 0.0, 0.0),
        ),
        tasks=(task(loop, 0.1, wakeups), task("cc", 0.3, 1.0), task("make", 0.01, 4.0)),
    )
    return [sample] * 8


def idle() -> list[Snapshot]:
    """Next to nothing."""
    sample = snapshot(
        busy=0.04,
        waiting=0.0,
        names=(NameSample("sshd", 1, 0.01, 0, 0.0, 0.0),),
        wakeups_us=(40.0,) * 100,
    )
    return [sample] * 8
