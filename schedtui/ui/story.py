"""One goal as the screen tells it: everything that its events said so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schedtui.model.deployment import ApprovalRequest, Deployment
from schedtui.model.events import (
    ApprovalAnswered,
    Decided,
    Finished,
    LiveEffect,
    Spent,
    StageStarted,
    Thought,
    ToolAnswered,
    ToolCalled,
)
from schedtui.model.goal import Clarification, GoalSpec, Refusal, WorkloadProfile
from schedtui.model.plan import Candidate, Plan
from schedtui.model.trial import Effect, Pair
from schedtui.model.verdict import GateName, GateResult, Verdict


@dataclass(frozen=True, slots=True)
class GateStep:
    """One gate on its way; ``result`` is None while it runs."""

    gate: GateName
    doing: str = ""
    done: int = 0
    total: int = 0
    note: str = ""
    result: GateResult | None = None


Said = Thought | ToolCalled | ToolAnswered | Decided
"""A line between the program and a model."""

MOST_SAID: Final = 200
"""Lines that are kept, the newest ones."""


@dataclass(frozen=True, slots=True)
class Story:
    """State of the current or last pursuit. Immutable; ``bridge.tell`` makes the next one."""

    text: str = ""
    running: bool = False
    cancelled: bool = False
    failure: str = ""
    """What ended the pursuit from outside, with its fix, empty when nothing did."""
    stages: tuple[StageStarted, ...] = ()
    goal: GoalSpec | None = None
    clarification: Clarification | None = None
    refusal: Refusal | None = None
    profile: WorkloadProfile | None = None
    said: tuple[Said, ...] = ()
    spent: Spent | None = None
    """The last turn of a model, with what all came to."""
    plan: Plan | None = None
    candidate: Candidate | None = None
    gates: tuple[GateStep, ...] = ()
    pairs: tuple[Pair, ...] = ()
    effect: Effect | None = None
    verdict: Verdict | None = None
    request: ApprovalRequest | None = None
    answer: ApprovalAnswered | None = None
    deployment: Deployment | None = None
    deployment_at: float = 0.0
    """When the deployment last changed, on the screen's clock."""
    live: tuple[LiveEffect, ...] = ()
    finished: Finished | None = None

    @property
    def stage(self) -> str:
        """Name of the stage that runs, empty before the first."""
        return self.stages[-1].stage if self.stages else ""

    @property
    def canary_s(self) -> float:
        """Length of the canary that was approved, in seconds; 0 when there is none."""
        return self.request.canary_s if self.request else 0.0

    def canary_left_s(self, now: float) -> float:
        """Return the seconds of canary that are left at ``now``."""
        if self.deployment is None:
            return 0.0
        return max(0.0, self.deployment.canary_left_s - (now - self.deployment_at))


NO_STORY: Final = Story()
"""Before the first goal."""


def begun(text: str) -> Story:
    """Return the story of a goal that was just entered."""
    return Story(text=text, running=True)
