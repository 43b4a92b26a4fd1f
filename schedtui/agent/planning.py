"""Planning: from a goal and a profile to one decision with its reasons. A rule table.

Rules come first to "keep the default": an idle machine, nothing waiting, or no room below
the ceiling need no new scheduler. Then family and objective choose a policy, and measured
figures its parameters. Retrieval says how well every other policy would have fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from schedtui.agent.agreement import Agreement, agree
from schedtui.agent.configuring import configure, hints_of, job_skew
from schedtui.agent.expectation import expected
from schedtui.agent.questions import METRIC_WORDS, ask_not_seen
from schedtui.model.goal import (
    Clarification,
    Family,
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

_LEAST_CEILING: Final = 1.05
_SATURATED: Final = 1.1
"""Runnable tasks per CPU from which somebody notably waits."""

_LEAST_SKEW: Final = 2.0

_POLICIES: Final = {
    Family.SERVICE: "fifo_rtc",
    Family.BATCH_SKEWED: "longest_first",
    Family.INTERACTIVE: "vtime_fair",
}

WORKLOADS: Final = {
    Family.SERVICE: "request_service",
    Family.BATCH_SKEWED: "uneven_batch",
    Family.BATCH_UNIFORM: "uneven_batch",
    Family.INTERACTIVE: "game_compile",
}
"""The built-in workload whose trial stands for a family."""

_REPORTED: Final = {
    "request_service": frozenset({Metric.REQUEST_P99, Metric.WAKEUP_P99, Metric.RATE}),
    "uneven_batch": frozenset({Metric.MAKESPAN}),
    "game_compile": frozenset({Metric.MISSED_FRAMES, Metric.WAKEUP_P99}),
}
"""What each workload reports for certain; a running load may report more."""

_REASONS: Final = {
    Family.SERVICE: (
        "with several tasks per CPU the default scheduler interrupts requests halfway, also "
        "while they hold a lock that others wait for; long turns in order of arrival let each "
        "one finish"
    ),
    Family.BATCH_SKEWED: (
        "sharing the CPUs evenly leaves the longest jobs running alone at the end; started "
        "first, they run beside the short ones"
    ),
    Family.INTERACTIVE: (
        "a task that sleeps until its next frame should run at once when it wakes; a credit "
        "on the fair time line puts it before work that never sleeps"
    ),
}


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything a decision is made from."""

    goal: GoalSpec
    profile: WorkloadProfile
    policies: Sequence[Policy]
    cpus: int
    agreement: Agreement
    ceiling: Ceiling | None

    @property
    def family(self) -> Family:
        return self.agreement.family

    @property
    def workload(self) -> str:
        return WORKLOADS.get(self.family, "")


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
    case = _Case(goal, profile, policies, cpus, agreement, ceiling)
    reason = _reason_to_keep(case)
    if reason:
        return _keep(case, reason)
    if goal.objective not in _measurable(case):
        return ask_not_seen(goal.objective, profile.family)
    policy = _policy(case)
    if policy is None:
        return _keep(case, f"no policy of the repository is made for {FAMILY_WORDS[case.family]}")
    return _configured(case, policy)


def _reason_to_keep(case: _Case) -> str:
    """Return why nothing should be changed, empty when something might help."""
    profile = case.profile
    if case.family is Family.IDLE:
        busy = f"{100 * profile.utilisation:.0f} %"
        return f"the CPUs are only {busy} busy, so hardly anything waits for one"
    if case.family is Family.OTHER:
        return "what runs fits no known kind of load, and the goal does not name one either"
    if profile.saturation < _SATURATED:
        return (
            f"there are {profile.saturation:.1f} runnable tasks per CPU: hardly any task waits, "
            "so another order of tasks changes nothing"
        )
    return _no_room_by_kind(case) or _no_room_by_ceiling(case.ceiling)


def _no_room_by_kind(case: _Case) -> str:
    busy = f"{100 * case.profile.utilisation:.0f} %"
    batch = case.family in {Family.BATCH_SKEWED, Family.BATCH_UNIFORM}
    if case.goal.objective is Metric.RATE and case.family is not Family.SERVICE:
        return f"the CPUs are {busy} busy already, and no order of tasks adds CPU time"
    if not batch or case.goal.objective is not Metric.MAKESPAN:
        return ""
    hints = hints_of(case.profile)
    if case.family is Family.BATCH_UNIFORM and job_skew(case.profile) < _LEAST_SKEW:
        return (
            f"the jobs are of about equal length and the CPUs are {busy} busy, so no order "
            "finishes all of them notably sooner"
        )
    if not hints:
        return (
            "no job of the batch ended during the observation, so there are no run times to "
            "order it by; let it run a while and ask again"
        )
    if job_skew(case.profile) < _LEAST_SKEW:
        return (
            "jobs of one process name, or of about equal run times, cannot be told apart, so "
            "the longest cannot be started first"
        )
    return ""


def _no_room_by_ceiling(ceiling: Ceiling | None) -> str:
    if ceiling is None or ceiling.factor >= _LEAST_CEILING:
        return ""
    return f"there is no room: {ceiling.arithmetic}"


def _measurable(case: _Case) -> frozenset[Metric]:
    certain = _REPORTED.get(case.workload, frozenset())
    reported = {name for name, _ in case.profile.load}
    # Only when the running load is of the same kind do its figures tell about the trial's.
    if reported & certain:
        return certain | {metric for metric in Metric if metric in reported}
    return certain


def _policy(case: _Case) -> Policy | None:
    family = Family.BATCH_SKEWED if case.family is Family.BATCH_UNIFORM else case.family
    by_name = {policy.name: policy for policy in case.policies}
    if _POLICIES.get(family) in by_name:
        return by_name[_POLICIES[family]]
    fitting = [item.policy for item in _weighed(case) if family in by_name[item.policy].families]
    return by_name[fitting[0]] if fitting else None


def _configured(case: _Case, policy: Policy) -> Plan:
    chosen = configure(policy, case.profile, case.cpus)
    rails, unproved = _provable(case)
    low, high = expected(case.workload, case.goal.objective, case.profile, case.ceiling)
    reason = _REASONS.get(case.family, f"{policy.title} is made for {FAMILY_WORDS[case.family]}")
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
        why=(reason, *case.agreement.why, *chosen.why),
        risks=(*unproved, *chosen.risks, *policy.limits),
    )


def _provable(case: _Case) -> tuple[tuple[Guardrail, ...], tuple[str, ...]]:
    """Return the guardrails that the trial can judge, and a sentence for each that it cannot."""
    measurable = _measurable(case)
    kept = tuple(rail for rail in case.goal.guardrails if rail.metric in measurable)
    missing = (rail for rail in case.goal.guardrails if rail.metric not in measurable)
    return kept, tuple(
        f'the guardrail "{rail.said}" is not proved: the trial\'s workload does not report '
        f"{METRIC_WORDS[rail.metric]}"
        for rail in missing
    )


def _keep(case: _Case, reason: str) -> Plan:
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


def _weighed(case: _Case) -> tuple[Consideration, ...]:
    return weigh(case.policies, case.goal, replace(case.profile, family=case.family))


def _considered(case: _Case, *, kept: bool) -> tuple[Consideration, ...]:
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
