"""Reasons to keep the default: nothing waits, nothing to be gained, or nothing was asked."""

from __future__ import annotations

from typing import Final

from schedtui.agent.case import Case
from schedtui.agent.choices import BATCHES, SCALES_WITH_ORDER
from schedtui.agent.configuring import hints_of, job_skew
from schedtui.model.goal import Family, Layer, Metric
from schedtui.model.plan import Ceiling

_LEAST_CEILING: Final = 1.05
_SATURATED: Final = 1.1
"""Runnable tasks per CPU from which somebody notably waits."""

_LEAST_SKEW: Final = 2.0


def reason_to_keep(case: Case) -> str:
    """Return why nothing should be changed, empty when something might help."""
    profile = case.profile
    if case.goal.layer is Layer.KEEP:
        return "the goal asks to change nothing"
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


def _no_room_by_kind(case: Case) -> str:
    busy = f"{100 * case.profile.utilisation:.0f} %"
    batch = case.family in BATCHES
    if case.goal.objective is Metric.RATE and case.family not in SCALES_WITH_ORDER:
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
