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
    lines = evidence_lines(row)
    if fix := wording.fix(row.outcome):
        lines.append(line("fix", fix))
    return [*lines, kept_line(row, number)]


def evidence_lines(row: ResultRow) -> list[str]:
    """Return what was measured and what may be claimed from it."""
    lines = [wording.headline(row)]
    lines += [line("rejected", sentence) for sentence in row.rejections]
    if row.no_result:
        lines.append(line("reason", row.no_result))
    if row.judgement and row.trial:
        lines += _measured(row.judgement, row.trial)
    return lines


def kept_line(row: ResultRow, number: int) -> str:
    """Return where a row is and how to come to it again; ``number`` as in ``trial_lines``."""
    where = f"result {number}" if number else "nowhere"
    return line("kept", f"{where}; again: {shlex.join(row.command)}")


def _measured(judgement: Judgement, trial: TrialResult) -> list[str]:
    return [
        line("objective", wording.objective_text(judgement, trial.objective)),
        line("medians", wording.medians_text(trial)),
        line("detectable", wording.detectable_text(judgement)),
        line("sign flip", wording.sign_flip_text(judgement, len(trial.pairs))),
        *(line("guardrail", wording.guardrail_text(rail)) for rail in judgement.guardrails),
        line("waits", wording.waits_text(trial)),
        line("ceiling", wording.ceiling_text(judgement)),
        line("control", wording.control_text(trial.control)),
        line("host", wording.host_text(trial)),
        *([line("energy", energy)] if (energy := wording.energy_text(trial)) else []),
    ]


def line(word: str, text: str) -> str:
    """Return one line of an answer: a word in its column, and what there is to it."""
    return f"  {word:<11} {text}"
