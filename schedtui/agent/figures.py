"""Combines snapshots into the figures that a profile is judged by. Deterministic arithmetic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from statistics import fmean

from schedtui.model.goal import NameProfile
from schedtui.model.histogram import added, summarise
from schedtui.model.telemetry import CpuSample, NameSample, Snapshot, TaskSample


@dataclass(frozen=True, slots=True)
class NameFigures:
    """All tasks of one name over the whole observation."""

    profile: NameProfile
    longest_ms: float
    """CPU time of the longest that ended, 0 when none did."""
    wakeups_per_s: float | None
    """Wake-ups of one of its tasks; None when no task of it was sampled."""
    burst_ms: float | None
    """CPU time between two sleeps of one task; None when no task of it was sampled."""
    wakers: tuple[tuple[str, float], ...] = ()
    """Who woke its tasks last, with the share of the samples."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything measured, before it is judged. None means that the source cannot see it."""

    seconds: float
    utilisation: float
    waiting: float | None
    """Tasks waiting per CPU, time mean, from the time they spent waiting."""
    depth: float | None
    """Running and waiting tasks per CPU at the moments of sampling, mean."""
    cpu_pressure: float | None
    """Share of time in which some task waited for a CPU, 0 to 1."""
    io_pressure: float | None
    wakeup_p99_us: float | None
    run_delay_p99_us: float | None
    switches_per_s: float | None
    voluntary_share: float | None
    forks_per_s: float | None
    names: tuple[NameFigures, ...]
    """Busiest first."""
    load: tuple[tuple[str, float], ...]
    source: str


def figures_of(snapshots: Sequence[Snapshot]) -> Figures:
    """Return the combined figures; samples without length (the first one) do not count."""
    counted = [snapshot for snapshot in snapshots if snapshot.interval_s > 0]
    seconds = sum(snapshot.interval_s for snapshot in counted)
    delay = _mean(counted, lambda s: _over_cpus(s, lambda cpu: cpu.run_delay_ms_per_s))
    return Figures(
        seconds=seconds,
        utilisation=_mean(counted, lambda s: _over_cpus(s, lambda cpu: cpu.utilisation)) or 0.0,
        waiting=None if delay is None else delay / 1000,
        depth=_mean(counted, lambda s: _over_cpus(s, lambda cpu: cpu.depth)),
        cpu_pressure=_pressure(counted, "cpu"),
        io_pressure=_pressure(counted, "io"),
        wakeup_p99_us=_wakeup_p99(counted),
        run_delay_p99_us=_run_delay_p99(counted),
        switches_per_s=_mean(counted, _switches),
        voluntary_share=_mean(counted, lambda s: s.voluntary_share),
        forks_per_s=_mean(counted, lambda s: s.forks_per_s),
        names=_names(counted, seconds),
        load=_load(counted),
        source="bpf" if any(s.source == "bpf" for s in counted) else "procfs",
    )


def _mean(
    snapshots: Sequence[Snapshot], value_of: Callable[[Snapshot], float | None]
) -> float | None:
    """Return the mean over time of what could be seen; None when nothing could."""
    seen = [(s.interval_s, value) for s in snapshots if (value := value_of(s)) is not None]
    total = sum(seconds for seconds, _ in seen)
    return sum(seconds * value for seconds, value in seen) / total if seen else None


def _over_cpus(snapshot: Snapshot, value_of: Callable[[CpuSample], float | None]) -> float | None:
    values = [value for cpu in snapshot.cpus if (value := value_of(cpu)) is not None]
    return fmean(values) if values else None


def _switches(snapshot: Snapshot) -> float | None:
    seen = [cpu.switches_per_s for cpu in snapshot.cpus if cpu.switches_per_s is not None]
    return sum(seen) if seen else None


def _pressure(snapshots: Sequence[Snapshot], resource: str) -> float | None:
    def some(snapshot: Snapshot) -> float | None:
        shares = [p.some / 100 for p in snapshot.pressure if p.resource == resource]
        return shares[0] if shares else None

    return _mean(snapshots, some)


def _wakeup_p99(snapshots: Sequence[Snapshot]) -> float | None:
    counts = [s.wakeup_counts for s in snapshots if s.wakeup_counts]
    if counts and len({len(each) for each in counts}) == 1:
        merged = summarise(reduce(added, counts))
        return merged.p99_us if merged else None
    # Percentiles cannot be averaged; the largest is a bound that the whole cannot exceed.
    return max((s.wakeup.p99_us for s in snapshots if s.wakeup), default=None)


def _run_delay_p99(snapshots: Sequence[Snapshot]) -> float | None:
    return max((s.run_delay.p99_us for s in snapshots if s.run_delay), default=None)


def _load(snapshots: Sequence[Snapshot]) -> tuple[tuple[str, float], ...]:
    values: dict[str, list[float]] = {}
    for snapshot in snapshots:
        if snapshot.load is None or not snapshot.load.running or snapshot.load.paused:
            continue
        for name, value in snapshot.load.metrics:
            values.setdefault(name, []).append(value)
    return tuple(sorted((name, fmean(seen)) for name, seen in values.items()))


def _names(snapshots: Sequence[Snapshot], seconds: float) -> tuple[NameFigures, ...]:
    samples: dict[str, list[tuple[float, NameSample]]] = {}
    for snapshot in snapshots:
        for name in snapshot.names:
            samples.setdefault(name.name, []).append((snapshot.interval_s, name))
    found = [_name(name, seen, snapshots, seconds) for name, seen in samples.items()]
    return tuple(sorted(found, key=lambda f: (-f.profile.running_share, f.profile.name)))


def _name(
    name: str,
    seen: Sequence[tuple[float, NameSample]],
    snapshots: Sequence[Snapshot],
    seconds: float,
) -> NameFigures:
    share = sum(length * sample.running_share for length, sample in seen) / seconds
    finished = sum(sample.finished for _, sample in seen)
    tasks = max(finished, *(sample.tasks for _, sample in seen))
    whole_ms = sum(sample.finished_run_ms for _, sample in seen)
    mean = whole_ms / finished if finished else share * seconds * 1000 / max(1, tasks)
    tasks_seen = [t for s in snapshots if s.source == "bpf" for t in s.tasks if t.name == name]
    wakeups, burst = _rhythm(tasks_seen)
    return NameFigures(
        NameProfile(name, tasks, share, mean, finished),
        max(sample.longest_run_ms for _, sample in seen),
        wakeups,
        burst,
        _wakers(tasks_seen),
    )


def _wakers(tasks: Sequence[TaskSample]) -> tuple[tuple[str, float], ...]:
    counted = Counter(task.waker for task in tasks if task.waker)
    total = counted.total()
    return tuple((name, count / total) for name, count in sorted(counted.items()))


def _rhythm(tasks: Sequence[TaskSample]) -> tuple[float | None, float | None]:
    """Return wake-ups per second and CPU time per wake-up of one of the tasks."""
    if not tasks:
        return None, None
    wakeups = fmean(task.wakeups_per_s for task in tasks)
    share = fmean(task.running_share for task in tasks)
    return wakeups, 1000 * share / max(wakeups, 1.0)
