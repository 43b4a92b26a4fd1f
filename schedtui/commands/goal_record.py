"""What a goal came to: the one document that ``goal --json`` ends with."""

from __future__ import annotations

from dataclasses import dataclass, field

from schedtui.model import events
from schedtui.model.deployment import Deployment
from schedtui.model.goal import Clarification, GoalSpec, Refusal, WorkloadProfile
from schedtui.model.plan import Candidate, Plan
from schedtui.model.spending import Spending
from schedtui.model.telemetry import SchedulerState
from schedtui.model.verdict import GateResult, Verdict
from schedtui.model.wire import Json, to_json


@dataclass(slots=True)
class GoalRecord:
    """Collects a pursuit's events."""

    text: str
    goal: GoalSpec | None = None
    clarification: Clarification | None = None
    refusal: Refusal | None = None
    profile: WorkloadProfile | None = None
    spending: Spending | None = None
    """What models used; None where none was asked."""
    plan: Plan | None = None
    candidate: Candidate | None = None
    gates: list[GateResult] = field(default_factory=list)
    verdict: Verdict | None = None
    approval: events.ApprovalAnswered | None = None
    deployments: list[Deployment] = field(default_factory=list)
    live_effect: list[events.LiveEffect] = field(default_factory=list)
    finished: events.Finished | None = None
    scheduler_afterwards: SchedulerState | None = None
    """Read from the kernel when the command ended."""

    def repeats(self, event: events.Event) -> bool:
        """Tell whether a deployment event brings no other stage, only less time left."""
        if not isinstance(event, events.DeploymentChanged) or not self.deployments:
            return False
        return self.deployments[-1].stage is event.deployment.stage

    def take(self, event: events.Event) -> None:
        """Keep what one event says; signs of life are not kept."""
        if self.repeats(event) or self._take_thought(event) or self._take_gate(event):
            return
        match event:
            case events.ApprovalAnswered():
                self.approval = event
            case events.DeploymentChanged():
                self.deployments.append(event.deployment)
            case events.LiveEffect():
                self.live_effect.append(event)
            case events.Finished():
                self.finished = event
            case _:
                pass

    def _take_thought(self, event: events.Event) -> bool:
        match event:
            case events.GoalRead():
                self.goal = event.goal
            case events.Asked():
                self.clarification = event.clarification
            case events.Refused():
                self.refusal = event.refusal
            case events.Observed():
                self.profile = event.profile
            case events.Spent():
                self.spending = event.total
            case events.Planned():
                self.plan = event.plan
            case events.CandidateMade():
                self.candidate, self.verdict = event.candidate, None
                self.gates.clear()
            case _:
                return False
        return True

    def _take_gate(self, event: events.Event) -> bool:
        match event:
            case events.GateFinished():
                self.gates.append(event.result)
            case events.Verified():
                self.verdict = event.verdict
            case _:
                return False
        return True

    @property
    def exit_code(self) -> int:
        """Exit code of the pursuit; 4 when it ended without a word, which is a fault."""
        return self.finished.exit_code if self.finished else 4

    def document(self, exit_code: int) -> dict[str, Json]:
        """Return the final document. Fields are null when the pursuit did not get there."""
        return {
            "text": self.text,
            "goal": to_json(self.goal),
            "clarification": to_json(self.clarification),
            "refusal": to_json(self.refusal),
            "profile": to_json(self.profile),
            "spending": to_json(self.spending),
            "plan": _without(to_json(self.plan), "goal", "profile"),
            "candidate": to_json(self.candidate),
            "gates": to_json(self.gates),
            "trial": to_json(self.verdict.trial if self.verdict else None),
            "verdict": _without(to_json(self.verdict), "gates", "trial"),
            "approval": to_json(self.approval),
            "deployments": to_json(self.deployments),
            "live_effect": to_json(self.live_effect),
            "scheduler_afterwards": to_json(self.scheduler_afterwards),
            "exit_code": exit_code,
            "summary": self.finished.summary if self.finished else "",
        }


def _without(body: Json, *names: str) -> Json:
    if not isinstance(body, dict):
        return body
    return {key: value for key, value in body.items() if key not in names}
