"""One immutable picture of a target per tick."""

from __future__ import annotations

from dataclasses import dataclass

from schedtui.model.histogram import Latency


@dataclass(frozen=True, slots=True)
class CpuSample:
    """One CPU over one interval. None means: this source cannot see it."""

    cpu: int
    utilisation: float
    """Busy share of the interval, 0 to 1."""
    depth: int | None
    """Run-queue depth at the moment of sampling: running plus waiting tasks."""
    run_delay_ms_per_s: float | None
    """Milliseconds per second that tasks spent runnable but waiting on this CPU."""
    wakeup: Latency | None
    """Wake-up latency: from made runnable to first running."""
    switches_per_s: float | None
    migrations_per_s: float | None
    """Tasks that arrived here from another CPU, per second."""
    running: str = ""
    """Name and pid of the task on the CPU at the moment of sampling, sanitised."""


@dataclass(frozen=True, slots=True)
class TaskSample:
    """One task over one interval, among the most delayed ones."""

    pid: int
    name: str
    delay_ms_per_s: float
    """Milliseconds per second it was runnable but did not run."""
    max_delay_ms: float
    """Longest single wait in the interval, or the wait it is still in."""
    running_share: float
    """Share of one CPU it used, 0 to 1."""
    wakeups_per_s: float
    waker: str
    cgroup: str


@dataclass(frozen=True, slots=True)
class NameSample:
    """All tasks of one process name over one interval."""

    name: str
    tasks: int
    """Tasks of this name that ran in the interval."""
    running_share: float
    """CPUs they used together."""
    finished: int
    """Tasks of this name that ended in the interval; 0 when the source cannot see ends."""
    finished_run_ms: float
    """CPU time over their whole lives of those that ended, summed."""
    longest_run_ms: float
    """CPU time over its whole life of the longest of those that ended."""


@dataclass(frozen=True, slots=True)
class Pressure:
    """PSI of one resource: share of time some task waited for it (10 s average), 0 to 100."""

    resource: str
    some: float
    full: float


@dataclass(frozen=True, slots=True)
class ExitRecord:
    """Why the kernel ended a scheduler, as the scheduler's own ``exit`` operation recorded it."""

    kind: int
    """Kernel's scx_exit_kind: 64 to 67 orderly, 1024 and above an ejection."""
    code: int
    reason: str
    message: str

    @property
    def ejected(self) -> bool:
        """Tell whether the kernel threw the scheduler out."""
        return self.kind >= 1024


@dataclass(frozen=True, slots=True)
class GuardState:
    """One guard: a limit that the node itself enforces while a policy is deployed."""

    name: str
    ok: bool
    value: float
    limit: float
    unit: str


@dataclass(frozen=True, slots=True)
class SchedulerState:
    """Who schedules, read from the kernel and never remembered."""

    state: str
    """``enabled``, ``enabling``, ``disabling``, ``disabled``; ``absent`` without sched_ext."""
    ops: str = ""
    enable_seq: int = 0
    rejected: int = 0
    switch_all: bool = False
    events: tuple[tuple[str, int], ...] = ()
    ours: bool = False
    """True while this node holds the link of the scheduler in charge."""
    since_s: float = 0.0
    """Seconds since our scheduler was enabled."""
    lease_ms: int = 0
    """Milliseconds until the lease of our deployment runs out."""
    guards: tuple[GuardState, ...] = ()
    last_exit: ExitRecord | None = None
    ended: str = ""
    """Why our last deployment ended, in words; empty while one is live."""

    @property
    def in_charge(self) -> str:
        """Name of the scheduler in charge, in words."""
        return self.ops if self.state == "enabled" and self.ops else "kernel default (EEVDF)"


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What the running load says of itself for its last second."""

    name: str
    running: bool
    paused: bool = False
    metrics: tuple[tuple[str, float], ...] = ()
    """Pairs of metric name (with unit suffix, e.g. ``request_p99_us``) and value."""

    def metric(self, name: str) -> float | None:
        """Return one metric by name, or None when it is not reported."""
        return dict(self.metrics).get(name)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One complete sample of a target."""

    seq: int
    unix_ms: int
    interval_s: float
    source: str
    """``bpf`` or ``procfs``: where the figures come from."""
    source_note: str
    """Why a poorer source is in use, empty when the best one is."""
    cpus: tuple[CpuSample, ...]
    wakeup: Latency | None
    run_delay: Latency | None
    wakeup_counts: tuple[int, ...]
    """Histogram of this interval's wake-up latencies (see model.histogram), may be empty."""
    tasks: tuple[TaskSample, ...]
    pressure: tuple[Pressure, ...]
    scheduler: SchedulerState
    load: LoadReport | None = None
    names: tuple[NameSample, ...] = ()
    """The busiest process names."""
    voluntary_share: float | None = None
    """Share of context switches in which the task gave up the CPU by itself, 0 to 1."""
    forks_per_s: float | None = None
