"""Planning: from a goal and a profile to one decision with its reasons. A rule table.

Rules come first to "keep the default": an idle machine, nothing waiting, or no room below
the ceiling need no new scheduler. Then family and objective choose a policy, and measured
figures its parameters. Retrieval says how well every other policy would have fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from schedtui.agent.agreement import agree
from schedtui.agent.case import Case
from schedtui.agent.choices import ARMS, BATCHES, EACH_SOONER, FIRST_TRY, REASONS
from schedtui.agent.configuring import configure
from schedtui.agent.expectation import expected
from schedtui.agent.keeping import reason_to_keep
from schedtui.agent.naming import named_in
from schedtui.agent.questions import METRIC_WORDS, ask_not_seen
from schedtui.model.goal import (
    Clarification,
    GoalSpec,
    Guardrail,
    Metric,
    Refusal,
    WorkloadProfile,
)
from schedtui.model.plan import Ceiling, Consideration, Layer, Plan
from schedtui.model.policy import Policy
from schedtui.policy.retrieval import FAMILY_WORDS, weigh

CeilingOf = Callable[[GoalSpec, WorkloadProfile, int], Ceiling | None]
"""Goal, profile and number of CPUs to a ceiling, or None when arithmetic cannot tell."""

KEEP_NAME: Final = "keep the default"

_OVERSUBSCRIBED: Final = 2.0
"""Runnable tasks per CPU from which letting each one finish matters more than where it runs."""

_RUN_OUT: Final = "fifo_rtc"
_ROUNDING: Final = 1.02
"""A figure this close to the ceiling is taken as asking for the ceiling."""


def plan(
    goal: GoalSpec,
    profile: WorkloadProfile,
    policies: Sequence[Policy],
    cpus: int,
    *,
    ceiling_of: CeilingOf,
) -> Plan | Clarification | Refusal:
    """Return the plan for a goal, or one question when words and machine do not fit together.

    Args:
        goal: The goal as it was read.
        profile: What was measured.
        policies: The repository.
        cpus: CPUs of the target, at least 1.
        ceiling_of: Computes the best that any policy could reach.
    """
    agreement = agree(goal, profile)
    ceiling = ceiling_of(goal, profile, cpus)
    case = Case(goal, profile, policies, cpus, agreement, ceiling)
    reason = reason_to_keep(case)
    if reason:
        return _keep(case, reason)
    policy = _policy(case)
    if policy is None:
        return _keep(case, _none_left(case))
    if goal.objective not in case.measurable:
        return ask_not_seen(goal.objective, profile.family)
    return _out_of_reach(case) or _configured(case, policy)


def _out_of_reach(case: Case) -> Refusal | None:
    """Return the refusal of a figure that the measured load cannot reach under any policy."""
    bound, ceiling = case.goal.bound, case.ceiling
    if bound is None or ceiling is None:
        return None
    now = dict(case.profile.load).get(case.goal.objective, 0.0)
    wanted = bound.factor or (now / bound.value if bound.value else 0.0)
    if wanted <= ceiling.factor * _ROUNDING:
        return None
    return Refusal(
        f'"{bound.said}" is out of reach here: {wanted:.3g} times better is wanted, and at best '
        f"{ceiling.factor:.3g} times is possible ({ceiling.arithmetic}).",
        "Ask for less, or for as much as is possible: 'lower' without a figure.",
    )


def _policy(case: Case) -> Policy | None:
    by_name = {policy.name: policy for policy in case.policies}
    named = named_in(case.goal.text, by_name)
    wanted = (name for name in (*named.asked, *_arms(case)) if name not in named.denied)
    return next((by_name[name] for name in wanted if name in by_name), None)


def _none_left(case: Case) -> str:
    """Return why no policy comes into question."""
    words = FAMILY_WORDS[case.family]
    denied = named_in(case.goal.text, (policy.name for policy in case.policies)).denied
    if denied.intersection(_arms(case)):
        return f"the goal rules out every policy of the repository that is made for {words}"
    return f"no policy of the repository is made for {words}"


def _arms(case: Case) -> tuple[str, ...]:
    """Return the names of the policies that are made for the load, first choice first."""
    arms = ARMS.get(case.family, ())
    if case.family in BATCHES and case.goal.objective is Metric.COMPLETION:
        return (EACH_SOONER,)
    if _RUN_OUT in arms and case.profile.saturation >= _OVERSUBSCRIBED:
        # With that many tasks per CPU those that hold a lock are interrupted all the time.
        return (_RUN_OUT, *arms)
    return arms


def _configured(case: Case, policy: Policy) -> Plan:
    chosen = configure(policy, case.profile, case.cpus, named=case.goal.text)
    rails, unproved = _provable(case)
    low, high = _expected(case, policy)
    reason = REASONS.get(policy.name, policy.title)
    return Plan(
        layer=Layer.CONFIGURE,
        policy=policy.name,
        base=policy.name,
        parameters=chosen.parameters,
        workload=case.workload,
        goal=replace(case.goal, guardrails=rails),
        profile=case.profile,
        considered=_considered(case, kept=False),
        expected_low=low,
        expected_high=high,
        ceiling=case.ceiling,
        why=(reason, *_shallower(case, policy), *case.agreement.why, *chosen.why),
        risks=(*unproved, *_first_try(case), *chosen.risks, *_live(policy), *policy.limits),
    )


def _live(policy: Policy) -> tuple[str, ...]:
    """Return what else is approved with a policy: that numbers of it may change within a range."""
    return tuple(
        f"{each.name} can be set while it runs, from {each.minimum} to {each.maximum} {each.unit}"
        for each in policy.parameters
        if each.live
    )


def _expected(case: Case, policy: Policy) -> tuple[float, float]:
    workload = case.workload if policy.name in _arms(case) else None
    return expected(workload, case.goal.objective, case.profile, case.ceiling)


def _shallower(case: Case, policy: Policy) -> tuple[str, ...]:
    """Return why a plan does not go as deep as the goal asks."""
    asked = case.goal.layer
    if asked is Layer.CONFIGURE:
        return ()
    what = "a new policy" if asked is Layer.CREATE else "a changed policy"
    words = (
        f"the goal asks for {what}; {policy.name} is there already and made for this, so it is "
        "configured first, and what its trial shows tells whether more is needed"
    )
    return (words,)


def _first_try(case: Case) -> tuple[str, ...]:
    return (FIRST_TRY[case.family],) if case.family in FIRST_TRY else ()


def _provable(case: Case) -> tuple[tuple[Guardrail, ...], tuple[str, ...]]:
    """Return the guardrails that the trial can judge, and a sentence for each that it cannot."""
    measurable = case.measurable
    kept = tuple(rail for rail in case.goal.guardrails if rail.metric in measurable)
    missing = (rail for rail in case.goal.guardrails if rail.metric not in measurable)
    return kept, tuple(
        f'the guardrail "{rail.said}" is not proved: the trial\'s workload does not report '
        f"{METRIC_WORDS[rail.metric]}"
        for rail in missing
    )


def _keep(case: Case, reason: str) -> Plan:
    return Plan(
        layer=Layer.KEEP,
        policy="",
        base="",
        parameters=(),
        workload=case.workload,
        goal=case.goal,
        profile=case.profile,
        considered=_considered(case, kept=True),
        expected_low=1.0,
        expected_high=1.0,
        ceiling=case.ceiling,
        why=(reason, *case.agreement.why),
        risks=(),
    )


def _weighed(case: Case) -> tuple[Consideration, ...]:
    return weigh(case.policies, case.goal, replace(case.profile, family=case.family))


def _considered(case: Case, *, kept: bool) -> tuple[Consideration, ...]:
    weighed = _weighed(case)
    best = max((item.score for item in weighed), default=0.0)
    waiting = min(1.0, max(0.0, case.profile.saturation - 1.0))
    if kept:
        score, why = max(0.9, best), "The reason is stated above; nothing has to be changed."
    else:
        score = round(0.5 * best * (1 - 0.8 * waiting), 3)
        why = (
            "It needs no change and is always the fallback, but "
            f"{case.profile.saturation:.1f} runnable tasks per CPU leave room."
        )
    considered = (*weighed, Consideration(KEEP_NAME, score, why))
    return tuple(sorted(considered, key=lambda item: (-item.score, item.policy != KEEP_NAME)))
