"""Weighs every policy against a goal and a profile: families first, then words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from schedtui.model.goal import Family, GoalSpec, Metric, WorkloadProfile
from schedtui.model.plan import Consideration
from schedtui.model.policy import Policy
from schedtui.policy.index import WordIndex, terms_of

_MEASURED, _NAMED, _WORDS = 0.5, 0.25, 0.25

_METRIC_WORDS: Final = {
    Metric.REQUEST_P99: "request tail latency p99 service",
    Metric.WAKEUP_P99: "wake up latency interactive",
    Metric.RATE: "throughput rate",
    Metric.MAKESPAN: "makespan batch finish sooner",
    Metric.MISSED_FRAMES: "frame pacing game smooth desktop",
    Metric.COMPLETION: "mean completion average wait short jobs first",
    Metric.START_P99: "start delay quick commands latency",
    Metric.STEP_P99: "steps barrier run to completion",
    Metric.MISSED_PERIODS: "periodic loop earliest deadline",
    Metric.PROGRESS: "fair share isolation noisy neighbour",
}

FAMILY_WORDS: Final[Mapping[Family, str]] = {
    Family.SERVICE: "an oversubscribed service",
    Family.BATCH_SKEWED: "a batch of jobs of uneven length",
    Family.BATCH_UNIFORM: "a batch of jobs of about equal length",
    Family.INTERACTIVE: "interactive tasks beside batch work",
    Family.BUILD: "a build",
    Family.OLTP: "a database of short transactions",
    Family.OLAP: "a database of long queries",
    Family.MICROSERVICES: "several services that call each other",
    Family.SERVERLESS: "bursts of short-lived functions",
    Family.LOADING: "a training that waits for its input",
    Family.BARRIER: "steps that end at a barrier",
    Family.INFERENCE: "a model that answers on CPUs",
    Family.PERIODIC: "periodic control or measurement",
    Family.TENANTS: "tenants that share a machine",
    Family.PHASES: "a load that changes by phases",
    Family.ABUSE: "tasks that harm their neighbours",
    Family.IDLE: "a machine with little to do",
    Family.OTHER: "a load of no known kind",
}
"""Each family in words, with an article."""


def weigh(
    policies: Sequence[Policy], goal: GoalSpec, profile: WorkloadProfile
) -> tuple[Consideration, ...]:
    """Return one consideration per policy, best first, scored 0 to 1; ties go by name."""
    index, terms = WordIndex(policies), _terms(goal)
    weighed = [_consider(each, goal, profile, index.score(each.name, terms)) for each in policies]
    return tuple(sorted(weighed, key=lambda item: (-item.score, item.policy)))


def _consider(
    policy: Policy, goal: GoalSpec, profile: WorkloadProfile, words: float
) -> Consideration:
    measured = profile.family in policy.families
    named = _named_share(policy, goal)
    certainty = 0.5 + 0.5 * min(1.0, max(0.0, profile.confidence))
    score = _MEASURED * measured * certainty + _NAMED * named + _WORDS * words
    return Consideration(policy.name, round(score, 3), _why(policy, profile, named, words))


def _named_share(policy: Policy, goal: GoalSpec) -> float:
    for rank, family in enumerate(goal.families):
        if family in policy.families:
            return 1.0 / (1 + rank)
    return 0.0


def _why(policy: Policy, profile: WorkloadProfile, named: float, words: float) -> str:
    made_for = " and ".join(FAMILY_WORDS[family] for family in policy.families)
    reasons = []
    if profile.family in policy.families:
        reasons.append("that is what was measured")
    if named:
        reasons.append("the goal names it")
    if words >= 0.5:
        reasons.append("the goal's words fit its description")
    if not reasons:
        return f"Made for {made_for}; neither the measurement nor the goal points there."
    return f"Made for {made_for}; {', and '.join(reasons)}."


def _terms(goal: GoalSpec) -> tuple[str, ...]:
    parts = [goal.text, _METRIC_WORDS[goal.objective], *goal.subjects]
    parts += [FAMILY_WORDS[family] for family in goal.families[:1]]
    return terms_of(" ".join(parts))
