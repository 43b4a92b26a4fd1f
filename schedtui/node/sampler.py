"""Samples of the machine: from the BPF probe where it is to be had, from /proc elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from schedtui.model.histogram import added, summarise
from schedtui.model.telemetry import CpuSample, LoadReport, SchedulerState, Snapshot
from schedtui.node import sample_probe, sample_procfs
from schedtui.node.pressure import read_pressure
from schedtui.node.probe import ProbeReading
from schedtui.node.procfs import Procfs, ProcReading
from schedtui.node.sample_live import LiveProbe, ProbePort
from schedtui.node.sample_processes import Processes
from schedtui.node.sample_waits import Waits


class Sampler:
    """Turns readings into snapshots. Belongs to one thread.

    The probe is switched on by the first call that needs it. When it fails later, samples come
    from /proc from then on and say why.
    """

    def __init__(
        self,
        probe: ProbePort | None,
        probe_reason: str,
        state: Callable[[], SchedulerState],
        load: Callable[[], LoadReport | None],
        proc: Procfs | None = None,
    ) -> None:
        """Take an open probe, or None with the reason why there is none."""
        self._probe = LiveProbe(probe, probe_reason)
        self._waits = Waits(self._probe)
        self._state = state
        self._load = load
        self._proc = proc or Procfs()
        self._processes = Processes(self._proc.proc)
        self._seq = 0
        self._probe_before: ProbeReading | None = None
        self._proc_before: ProcReading | None = None

    @property
    def sees_waits(self) -> bool:
        """Tell whether single waits are visible; without a probe they are not."""
        return self._probe.usable

    def sample(self) -> Snapshot:
        """Return what happened since the call before.

        The first one only takes the first reading: its interval is 0 and it holds no rates.
        """
        self._seq += 1
        reading = self._probe.read()
        if reading is not None:
            return self._from_probe(reading)
        self._probe_before = None
        return self._from_proc(self._proc.read())

    def stop(self) -> None:
        """Switch the probe off; the next call that needs it switches it on and starts afresh."""
        self._probe.stop()
        self._probe_before = self._proc_before = None

    def oldest_wait_ms(self) -> float:
        """Return the longest wait still under way. See :class:`Waits`; 0 without a probe."""
        return self._waits.oldest_ms()

    def longest_wait_ms(self, *, reset: bool) -> float:
        """Return the longest wait since the last reset, present ones included."""
        return self._waits.longest_ms(reset=reset)

    def starved(self, threshold_ms: float) -> tuple[str, ...]:
        """Return who waited longer, in the period the last reset ended or since."""
        return self._waits.starved(threshold_ms)

    def _from_probe(self, after: ProbeReading) -> Snapshot:
        before, self._probe_before = self._probe_before, after
        online = self._proc.online()
        if before is None:
            cpus = sample_probe.intervals(after, after, online)
            at_rest = tuple(_at_rest(cpu.after.cpu, cpu.after.depth) for cpu in cpus)
            return replace(self._frame("bpf", 0.0), cpus=at_rest)
        cpus = sample_probe.intervals(before, after, online)
        seconds = max(1, after.now_ns - before.now_ns) / 1e9
        wakeup = sample_probe.total(cpu.wakeup for cpu in cpus)
        preempted = sample_probe.total(cpu.preempted for cpu in cpus)
        return replace(
            self._frame("bpf", seconds),
            cpus=tuple(cpu.sample() for cpu in cpus),
            wakeup=summarise(wakeup),
            run_delay=summarise(added(wakeup, preempted)),
            wakeup_counts=wakeup,
            tasks=sample_probe.most_delayed(after, seconds),
            names=sample_probe.busiest_names(after, seconds),
            voluntary_share=sample_probe.voluntary_share(cpus),
            forks_per_s=sample_probe.forks_per_s(cpus),
        )

    def _from_proc(self, after: ProcReading) -> Snapshot:
        before, self._proc_before = self._proc_before, after
        processes = self._processes.activity()
        if before is None:
            at_rest = tuple(_at_rest(cpu.cpu, None) for cpu in after.cpus)
            return replace(self._frame("procfs", 0.0), cpus=at_rest)
        seconds = sample_procfs.seconds_between(before, after)
        return replace(
            self._frame("procfs", seconds),
            cpus=sample_procfs.cpu_samples(before, after),
            tasks=sample_procfs.most_delayed(processes),
            names=sample_procfs.busiest_names(processes),
            forks_per_s=sample_procfs.rate(before.forks, after.forks, seconds),
        )

    def _frame(self, source: str, seconds: float) -> Snapshot:
        return Snapshot(
            seq=self._seq,
            unix_ms=time.time_ns() // 1_000_000,
            interval_s=seconds,
            source=source,
            source_note="" if source == "bpf" else self._probe.reason,
            cpus=(),
            wakeup=None,
            run_delay=None,
            wakeup_counts=(),
            tasks=(),
            pressure=read_pressure(self._proc.proc),
            scheduler=self._state(),
            load=self._load(),
        )


def _at_rest(cpu: int, depth: int | None) -> CpuSample:
    return CpuSample(
        cpu=cpu,
        utilisation=0.0,
        depth=depth,
        run_delay_ms_per_s=None,
        wakeup=None,
        switches_per_s=None,
        migrations_per_s=None,
    )
