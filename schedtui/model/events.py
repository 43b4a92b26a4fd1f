"""The typed event stream of a goal: the screen, ``goal --json`` and recordings consume it."""

from __future__ import annotations

from dataclasses import dataclass

from schedtui.model.deployment import ApprovalRequest, Deployment
from schedtui.model.goal import Clarification, GoalSpec, Refusal, WorkloadProfile
from schedtui.model.plan import Candidate, Plan
from schedtui.model.spending import Spending, Usage
from schedtui.model.trial import Control, Effect, Pair
from schedtui.model.verdict import GateName, GateResult, Verdict


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage of the agent begins: Observation, Planning, Execution, Approval, Canary, Learning."""

    stage: str
    doing: str


@dataclass(frozen=True, slots=True)
class GoalRead:
    """The goal as it was understood."""

    goal: GoalSpec


@dataclass(frozen=True, slots=True)
class Asked:
    """The goal was unclear: one question, and this pursuit ends."""

    clarification: Clarification


@dataclass(frozen=True, slots=True)
class Refused:
    """The goal is not pursued."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Observed:
    """The profile is complete."""

    profile: WorkloadProfile


@dataclass(frozen=True, slots=True)
class Thought:
    """One line that a model wrote: its own words, and no fact of anything else."""

    model: str
    aloud: bool
    """It is an answer; otherwise the summary of what went before one."""
    text: str


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """A model asks for something."""

    model: str
    tool: str
    arguments: str
    """As the model wrote them, one line."""


@dataclass(frozen=True, slots=True)
class ToolAnswered:
    """What the program answered it."""

    tool: str
    ok: bool
    summary: str
    tokens: int
    """Most tokens that the whole answer can be."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The program, not a model, decided how to go on."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Spent:
    """A turn of a model is over, with what it and all turns so far came to."""

    model: str
    usage: Usage
    dollars: float | None
    """Price of this turn, None when the price of the model is not known."""
    total: Spending


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan is made, with all policies that were weighed."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class CandidateMade:
    """Source is ready for the gates."""

    candidate: Candidate


@dataclass(frozen=True, slots=True)
class GateStarted:
    """A gate begins."""

    gate: GateName
    doing: str


@dataclass(frozen=True, slots=True)
class GateProgress:
    """A sign of life out of a long gate, ``done`` of ``total`` steps."""

    gate: GateName
    done: int
    total: int
    note: str


@dataclass(frozen=True, slots=True)
class ControlMeasured:
    """One more pair of the default scheduler against itself; None until two pairs."""

    pair: Pair
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class ControlJudged:
    """What the A/A control says of the host."""

    control: Control


@dataclass(frozen=True, slots=True)
class PairMeasured:
    """One more pair of the trial, and the interval so far (None until two pairs)."""

    pair: Pair
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class PairDropped:
    """A pair of the control or of the trial that the host has spoilt; it is measured again."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class GateFinished:
    """A gate is done."""

    result: GateResult


@dataclass(frozen=True, slots=True)
class Verified:
    """All gates are done, or one said no."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """A person must decide now."""

    request: ApprovalRequest


@dataclass(frozen=True, slots=True)
class ApprovalAnswered:
    """The person's answer."""

    approved: bool
    by: str


@dataclass(frozen=True, slots=True)
class DeploymentChanged:
    """The deployment moved to another stage."""

    deployment: Deployment


@dataclass(frozen=True, slots=True)
class LiveEffect:
    """Before and after on the target itself, from the load's own reports."""

    metric: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Finished:
    """End of the pursuit. ``exit_code`` follows design.md: 0 yes, 1 the answer is no, 3 missing."""

    exit_code: int
    summary: str


Event = (
    StageStarted
    | GoalRead
    | Asked
    | Refused
    | Observed
    | Thought
    | ToolCalled
    | ToolAnswered
    | Decided
    | Spent
    | Planned
    | CandidateMade
    | GateStarted
    | GateProgress
    | ControlMeasured
    | ControlJudged
    | PairMeasured
    | PairDropped
    | GateFinished
    | Verified
    | ApprovalAsked
    | ApprovalAnswered
    | DeploymentChanged
    | LiveEffect
    | Finished
)
