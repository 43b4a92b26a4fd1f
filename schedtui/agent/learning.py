"""Learning: what a finished trial teaches, in one line that later planning can be shown."""

from __future__ import annotations

from typing import Final

from schedtui.agent.explain import times
from schedtui.agent.questions import METRIC_WORDS
from schedtui.model.goal import Direction, Metric
from schedtui.model.plan import Plan
from schedtui.model.text import safe_text
from schedtui.model.trial import Effect, Outcome, TrialResult

LESSON_LIMIT: Final = 240
"""Longest lesson, in characters."""


def lesson(trial_result: TrialResult, plan: Plan) -> str:
    """Return the one-line lesson of a trial. The same trial always gives the same line."""
    profile = plan.profile
    where = f"{plan.policy} for {profile.family} at {profile.saturation:.1f} tasks per CPU"
    parts = [f"{where}: {_effect_words(trial_result.objective)}"]
    parts.append(_against_expectation(trial_result.objective, plan))
    parts += [_worse(effect) for effect in trial_result.guardrails]
    if trial_result.starved:
        parts.append(f"starved {', '.join(trial_result.starved[:3])}")
    return safe_text("; ".join(part for part in parts if part), LESSON_LIMIT)


def _effect_words(effect: Effect) -> str:
    name = _metric_words(effect.metric)
    interval = f"[{effect.low:.2f}, {effect.high:.2f}], {effect.pairs} pairs"
    match effect.outcome:
        case Outcome.BETTER:
            better = "lower" if effect.direction is Direction.LOWER else "higher"
            return f"{name} {effect.factor:.2f} times {better} {interval}"
        case Outcome.WORSE:
            return f"{name} got worse, {effect.factor:.2f} times as good {interval}"
        case Outcome.NO_DIFFERENCE:
            return f"{name} did not change {interval}"
        case Outcome.UNDECIDED:
            return f"{name} is undecided at {effect.factor:.2f} {interval}"


def _against_expectation(effect: Effect, plan: Plan) -> str:
    if effect.high < plan.expected_low:
        return f"less than the expected {times(plan.expected_low)} to {times(plan.expected_high)}"
    if effect.low > plan.expected_high:
        return f"more than the expected {times(plan.expected_low)} to {times(plan.expected_high)}"
    return ""


def _worse(effect: Effect) -> str:
    if effect.outcome is not Outcome.WORSE:
        return ""
    return f"{_metric_words(effect.metric)} paid for it, {effect.factor:.2f} times as good"


def _metric_words(metric: str) -> str:
    try:
        return METRIC_WORDS[Metric(metric)]
    except ValueError:
        return metric
