"""How far a goal came, as an answer."""

from __future__ import annotations

from schedtui.mcp.answers import GoalAnswer, Weighed
from schedtui.mcp.proving import GATE_UNITS, found_things, gate_briefs
from schedtui.mcp.pursuing import Pursuing
from schedtui.measure.wording import assignments
from schedtui.model.events import Asked, Finished, GateFinished, GoalRead, Planned, Refused
from schedtui.model.plan import Layer, Plan

_NEXT = {
    "planned": "`propose` proves it and asks for nothing yet; `trial` measures one policy",
    "needs approval": "`deploy` with this object_sha256 has a person asked",
    "question": "call again with one of the choices, or with a goal that answers the question",
}


def goal_answer(pursuing: Pursuing, question: tuple[str, ...] = ()) -> GoalAnswer:
    """Return what came of a goal; ``question`` is what a person must know, where one waits."""
    planned, read = pursuing.last(Planned), pursuing.last(GoalRead)
    plan = planned.plan if planned else None
    asked = pursuing.last(Asked)
    gates = [event.result for event in pursuing.events if isinstance(event, GateFinished)]
    request = pursuing.request if pursuing.waiting else None
    outcome = _outcome(pursuing, plan)
    ceiling = plan.ceiling if plan else None
    return GoalAnswer(
        summary=_summary(pursuing, plan, outcome),
        next=_NEXT.get(outcome, _instead(pursuing)),
        units={
            **GATE_UNITS,
            "expected_low": "times better, low end",
            "expected_high": "times better, high end",
            "ceiling_factor": "times better at most, by arithmetic",
            "score": "0 to 1, higher fits better",
        },
        outcome=outcome,
        reading=read.goal.reading if read else (),
        choices=asked.clarification.choices if asked else (),
        layer=str(plan.layer) if plan else "",
        policy=plan.policy if plan else "",
        parameters=assignments(plan.parameters) if plan else (),
        why=plan.why if plan else (),
        weighed=_weighed(plan),
        expected_low=plan.expected_low if plan else 0.0,
        expected_high=plan.expected_high if plan else 0.0,
        ceiling_factor=ceiling.factor if ceiling else None,
        ceiling=ceiling.arithmetic if ceiling else "",
        risks=plan.risks if plan else (),
        gates=gate_briefs(gates),
        findings=found_things(gates),
        object_sha256=request.verdict.object_sha256 if request else "",
        question=question,
    )


def _outcome(pursuing: Pursuing, plan: Plan | None) -> str:
    if pursuing.waiting:
        return "needs approval"
    if pursuing.last(Asked):
        return "question"
    if pursuing.last(Refused):
        return "refused"
    if plan is not None and plan.layer is Layer.KEEP:
        return "keep the default"
    ended = pursuing.last(Finished)
    if ended is None:
        return "planned"
    return "missing" if ended.exit_code == 3 else "no"


def _summary(pursuing: Pursuing, plan: Plan | None, outcome: str) -> str:
    ended = pursuing.last(Finished)
    if ended is not None:
        return ended.summary
    if plan is None:
        return "the goal was not planned"
    if outcome == "keep the default":
        return f"keep the default scheduler: {plan.why[0]}"
    done = (
        "is proved and needs a person's approval" if outcome == "needs approval" else "is planned"
    )
    return f"{plan.layer} {plan.policy} {done}"


def _instead(pursuing: Pursuing) -> str:
    refused = pursuing.last(Refused)
    return refused.refusal.instead if refused else ""


def _weighed(plan: Plan | None) -> tuple[Weighed, ...]:
    considered = plan.considered if plan else ()
    return tuple(Weighed(policy=c.policy, score=c.score, why=c.why) for c in considered[:6])
