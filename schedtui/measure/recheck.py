"""Do the figures of a stored trial follow from its raw pairs?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from schedtui.measure.contamination import clean, most_repeats
from schedtui.measure.control import ControlPlan, judge_control
from schedtui.measure.judgement import judge_trial
from schedtui.measure.sides import DEFAULT_SCHEDULER, DEFAULTS, SETTING
from schedtui.measure.statistics import MeasureError, effect
from schedtui.model.results import ResultRow
from schedtui.model.trial import Pair, TrialResult

_UNFOUNDED: Final = "its figures do not follow from its raw pairs"
_UNJUDGED: Final = "its raw pairs cannot be judged"


def recheck(row: ResultRow) -> str:
    """Return why a row's figures are not to be believed, empty when they follow from its pairs.

    Effects, control and judgement are computed anew, with the statistics of this version.
    """
    if row.trial is None:
        return "" if row.judgement is None else _UNFOUNDED
    try:
        return "" if _follow(row, row.trial) else _UNFOUNDED
    except MeasureError as error:
        return f"{_UNJUDGED}: {error}"
    except (ValueError, ArithmeticError, LookupError, AttributeError):
        # Numbers that no load reports overflow, and some make the statistics of Python stumble.
        return _UNJUDGED


def _follow(row: ResultRow, trial: TrialResult) -> bool:
    rails = tuple(
        effect(trial.pairs, rail.metric, rail.direction, rail.tolerance) for rail in row.guardrails
    )
    return (
        effect(trial.pairs, row.metric, row.direction) == trial.objective
        and len(trial.pairs) <= row.max_pairs
        and rails == trial.guardrails
        and _labelled(row, trial.pairs)
        and _control_follows(row, trial)
        and _dropped_for_a_reason(trial.dropped, row.max_pairs)
        and judge_trial(trial, row.guardrails) == row.judgement
    )


def _dropped_for_a_reason(dropped: Sequence[Pair], planned: int) -> bool:
    """Tell whether no more pairs were taken out than the rule for contaminated ones allows."""
    return len(dropped) <= most_repeats(planned) and not clean(dropped)


def _control_follows(row: ResultRow, trial: TrialResult) -> bool:
    control = trial.control
    if control is None:
        return row.control_pairs == 0
    if row.control_for and not row.sweep_round:
        return False  # what claims something rests on a control for its own pairs
    if len(control.pairs) not in {row.control_pairs, 2 * row.control_pairs}:
        return False
    most = row.control_for or row.max_pairs
    plan = ControlPlan(
        row.workload,
        row.metric,
        row.direction,
        most,
        pairs=row.control_pairs,
        baseline=trial.pairs[0].baseline.scheduler,
    )
    judged = judge_control(control.pairs, plan)
    return replace(judged, dropped=control.dropped) == control and _dropped_for_a_reason(
        control.dropped, row.control_pairs
    )


def _labelled(row: ResultRow, pairs: Sequence[Pair]) -> bool:
    """Tell whether the pairs are all against one baseline, of the kind that the row names."""
    kind = {DEFAULTS, SETTING} if row.baseline_parameters else {DEFAULT_SCHEDULER}
    labels = {pair.baseline.scheduler for pair in pairs}
    return len(labels) == 1 and labels <= kind
