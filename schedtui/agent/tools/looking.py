"""Tools that look: at the target, at policies, at what earlier trials showed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from schedtui.agent.explain import goal_sentence, plan_sentence, profile_sentence, value_words
from schedtui.agent.tools.answer import Answer, ToolError, told
from schedtui.agent.tools.arguments import shown
from schedtui.measure.wording import load_name
from schedtui.model.goal import WorkloadProfile
from schedtui.model.plan import Plan
from schedtui.model.policy import Parameter, Policy
from schedtui.model.results import ResultRow, StoredRow
from schedtui.policy.search import search

PARTS: Final = ("card", "parameters", "code")
MOST_FOUND: Final = 6


def context(plan: Plan, target: str, cpus: int) -> Answer:
    """Return what is wanted, where, and what rules would do."""
    lines = [
        f"goal as a person wrote it (quoted): {plan.goal.text}",
        f"goal as it was read: {goal_sentence(plan.goal)}; it asks to {plan.goal.layer}",
        f"target: {target}, {cpus} CPUs",
        f"measured: {profile_sentence(plan.profile)}",
        f"trial: {plan.workload}, judged by {plan.goal.objective}",
        f"rules would {plan.layer} {plan_sentence(plan)}",
    ]
    if plan.ceiling is not None:
        factor, why = plan.ceiling.factor, plan.ceiling.arithmetic
        lines.append(f"no policy can be more than {factor:.3g} times better: {why}")
    return told(f"{plan.goal.objective} {plan.goal.direction} on {cpus} CPUs", lines)


def observed(profile: WorkloadProfile) -> Answer:
    """Return what was measured. Names are those that processes give themselves."""
    lines = [*profile.signals, *(f"not seen: {each}" for each in profile.unseen)]
    lines += [f"{metric} of the load: {value:.6g}" for metric, value in profile.load]
    lines += [
        f"process name (quoted) {name.name!r}: {name.tasks} tasks use "
        f"{name.running_share:.2f} CPUs, {name.finished} ended, mean run {name.mean_run_ms:.3g} ms"
        for name in profile.names
    ]
    return told(f"{profile_sentence(profile)}, confidence {profile.confidence:.2f}", lines)


def found(policies: Sequence[Policy], query: str, most: int) -> Answer:
    """Return the policies that words fit, best first."""
    titles = {policy.name: policy for policy in policies}
    hits = search(policies, query)[: min(max(most, 1), MOST_FOUND)]
    lines = [
        f"{hit.name} ({hit.score:.2f}): {titles[hit.name].title}; for "
        f"{', '.join(hit.families)}; limits: {' '.join(titles[hit.name].limits)}"
        for hit in hits
    ]
    return told(f"{len(hits)} of {len(policies)} policies", lines, "get_policy shows one of them")


def shown_policy(policies: Sequence[Policy], name: str, part: str) -> Answer:
    """Return one part of a policy. Raises ToolError when there is no such policy or part."""
    policy = named(policies, name)
    if part not in PARTS:
        raise ToolError(f"The parts are {', '.join(PARTS)}.")
    lines = {"card": _card, "parameters": _parameters, "code": _code}[part](policy)
    return told(f"{part} of {policy.name} (quoted)", lines)


def named(policies: Sequence[Policy], name: str) -> Policy:
    """Return the policy of a name. Raises ToolError."""
    for policy in policies:
        if policy.name == name:
            return policy
    raise ToolError(f"There is no policy called {shown(name)}; search_policies finds names.")


def history(rows: Sequence[StoredRow], load: str) -> Answer:
    """Return what trials under a load showed, newest first; all loads when it is empty."""
    believed = [row.row for row in reversed(rows) if row.row is not None and not row.problem]
    lines = [_result(row) for row in believed if load in {"", load_name(row.workload)}]
    return told(f"{len(lines)} results" + (f" under {load}" if load else ""), lines)


def _card(policy: Policy) -> Iterator[str]:
    yield f"{policy.title}. {policy.description}"
    yield f"for: {', '.join(policy.families)}"
    yield from (f"use: {each}" for each in policy.use_cases)
    yield from (f"limit: {each}" for each in policy.limits)


def _parameters(policy: Policy) -> Iterator[str]:
    yield from map(_parameter, policy.parameters)


def _parameter(each: Parameter) -> str:
    bounds = f" {each.minimum} to {each.maximum} {each.unit}".rstrip()
    return f"{each.name}: {each.type}{bounds}, now {value_words(each.default)}. {each.meaning}"


def _code(policy: Policy) -> Iterator[str]:
    for filling in policy.fillings:
        yield f"slot {filling.slot}:"
        yield from filling.code.expandtabs(4).split("\n")
    if not policy.fillings:
        yield from policy.source.expandtabs(4).split("\n")


def _result(row: ResultRow) -> str:
    effect = row.judgement.sentence if row.judgement else row.no_result
    return f"{row.policy} under {load_name(row.workload)}: {row.outcome}. {effect}"
