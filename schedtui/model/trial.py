"""Measured comparisons: interleaved pairs against the default scheduler."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schedtui.model.goal import Direction


@dataclass(frozen=True, slots=True)
class WorkloadSpec:
    """A built-in workload with its options."""

    name: str
    title: str
    arguments: tuple[str, ...]
    seconds: float
    """Length of one window; 0 when the workload ends by itself."""
    objective: str
    """Metric that it is usually judged by."""
    reports: str
    """Precisely which latency or time it measures."""


@dataclass(frozen=True, slots=True)
class Window:
    """One run of a workload under one scheduler."""

    scheduler: str
    """``default`` or the candidate's name."""
    metrics: tuple[tuple[str, float], ...]

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


@dataclass(frozen=True, slots=True)
class MachineShape:
    """The machine that windows ran on."""

    cpus: int
    memory_mb: int
    accelerator: str
    """``tcg`` or ``kvm`` for a virtual machine, else empty."""


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
