"""A trial's result as lines for people: the verdict first, then what it rests on."""

from __future__ import annotations

import shlex

from schedtui.measure import wording
from schedtui.model.results import Judgement, ResultRow
from schedtui.model.trial import TrialResult


def trial_lines(row: ResultRow, number: int) -> list[str]:
    """Return the readable answer of ``trial``, and of ``history`` for one row.

    ``number`` is 0 for a row that could not be kept.
    """
    lines = [wording.headline(row)]
    lines += [_line("rejected", sentence) for sentence in row.rejections]
    if row.no_result:
        lines.append(_line("reason", row.no_result))
    if row.judgement and row.trial:
        lines += _measured(row.judgement, row.trial)
    if fix := wording.fix(row.outcome):
        lines.append(_line("fix", fix))
    where = f"result {number}" if number else "nowhere"
    lines.append(_line("kept", f"{where}; again: {shlex.join(row.command)}"))
    return lines


def _measured(judgement: Judgement, trial: TrialResult) -> list[str]:
    return [
        _line("objective", judgement.sentence),
        _line("medians", wording.medians_text(trial.objective)),
        _line("detectable", wording.detectable_text(judgement)),
        _line("sign flip", wording.sign_flip_text(judgement, len(trial.pairs))),
        *(_line("guardrail", wording.guardrail_text(rail)) for rail in judgement.guardrails),
        _line("waits", wording.waits_text(trial)),
        _line("ceiling", wording.ceiling_text(judgement)),
        _line("control", wording.control_text(trial.control)),
    ]


def _line(word: str, text: str) -> str:
    return f"  {word:<11} {text}"
