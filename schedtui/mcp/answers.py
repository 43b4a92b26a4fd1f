"""What the tools answer. Figures have their units in ``units``, by the name of the field.

Without slots: the package that makes schemas of them takes a slot for a default.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What all answers have."""

    summary: str
    """The answer in a sentence or two."""
    next: str = ""
    """What is sensible to do next, empty where nothing is."""
    units: dict[str, str] = field(default_factory=dict)
    """Unit of each figure by the name of its field."""
    left_off: tuple[str, ...] = ()
    """Fields that were cut so that the answer keeps to its cap."""


@dataclass(frozen=True, kw_only=True)
class Guard:
    """One limit that the node itself enforces while a policy is deployed."""

    name: str
    ok: bool
    value: float
    limit: float
    unit: str


@dataclass(frozen=True, kw_only=True)
class StatusAnswer(Answer):
    """Who schedules, read from the kernel now."""

    target: str
    doing: str
    """The long call that this server is at work on, empty when none is."""
    session: str
    """``this server``, ``another terminal``, or ``none``."""
    in_charge: str
    scheduler_state: str
    ours_since_s: float
    deployed: str
    """Name of our policy, empty when none was deployed."""
    stage: str
    object_sha256: str
    canary_left_s: float
    reason: str
    """Why a deployment ended, empty while it lives."""
    guards: tuple[Guard, ...]
    last_exit: str
    waiting_for_approval: str
    """SHA-256 of the object that a person has still to approve, empty when none waits."""


@dataclass(frozen=True, kw_only=True)
class Delayed:
    """A task that waited for a CPU. Its name is text from the target and nothing else."""

    pid: int
    name: str
    delay_ms_per_s: float
    running_share: float


@dataclass(frozen=True, kw_only=True)
class WatchAnswer(Answer):
    """What a target did for some seconds, and what kind of work that looks like."""

    source: str
    """``bpf`` or ``procfs``: where the figures come from."""
    seconds: float
    cpus: int
    in_charge: str
    family: str
    confidence: float
    utilisation: float
    saturation: float
    wakeup_p99_us: float | None
    run_delay_p99_us: float | None
    switches_per_s: float
    forks_per_s: float
    signals: tuple[str, ...]
    unseen: tuple[str, ...]
    load: dict[str, float]
    """What the running load reports of itself; units are in the names."""
    most_delayed: tuple[Delayed, ...]


@dataclass(frozen=True, kw_only=True)
class PolicyBrief:
    """One policy in a list."""

    name: str
    title: str
    origin: str
    families: tuple[str, ...]
    limits: tuple[str, ...]
    why: tuple[str, ...] = ()
    """Of a search: which word stands where."""
    score: float = 0.0


@dataclass(frozen=True, kw_only=True)
class PoliciesAnswer(Answer):
    """Some policies."""

    policies: tuple[PolicyBrief, ...]


@dataclass(frozen=True, kw_only=True)
class ParameterCard:
    """One parameter of a policy."""

    name: str
    type: str
    default: str
    minimum: int
    maximum: int
    unit: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class PolicyAnswer(Answer):
    """One policy, whole."""

    name: str
    title: str
    origin: str
    description: str
    families: tuple[str, ...]
    tags: tuple[str, ...]
    use_cases: tuple[str, ...]
    limits: tuple[str, ...]
    requires: tuple[str, ...]
    parameters: tuple[ParameterCard, ...]
    source: str
    """BPF C; empty unless it was asked for."""


@dataclass(frozen=True, kw_only=True)
class LoadBrief:
    """One built-in load."""

    name: str
    title: str
    window_s: float
    objective: str
    reports: str


@dataclass(frozen=True, kw_only=True)
class LoadsAnswer(Answer):
    """The built-in loads."""

    loads: tuple[LoadBrief, ...]


@dataclass(frozen=True, kw_only=True)
class FoundThing:
    """One thing that a gate found."""

    code: str
    severity: str
    line: int
    sentence: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class GateBrief:
    """What one gate said."""

    gate: str
    passed: bool
    seconds: float
    seen: str


@dataclass(frozen=True, kw_only=True)
class VerifyAnswer(Answer):
    """What the gates say of a source. Nothing was deployed."""

    passed: bool
    gates: tuple[GateBrief, ...]
    findings: tuple[FoundThing, ...]
    source_sha256: str
    object_sha256: str
    kernel: str
    chain: str
    """Head of the hash chain over the gates' records; the same for the same verdict."""


@dataclass(frozen=True, kw_only=True)
class FindingAnswer(Answer):
    """What a finding means and what to do about it."""

    code: str
    severity: str
    sentence: str
    hint: str
    explanation: str


@dataclass(frozen=True, kw_only=True)
class TrialAnswer(Answer):
    """What was measured. Every figure comes from interleaved pairs of windows."""

    policy: str
    load: str
    metric: str
    outcome: str
    factor: float | None
    low: float | None
    high: float | None
    pairs: int
    baseline_median: float | None
    candidate_median: float | None
    evidence: tuple[str, ...]
    findings: tuple[FoundThing, ...]
    result: int
    """Number in the history, 0 when nothing was kept."""


@dataclass(frozen=True, kw_only=True)
class ResultBrief:
    """One kept trial."""

    result: int
    when: str
    policy: str
    load: str
    metric: str
    outcome: str
    factor: float | None
    low: float | None
    high: float | None
    problem: str
    """Why it is not to be believed, empty when it is."""


@dataclass(frozen=True, kw_only=True)
class HistoryAnswer(Answer):
    """Kept results of trials, newest first."""

    results: tuple[ResultBrief, ...]
    evidence: tuple[str, ...]
    """Of the one that was asked for."""


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """One policy that planning weighed."""

    policy: str
    score: float
    why: str


@dataclass(frozen=True, kw_only=True)
class GoalAnswer(Answer):
    """How far a goal came."""

    outcome: str
    """``planned``, ``needs approval``, ``keep the default``, ``question``, ``refused``, ``no``,
    ``missing`` or ``deployed``."""
    reading: tuple[str, ...]
    choices: tuple[str, ...]
    """Of a question: goals that could be meant."""
    layer: str
    policy: str
    parameters: tuple[str, ...]
    why: tuple[str, ...]
    weighed: tuple[Weighed, ...]
    expected_low: float
    expected_high: float
    ceiling_factor: float | None
    ceiling: str
    risks: tuple[str, ...]
    gates: tuple[GateBrief, ...]
    findings: tuple[FoundThing, ...]
    object_sha256: str
    """What would run: a person approves exactly this. Empty before the gates have passed."""
    question: tuple[str, ...]
    """What a person must know before saying yes; empty when there is nothing to approve."""


@dataclass(frozen=True, kw_only=True)
class DeployAnswer(Answer):
    """What became of a deployment that was asked for."""

    deployed: bool
    policy: str
    stage: str
    object_sha256: str
    approved_by: str
    in_charge: str
    live_effect: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RollbackAnswer(Answer):
    """Who schedules after a rollback."""

    rolled_back: bool
    in_charge: str
