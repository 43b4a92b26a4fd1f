"""Measured comparisons: interleaved pairs against the default scheduler."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schedtui.model.goal import Direction


@dataclass(frozen=True, slots=True)
class WorkloadSpec:
    """A workload with its options."""

    name: str
    title: str
    arguments: tuple[str, ...]
    seconds: float
    """Length of one window; 0 when the workload ends by itself."""
    objective: str
    """Metric that it is usually judged by."""
    reports: str
    """Precisely which latency or time it measures."""
    settle_s: float = 0.0
    """How long a window goes on before anything counts, so that all its tasks are at work; 0 where
    the work begins with the window."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What the host did while one window ran in a machine on it. All are shares, from 0 to 1."""

    delayed: float | None
    """Of the time that the machine's CPUs were ready to run: the host ran something else. None
    where its kernel does not count that."""
    stolen: float
    """Of the time of the host's CPUs: taken by the host that it is itself a guest of."""
    others: float
    """Of the time of the host's CPUs: used by other processes than the machine."""
    pressure: float | None
    """Of the window: some task of the host waited for a CPU (PSI). None where it is not kept."""
    busiest: str = ""
    """Program that used most of ``others``, empty where none stands out."""

    @property
    def score(self) -> float:
        """Share of its CPU time that was kept from the machine: waited for, or stolen.

        Where delays are not counted the pressure stands in for them, which says too much. What
        other processes use does no harm as long as the machine does not wait for it.
        """
        kept = (self.pressure or 0.0) if self.delayed is None else self.delayed
        return 1 - (1 - kept) * (1 - self.stolen)


@dataclass(frozen=True, slots=True)
class Window:
    """One run of a workload under one scheduler."""

    scheduler: str
    """``default`` or the candidate's name."""
    metrics: tuple[tuple[str, float], ...]
    disturbance: Disturbance | None = None
    """What the host did meanwhile; null where nobody could see it."""

    def metric(self, name: str) -> float:
        """Return one metric; raises KeyError when the workload did not report it."""
        return dict(self.metrics)[name]


@dataclass(frozen=True, slots=True)
class Pair:
    """A baseline window and a candidate window, run next to each other in one boot."""

    index: int
    baseline: Window
    candidate: Window
    baseline_first: bool
    contaminated: str = ""
    """Why the host makes this pair worth less than the others, empty when it does not."""


class Outcome(StrEnum):
    """What a series of pairs says."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no difference"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Effect:
    """Improvement of one metric as a factor: 2.0 is twice as good, 0.5 half as good."""

    metric: str
    direction: Direction
    factor: float
    low: float
    high: float
    """95 % interval of the factor."""
    pairs: int
    baseline_median: float
    candidate_median: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Control:
    """The default scheduler measured against itself, in the boot and by the rules of the trial."""

    pairs: tuple[Pair, ...]
    """Both windows of a pair ran under the default scheduler; the sides are labels alone."""
    effect: Effect
    sign_flip_p: float
    spread: float
    """Root mean square log-ratio of neighbouring windows: 0.1 is about 10 %."""
    detectable: float
    """Smallest improvement that a trial here would show in four of five cases; 0.2 is 20 %."""
    unfit: str
    """Why nothing can be claimed from this host now, empty when it is fit."""
    dropped: tuple[Pair, ...] = ()
    """Contaminated pairs that were measured again and count for nothing."""


@dataclass(frozen=True, slots=True)
class MachineShape:
    """The machine that windows ran on."""

    cpus: int
    memory_mb: int
    accelerator: str
    """``tcg`` or ``kvm`` for a virtual machine, else empty."""
    emulator: str = ""
    """What runs a virtual machine, with its version."""
    image: str = ""
    """Hash of all that a virtual machine is made of but its kernel: node, workloads, probe."""
    host: str = ""
    """Processor, CPUs and kernel of the machine that it ran on."""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """A finished trial with its raw windows."""

    workload: WorkloadSpec
    pairs: tuple[Pair, ...]
    objective: Effect
    guardrails: tuple[Effect, ...]
    starved: tuple[str, ...]
    """Names of tasks that made no progress under the candidate."""
    max_wait_ms: float
    """Longest single wait of any task under the candidate."""
    baseline_max_wait_ms: float
    boot_id: str
    seconds: float
    control: Control | None = None
    machine: MachineShape | None = None
    dropped: tuple[Pair, ...] = ()
    """Contaminated pairs that were measured again and count for nothing."""
