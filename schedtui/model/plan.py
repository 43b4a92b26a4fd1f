"""What the agent proposes, before anything is built."""

from __future__ import annotations

from dataclasses import dataclass

from schedtui.model.goal import GoalSpec, Layer, WorkloadProfile
from schedtui.model.policy import ParameterValue

__all__ = ["Candidate", "Ceiling", "Consideration", "Layer", "Plan"]


@dataclass(frozen=True, slots=True)
class Consideration:
    """One policy that was weighed."""

    policy: str
    score: float
    """0 to 1, higher fits better."""
    why: str


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The best that any policy could reach, by arithmetic from measured quantities."""

    metric: str
    factor: float
    """How many times better than now at most; 1.0 means no room at all."""
    arithmetic: str
    """The formula with its numbers, for people."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A decision with its reasons. Numbers in it are measured or computed, never model text."""

    layer: Layer
    policy: str
    """Repository name; empty for ``keep``."""
    base: str
    """Policy that the diff is shown against; empty when the source is new."""
    parameters: tuple[tuple[str, ParameterValue], ...]
    workload: str
    """Name of the trial workload that stands for the goal."""
    goal: GoalSpec
    profile: WorkloadProfile
    considered: tuple[Consideration, ...]
    expected_low: float
    """Expected improvement of the objective, factor, low end."""
    expected_high: float
    ceiling: Ceiling | None
    why: tuple[str, ...]
    risks: tuple[str, ...]
    author: str = "offline rules"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Source that could become a scheduler. ``source`` is complete: parameters are in it."""

    name: str
    """Scheduler name that the kernel will show."""
    policy: str
    source: str
    source_sha256: str
    base_name: str
    base_source: str
    """What the diff is shown against; empty when the candidate is new."""
    parameters: tuple[tuple[str, ParameterValue], ...]
    author: str
