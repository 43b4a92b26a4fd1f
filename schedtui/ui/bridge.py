"""The one place where events of the engine become something to look at."""

from __future__ import annotations

from dataclasses import replace

from schedtui.model import events as ev
from schedtui.model.verdict import GateName
from schedtui.ui.story import MOST_SAID, GateStep, Story


def tell(story: Story, event: ev.Event, now: float) -> Story:  # noqa: C901, PLR0911, PLR0912 - one flat match over all kinds of event is the point
    """Return ``story`` continued by ``event``, which arrived at ``now`` (screen's clock)."""
    match event:
        case ev.StageStarted():
            return replace(story, stages=(*story.stages, event))
        case ev.GoalRead(goal):
            return replace(story, goal=goal)
        case ev.Asked(clarification):
            return replace(story, clarification=clarification)
        case ev.Refused(refusal):
            return replace(story, refusal=refusal)
        case ev.Observed(profile):
            return replace(story, profile=profile)
        case ev.Thought() | ev.ToolCalled() | ev.ToolAnswered() | ev.Decided():
            return replace(story, said=(*story.said, event)[-MOST_SAID:])
        case ev.Spent():
            return replace(story, spent=event)
        case ev.Planned(plan):
            return replace(story, plan=plan)
        case ev.CandidateMade(candidate):
            begun = replace(story, gates=(), pairs=(), effect=None, verdict=None)
            return replace(begun, candidate=candidate)
        case ev.GateStarted(gate, doing):
            return _with_gate(story, GateStep(gate, doing))
        case ev.GateProgress(gate, done, total, note):
            step = replace(_step(story, gate), done=done, total=total, note=note)
            return _with_gate(story, step)
        case ev.ControlMeasured() | ev.ControlJudged() | ev.PairDropped():
            return story  # the progress of its gate shows it
        case ev.PairMeasured(pair, effect):
            return replace(story, pairs=(*story.pairs, pair), effect=effect or story.effect)
        case ev.GateFinished(result):
            return _with_gate(story, replace(_step(story, result.gate), result=result))
        case ev.Verified(verdict):
            effect = verdict.trial.objective if verdict.trial else story.effect
            return replace(story, verdict=verdict, effect=effect)
        case ev.ApprovalAsked(request):
            return replace(story, request=request)
        case ev.ApprovalAnswered():
            return replace(story, answer=event)
        case ev.DeploymentChanged(deployment):
            return replace(story, deployment=deployment, deployment_at=now)
        case ev.LiveEffect(metric):
            others = tuple(effect for effect in story.live if effect.metric != metric)
            return replace(story, live=(*others, event))
        case ev.Finished():
            return replace(story, finished=event, running=False)


def _step(story: Story, gate: GateName) -> GateStep:
    return next((step for step in story.gates if step.gate is gate), GateStep(gate))


def _with_gate(story: Story, step: GateStep) -> Story:
    if any(known.gate is step.gate for known in story.gates):
        gates = tuple(step if known.gate is step.gate else known for known in story.gates)
    else:
        gates = (*story.gates, step)
    return replace(story, gates=gates)
