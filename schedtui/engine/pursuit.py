"""One goal from its text to a watched deployment. The controller is deterministic.

It owns the order of stages, the gates, the approval and the decision to keep or revert; whoever
plans (rules, or a model) only proposes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from schedtui.agent.choices import stand_in
from schedtui.agent.deliberation.deliberation import Deliberation
from schedtui.agent.deliberation.instructions import against
from schedtui.agent.deliberation.planner import Counsel, Planner
from schedtui.agent.execution import make_candidate
from schedtui.agent.intake import read_goal
from schedtui.agent.learning import lesson
from schedtui.agent.observation import profile
from schedtui.agent.planning import plan
from schedtui.agent.questions import WHAT_GETS_BETTER
from schedtui.engine.port import Approver
from schedtui.engine.surroundings import Surroundings
from schedtui.engine.verification import Verification
from schedtui.measure.catalogue import workload
from schedtui.measure.ceiling import ceiling_of
from schedtui.model.deployment import Approval, ApprovalRequest, Stage
from schedtui.model.events import (
    ApprovalAnswered,
    ApprovalAsked,
    Asked,
    CandidateMade,
    Decided,
    DeploymentChanged,
    Event,
    Finished,
    GoalRead,
    LiveEffect,
    Observed,
    Planned,
    Refused,
    StageStarted,
    Verified,
)
from schedtui.model.goal import Clarification, GoalSpec, Refusal, WorkloadProfile
from schedtui.model.plan import Candidate, Ceiling, Layer, Plan
from schedtui.model.trial import Outcome
from schedtui.model.verdict import Verdict
from schedtui.verify.tokens import verdict_chain

OBSERVE_SECONDS: Final = 6.0
CANARY_SECONDS: Final = 10.0
_AFTER_SECONDS: Final = 6.0


class Pursuit:
    """Carries one goal through its life."""

    def __init__(
        self,
        around: Surroundings,
        approver: Approver,
        emit: Callable[[Event], None],
        planner: Planner | None = None,
    ) -> None:
        self._around = around
        self._approver = approver
        self._emit = emit
        self._counsel: Counsel | None = planner.counsel(emit) if planner else None

    async def run(self, text: str) -> None:
        """Pursue the goal; the last event is Finished."""
        try:
            await self._read(text)
        finally:
            if self._counsel is not None:
                await self._counsel.close()

    async def _read(self, text: str) -> None:
        self._emit(StageStarted("Goal", "reading the goal"))
        read = read_goal(text)
        if read == WHAT_GETS_BETTER:
            read = await self._read_by_a_model(text) or read
        match read:
            case Clarification() as question:
                self._emit(Asked(question))
                self._finish(2, f"one question first: {question.question}")
            case Refusal() as refusal:
                self._emit(Refused(refusal))
                self._finish(1, refusal.reason)
            case GoalSpec() as goal:
                self._emit(GoalRead(goal))
                await self._observe_and_plan(goal)

    async def _read_by_a_model(self, text: str) -> GoalSpec | None:
        """Return a goal whose words rules do not know, None when no model can tell."""
        if self._counsel is None or not self._counsel.there:
            return None
        self._emit(StageStarted("Goal", "rules do not know these words; a model reads them"))
        return await self._counsel.read(text)

    async def _observe_and_plan(self, goal: GoalSpec) -> None:
        seen = await self._observe(goal)
        self._emit(Observed(seen))
        self._emit(StageStarted("Planning", "weighing the policies of the repository"))
        cpus = self._around.cpus
        decision = plan(goal, seen, self._around.policies(), cpus, ceiling_of=_ceiling)
        match decision:
            case Clarification():
                self._emit(Asked(decision))
                self._finish(2, f"one question first: {decision.question}")
            case Refusal():
                self._emit(Refused(decision))
                self._finish(1, decision.reason)
            case Plan(layer=Layer.KEEP):
                self._emit(Planned(decision))
                self._finish(0, f"keep the default scheduler: {decision.why[0]}")
            case Plan():
                if not await self._ended_with_a_model(decision):
                    self._emit(Planned(decision))
                    await self._execute(decision)

    async def _observe(self, goal: GoalSpec) -> WorkloadProfile:
        doing = "measuring what runs on the target"
        if not self._around.running_load() and self._around.target == "sandbox":
            name = stand_in(goal.families[0], goal.objective) if goal.families else ""
            if name:
                title = workload(name).title
                doing = f"nothing runs in the sandbox, so the built-in load stands for it: {title}"
                await self._around.start_load(name)
        self._emit(StageStarted("Observation", doing))
        return profile(await self._around.observe(OBSERVE_SECONDS), self._around.cpus)

    async def _ended_with_a_model(self, ruled: Plan) -> bool:
        """Pursue what a model proposes; False when what rules would do is still to be tried."""
        if self._counsel is None:
            return False
        if self._counsel.lack:
            self._emit(Decided("rules plan without a model", self._counsel.lack))
        if not self._counsel.there:
            return False
        self._emit(StageStarted("Planning", "a model proposes; all it says is checked"))
        return await self._deliberate(self._counsel.deliberation(self._around, ruled), ruled)

    async def _deliberate(self, deliberation: Deliberation, ruled: Plan) -> bool:
        """Try proposals until one stands; False when what rules would do is still to be tried."""
        proposal, over, reason = await deliberation.propose(), False, ""
        while proposal is not None:
            self._emit(Planned(proposal.plan))
            checked = await self._verify(proposal.plan, proposal.candidate)
            reason = _reason_against(checked.verdict)
            if not reason:
                await self._approve(proposal.plan, proposal.candidate, checked)
                return True
            over = over or proposal.repeats(ruled) or _undecided(checked.verdict)
            if checked.verdict.passed or _undecided(checked.verdict):
                break  # no repair can help
            proposal = await deliberation.repair(checked.verdict)
        if over:
            self._finish(1, reason)
        elif proposal is not None:
            self._emit(Decided("rules go on without the model", reason))
        return over

    async def _execute(self, chosen: Plan) -> None:
        candidate = make_candidate(chosen, self._around.policies())
        checked = await self._verify(chosen, candidate)
        reason = _reason_against(checked.verdict)
        if reason:
            self._finish(1, reason)
        else:
            await self._approve(chosen, candidate, checked)

    async def _verify(self, chosen: Plan, candidate: Candidate) -> Verification:
        self._emit(StageStarted("Execution", f"writing the source of {chosen.policy}"))
        self._emit(CandidateMade(candidate))
        async with self._around.load_held_still():
            verification = await self._around.verify(candidate, chosen, self._emit)
        self._emit(Verified(verification.verdict))
        return verification

    async def _approve(self, chosen: Plan, candidate: Candidate, checked: Verification) -> None:
        reason, fix = self._around.why_no_deploy()
        if reason:
            self._finish(3, f"proved, but it cannot be deployed here: {reason}. {fix}")
            return
        request = _request(chosen, candidate, checked.verdict, self._around.target)
        self._emit(StageStarted("Approval", "a person decides"))
        self._emit(ApprovalAsked(request))
        approval = await self._approver(request)
        approved = approval is not None and approval.object_sha256 == request.verdict.object_sha256
        self._emit(ApprovalAnswered(approved, approval.by if approval else ""))
        self._around.record(
            "approval" if approved else "refusal",
            scheduler=candidate.name,
            author=candidate.author,
            object_sha256=request.verdict.object_sha256,
            verdict_chain=verdict_chain(request.verdict)[-1],
            by=approval.by if approval else "",
            how=approval.how if approval else "",
        )
        if approval is None or not approved:
            self._finish(1, "not approved; the default scheduler stays")
            return
        await self._deploy(request, approval, checked)

    async def _deploy(
        self, request: ApprovalRequest, approval: Approval, checked: Verification
    ) -> None:
        metric = request.plan.goal.objective.value
        before = self._around.load_metric(metric, ours=False, seconds=60)
        self._emit(StageStarted("Canary", f"{request.canary_s:.0f} s under guard, then kept"))
        deployment = await self._around.deploy(request, approval, checked.object_bytes)
        self._emit(DeploymentChanged(deployment))
        deployment = await self._around.settled()
        self._emit(DeploymentChanged(deployment))
        if deployment.stage is not Stage.PROMOTED:
            self._finish(1, f"{deployment.stage}: {deployment.reason}")
            return
        after = self._around.load_metric(metric, ours=True, seconds=_AFTER_SECONDS)
        if before is not None and after is not None:
            self._emit(LiveEffect(metric, before, after))
        await self._learn(request, checked.verdict)

    async def _learn(self, request: ApprovalRequest, verdict: Verdict) -> None:
        if verdict.trial is None:
            raise AssertionError("a deployment without a trial")
        learnt = lesson(verdict.trial, request.plan)
        self._emit(StageStarted("Learning", learnt))
        self._around.record("lesson", text=learnt, scheduler=verdict.candidate)
        await asyncio.sleep(0)
        self._finish(0, f"{verdict.candidate} is in charge of {request.target}; r rolls back")

    def _finish(self, code: int, summary: str) -> None:
        self._emit(Finished(code, summary))


def _reason_against(verdict: Verdict) -> str:
    """Return why nothing follows from a verdict, empty when a person may be asked."""
    if not verdict.passed:
        return against(verdict)
    if verdict.trial is None or verdict.trial.objective.outcome is not Outcome.BETTER:
        outcome = verdict.trial.objective.outcome if verdict.trial else "not measured"
        return f"keep the default scheduler: {outcome} in the trial"
    return ""


def _undecided(verdict: Verdict) -> bool:
    """Tell whether a gate could not decide, so that no repair can help."""
    return any(result.inconclusive for result in verdict.gates)


def _ceiling(goal: GoalSpec, seen: WorkloadProfile, cpus: int) -> Ceiling | None:
    return ceiling_of(goal.objective, dict(seen.load), cpus)


def _request(chosen: Plan, candidate: Candidate, verdict: Verdict, target: str) -> ApprovalRequest:
    return ApprovalRequest(
        candidate=candidate,
        plan=chosen,
        verdict=verdict,
        target=target,
        blast_radius=f"all tasks of the {target}; real-time tasks are not touched",
        canary_s=CANARY_SECONDS,
        undo="press r, or run schedtui rollback, or end this program: back within 2 s",
        risks=chosen.risks,
    )
