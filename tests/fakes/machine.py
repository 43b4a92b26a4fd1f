"""A seeded machine: snapshots that look like a real one under load."""

from __future__ import annotations

import random

from schedtui.model.histogram import BUCKETS, bucket_of, summarise
from schedtui.model.telemetry import (
    CpuSample,
    GuardState,
    LoadReport,
    Pressure,
    SchedulerState,
    Snapshot,
    TaskSample,
)

OURS = SchedulerState(
    state="enabled",
    ops="rtc_fifo",
    enable_seq=3,
    switch_all=True,
    events=(("SCX_EV_SELECT_CPU_FALLBACK", 12), ("SCX_EV_DISPATCH_KEEP_LAST", 2310)),
    ours=True,
    since_s=35.0,
    lease_ms=1400,
    guards=(
        GuardState("run delay", ok=True, value=41, limit=500, unit="ms"),
        GuardState("progress", ok=True, value=0, limit=2, unit="s"),
        GuardState("forks", ok=True, value=3, limit=100, unit="ms"),
    ),
)
DEFAULT = SchedulerState(state="disabled", enable_seq=2)


class FakeMachine:
    """Makes one snapshot after another; every figure follows from the seed."""

    def __init__(self, cpus: int, seed: int, names: tuple[str, ...]) -> None:
        self._random = random.Random(seed)  # noqa: S311 - figures to look at, no secret
        self._cpus = cpus
        self._names = names
        self._seq = 0
        self.load = ""

    def snapshot(self, scheduler: SchedulerState, unix_ms: int, interval_s: float) -> Snapshot:
        """Return the next snapshot."""
        self._seq += 1
        typical = 300.0 if scheduler.ours else 2_400.0
        counts = self._counts(typical if self.load else 40.0)
        return Snapshot(
            seq=self._seq,
            unix_ms=unix_ms,
            interval_s=interval_s,
            source="bpf",
            source_note="",
            cpus=tuple(self._cpu(i, typical) for i in range(self._cpus)),
            wakeup=summarise(counts),
            run_delay=summarise(counts),
            wakeup_counts=counts,
            tasks=tuple(self._task(i) for i in range(12)) if self.load else (),
            pressure=(Pressure("cpu", 62.0, 0.0), Pressure("io", 0.4, 0.0),
                      Pressure("memory", 0.0, 0.0)),
            scheduler=scheduler,
            load=self._report(scheduler.ours),
        )  # fmt: skip

    def _counts(self, typical_us: float) -> tuple[int, ...]:
        counts = [0] * BUCKETS
        for _ in range(150):
            us = self._random.lognormvariate(0, 1.1) * typical_us / 8
            counts[bucket_of(int(us * 1000))] += 1
        return tuple(counts)

    def _cpu(self, cpu: int, typical_us: float) -> CpuSample:
        rng = self._random
        busy = rng.uniform(0.85, 1.0) if self.load else rng.uniform(0.0, 0.2)
        return CpuSample(
            cpu=cpu,
            utilisation=busy,
            depth=rng.randint(1, 8) if self.load else rng.randint(0, 1),
            run_delay_ms_per_s=rng.uniform(5, 900) * busy,
            wakeup=summarise(self._counts(typical_us)) if self._cpus <= 16 else None,
            switches_per_s=rng.uniform(500, 4000),
            migrations_per_s=rng.uniform(0, 300),
            running=f"{rng.choice(self._names)}[{800 + cpu}]",
        )

    def _task(self, index: int) -> TaskSample:
        rng = self._random
        return TaskSample(
            pid=800 + index,
            name=self._names[index % len(self._names)],
            delay_ms_per_s=900.0 / (index + 1),
            max_delay_ms=rng.uniform(2, 40),
            running_share=rng.uniform(0.02, 0.99),
            wakeups_per_s=rng.uniform(2, 900),
            waker=self._names[(index + 1) % len(self._names)],
            cgroup="/load/service",
        )

    def _report(self, ours: bool) -> LoadReport | None:
        if not self.load:
            return None
        p99 = self._random.uniform(23e3, 27e3) if ours else self._random.uniform(120e3, 200e3)
        rate = self._random.uniform(500, 560) if ours else self._random.uniform(220, 260)
        return LoadReport(
            self.load, running=True, metrics=(("request_p99_us", p99), ("rate_per_s", rate))
        )
