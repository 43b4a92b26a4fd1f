"""A telemetry probe that gives the readings a test wrote down."""

from __future__ import annotations

from collections.abc import Iterable

from schedtui.model.histogram import BUCKETS, bucket_of
from schedtui.node.probe import ProbeError, ProbeReading
from schedtui.node.probe_layout import CpuReading, EndedReading, TaskReading, Wait


def counts(*nanoseconds: int, start: int = 0) -> tuple[int, ...]:
    """Return a histogram of durations on top of ``start`` in every bucket."""
    found = [start] * BUCKETS
    for each in nanoseconds:
        bucket = bucket_of(each)
        found[bucket] = (found[bucket] + 1) % (1 << 32)
    return tuple(found)


def cpu_reading(cpu: int = 0, **figures: int | str | tuple[int, ...]) -> CpuReading:
    """Return a reading of one CPU with everything at zero except ``figures``."""
    values: dict[str, int | str | tuple[int, ...]] = {
        name: 0 for name in CpuReading._fields if name not in figures
    }
    values |= {"cpu": cpu, "running_name": "", "wakeup": counts(), "preempted": counts()}
    return CpuReading(**(values | figures))  # type: ignore[arg-type]  # any field


def task(name: str, pid: int, **figures: int | str) -> TaskReading:
    """Return a task that did nothing except ``figures``."""
    values: dict[str, int | str] = dict.fromkeys(TaskReading._fields, 0)
    values |= {"name": name, "pid": pid, "tgid": pid, "waker": "", "cgroup": ""}
    return TaskReading(**(values | figures))  # type: ignore[arg-type]  # any field


def reading(
    seconds: float,
    cpus: Iterable[CpuReading] = (),
    tasks: Iterable[TaskReading] = (),
    ended: Iterable[EndedReading] = (),
    node_tgid: int = 1,
) -> ProbeReading:
    """Return a reading taken at a time."""
    return ProbeReading(int(seconds * 1e9), node_tgid, tuple(cpus), tuple(tasks), tuple(ended))


class ScriptedProbe:
    """Gives one scripted reading per call; fails when the script has ended or from a call on."""

    def __init__(self, *readings: ProbeReading) -> None:
        self._readings = list(readings)
        self.started = 0
        self.stopped = 0
        self.passes = 0
        self.present: tuple[Wait, ...] = ()
        """What waits() finds, whatever the floor admits."""
        self.ended: tuple[Wait, ...] = ()
        """What longest() finds."""
        self.broken = ""
        """Why every call fails from now on, empty while all is well."""

    def start(self) -> None:
        self._work()
        self.started += 1

    def stop(self) -> None:
        self.stopped += 1

    def read(self) -> ProbeReading:
        self._work()
        if not self._readings:
            raise ProbeError("the script has ended")
        return self._readings.pop(0)

    def waits(self, floor_ms: float = 0.0) -> tuple[Wait, ...]:
        self._work()
        self.passes += 1
        floor_ns = floor_ms * 1e6
        return tuple(w for w in self.present if max(w.waiting_ns, w.worst_ns) > floor_ns)

    def longest(self) -> tuple[Wait, ...]:
        self._work()
        return self.ended

    def forget_waits(self) -> None:
        self._work()
        self.present = tuple(Wait(w.pid, w.name, w.waiting_ns, 0) for w in self.present)
        self.ended = ()

    def _work(self) -> None:
        if self.broken:
            raise ProbeError(self.broken)
