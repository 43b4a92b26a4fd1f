"""Short sentences for people about what the stages found and decided."""

from __future__ import annotations

from schedtui.agent.questions import METRIC_WORDS
from schedtui.model.goal import Direction, GoalSpec, WorkloadProfile
from schedtui.model.plan import Layer, Plan
from schedtui.model.policy import ParameterValue
from schedtui.policy.retrieval import FAMILY_WORDS


def goal_sentence(goal: GoalSpec) -> str:
    """Return the goal as it was read, in one line."""
    wish = f"{METRIC_WORDS[goal.objective]} {goal.direction}"
    rails = [
        f"{METRIC_WORDS[rail.metric]} at most {100 * rail.tolerance:g} % worse"
        for rail in goal.guardrails
    ]
    return "; ".join([wish, *rails])


def profile_sentence(profile: WorkloadProfile) -> str:
    """Return what was measured, in one line."""
    return (
        f"{FAMILY_WORDS[profile.family]}: CPUs {100 * profile.utilisation:.0f} % busy, "
        f"{profile.saturation:.1f} runnable tasks per CPU"
    )


def plan_sentence(plan: Plan) -> str:
    """Return the decision, in one line."""
    if plan.layer is Layer.KEEP:
        return f"keep the default scheduler: {plan.why[0]}"
    values = ", ".join(f"{name} = {value_words(value)}" for name, value in plan.parameters)
    return f"{plan.policy} with {values}" if values else plan.policy


def expectation_sentence(plan: Plan) -> str:
    """Return what the plan expects and the ceiling, in one line."""
    if plan.layer is Layer.KEEP:
        return "no change is expected"
    better = "lower" if plan.goal.direction is Direction.LOWER else "higher"
    words = (
        f"{METRIC_WORDS[plan.goal.objective]} {times(plan.expected_low)} to "
        f"{times(plan.expected_high)} times {better}"
    )
    return f"{words}, at best {times(plan.ceiling.factor)} times" if plan.ceiling else words


def times(factor: float) -> str:
    """Return a factor with the digits that matter: 1.25, 5.3, 140."""
    if factor < 2:
        return f"{factor:.2f}"
    return f"{factor:.1f}" if factor < 10 else f"{factor:.0f}"


def value_words(value: ParameterValue) -> str:
    """Return a parameter value as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    return " ".join(f"{row.name}:{row.expected_ms}ms" for row in value) or "none"
