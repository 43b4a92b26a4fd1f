"""What a person wishes, and what the machine is doing: the two inputs of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """Kinds of workload that call for different policies (research taxonomy)."""

    SERVICE = "oversubscribed_service"
    BATCH_SKEWED = "batch_skewed"
    BATCH_UNIFORM = "batch_uniform"
    INTERACTIVE = "interactive_beside_batch"
    BUILD = "build"
    OLTP = "database_oltp"
    OLAP = "database_olap"
    MICROSERVICES = "microservices"
    SERVERLESS = "serverless_burst"
    LOADING = "training_input"
    BARRIER = "barrier_steps"
    INFERENCE = "cpu_inference"
    PERIODIC = "periodic_control"
    TENANTS = "multi_tenant"
    PHASES = "multi_phase"
    ABUSE = "adversarial"
    IDLE = "idle"
    OTHER = "other"


class Layer(StrEnum):
    """How deep a plan goes, shallowest first; a goal may ask for one."""

    KEEP = "keep"
    CONFIGURE = "configure"
    MODIFY = "modify"
    CREATE = "create"


class Direction(StrEnum):
    """Which way a metric should move."""

    LOWER = "lower"
    HIGHER = "higher"


class Metric(StrEnum):
    """Metrics a goal can name. Values are the metric names in load reports."""

    REQUEST_P99 = "request_p99_us"
    WAKEUP_P99 = "wakeup_p99_us"
    RATE = "rate_per_s"
    MAKESPAN = "makespan_ms"
    MISSED_FRAMES = "missed_frames_pct"
    COMPLETION = "mean_completion_ms"
    START_P99 = "start_p99_us"
    STEP_P99 = "step_p99_us"
    MISSED_PERIODS = "missed_periods_pct"
    PROGRESS = "progress_pct"


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A metric that must not get worse by more than ``tolerance`` (0.02 = 2 %)."""

    metric: str
    """A Metric in a goal; in a trial anything that the load reports."""
    direction: Direction
    """The good direction of the metric."""
    tolerance: float
    said: str
    """The words of the goal it was read from."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How good the objective must become, as far as the words give a number.

    One of the two is set.
    """

    value: float | None = None
    """A value of the objective in its own unit, e.g. 50000 for a p99 of 50 ms."""
    factor: float | None = None
    """How many times better than now, e.g. 2.0 for "half the latency"."""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a goal may cost; None where the words set no limit."""

    seconds: float | None = None
    dollars: float | None = None


@dataclass(frozen=True, slots=True)
class GoalSpec:
    """A goal as it was read."""

    text: str
    objective: Metric
    direction: Direction
    guardrails: tuple[Guardrail, ...]
    subjects: tuple[str, ...]
    """Things the goal names, e.g. ``request service``, ``game``."""
    families: tuple[Family, ...]
    """Families the words point to, best first; empty when the words do not tell."""
    reading: tuple[str, ...]
    """One line per decision: which words led to what."""
    layer: Layer = Layer.CONFIGURE
    """What the words ask to be done; configuring when they ask for nothing in particular."""
    bound: Bound | None = None
    budget: Budget = Budget()


@dataclass(frozen=True, slots=True)
class Clarification:
    """The one short question asked when a goal cannot be read without guessing."""

    question: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A goal that is not pursued, with the reason and what can be done instead."""

    reason: str
    instead: str


@dataclass(frozen=True, slots=True)
class NameProfile:
    """All tasks of one process name during the observation."""

    name: str
    tasks: int
    running_share: float
    """CPUs used together."""
    mean_run_ms: float
    """Mean CPU time per finished task, or of the running ones when none finished."""
    finished: int = 0
    """Tasks of this name that ended during the observation; 0 when none was seen to end."""


@dataclass(frozen=True, slots=True)
class WorkloadProfile:
    """What was measured on the target before planning. No field was written by a model."""

    seconds: float
    family: Family
    confidence: float
    """0 to 1: distance of the winning family from the runner-up."""
    utilisation: float
    saturation: float
    """Runnable tasks per CPU, time mean."""
    wakeup_p99_us: float | None
    run_delay_p99_us: float | None
    switches_per_s: float
    voluntary_share: float | None
    forks_per_s: float
    names: tuple[NameProfile, ...]
    signals: tuple[str, ...]
    """One line per signal that spoke for the family."""
    unseen: tuple[str, ...]
    """What this source could not see."""
    load: tuple[tuple[str, float], ...] = ()
    """Metrics that the load itself reported, mean over the observation."""
