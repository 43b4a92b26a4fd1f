"""Do the figures of a stored trial follow from its raw pairs?"""

from __future__ import annotations

from schedtui.measure.control import ControlPlan, judge_control
from schedtui.measure.judgement import judge_trial
from schedtui.measure.statistics import MeasureError, effect
from schedtui.model.results import ResultRow
from schedtui.model.trial import TrialResult

_UNFOUNDED = "its figures do not follow from its raw pairs"


def recheck(row: ResultRow) -> str:
    """Return why a row's figures are not to be believed, empty when they follow from its pairs.

    Effects, control and judgement are computed anew, with the statistics of this version.
    """
    if row.trial is None:
        return ""
    try:
        return "" if _follow(row, row.trial) else _UNFOUNDED
    except (MeasureError, ValueError) as error:
        return f"its raw pairs cannot be judged: {error}"


def _follow(row: ResultRow, trial: TrialResult) -> bool:
    rails = tuple(
        effect(trial.pairs, rail.metric, rail.direction, rail.tolerance) for rail in row.guardrails
    )
    return (
        effect(trial.pairs, row.metric, row.direction) == trial.objective
        and rails == trial.guardrails
        and _control_follows(row, trial)
        and judge_trial(trial, row.guardrails) == row.judgement
    )


def _control_follows(row: ResultRow, trial: TrialResult) -> bool:
    control = trial.control
    if control is None:
        return True
    plan = ControlPlan(
        row.workload, row.metric, row.direction, row.max_pairs, pairs=row.control_pairs
    )
    return judge_control(control.pairs, plan) == control
