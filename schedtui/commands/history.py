"""``schedtui history [ID]``: the results of trials, and whether they can be believed."""

from __future__ import annotations

import schedtui
from schedtui.commands.context import Context
from schedtui.commands.options import Exit, UsageError
from schedtui.commands.trial_lines import line, trial_lines
from schedtui.measure.recheck import recheck
from schedtui.measure.sides import sides_of
from schedtui.measure.wording import (
    figures_text,
    headline,
    machine_text,
    parameters_text,
    sides_text,
    warm_up_text,
    when_text,
)
from schedtui.model.results import ResultRow, StoredRow
from schedtui.model.text import safe_text
from schedtui.model.trial import Pair, TrialResult
from schedtui.model.wire import Json, to_json


async def run(context: Context) -> int:
    """List all results, or show one whole; exit 1 when one that is shown is not to be believed."""
    rows = context.services.results().rows()
    if context.options.subject:
        return _one(context, _numbered(rows, context.options.subject))
    readable = "\n".join(_line(stored) for stored in rows) or "no trial has been kept yet"
    context.output.answer([_brief(stored) for stored in rows], readable)
    return Exit.NO if any(stored.problem for stored in rows) else Exit.DONE


def _numbered(rows: tuple[StoredRow, ...], text: str) -> StoredRow:
    for stored in rows:
        if str(stored.id) == text:
            return stored
    raise UsageError(f"there is no result '{safe_text(text)}'; see: schedtui history")


def _one(context: Context, stored: StoredRow) -> int:
    problem = stored.problem or (_doubt(stored.row) if stored.row else "")
    body = {"id": stored.id, "problem": problem, "result": to_json(stored.row)}
    page = trial_lines if problem else _page
    lines = page(stored.row, stored.id) if stored.row else []
    warning = [f"result {stored.id} is not to be believed: {problem}"] if problem else []
    context.output.answer(body, "\n".join([*warning, *lines]))
    return Exit.NO if problem else Exit.DONE


def _doubt(row: ResultRow) -> str:
    found = recheck(row)
    other = f", by the statistics of {schedtui.__version__}; it was made by {row.version}"
    return found + (other if found and row.version != schedtui.__version__ else "")


def _page(row: ResultRow, number: int) -> list[str]:
    lines = trial_lines(row, number)
    lines += [
        line("when", f"{when_text(row)}, schedtui {row.version}"),
        line("machine", machine_text(row)),
        *_origin_lines(row),
        line("parameters", parameters_text(row.parameters)),
        *_baseline_lines(row),
        line("load", " ".join((row.workload.name, *row.workload.arguments))),
        line("warm-up", warm_up_text(row.workload)),
        *(line("file", f"{path} {sha256}") for path, sha256 in row.carried),
    ]
    return lines + (_trial_lines(row.trial, row.metric) if row.trial else [])


def _trial_lines(trial: TrialResult, metric: str) -> list[str]:
    lines = []
    if machine := trial.machine:
        lines += [line("emulator", machine.emulator), line("image", machine.image)]
        lines.append(line("on", machine.host))
    lines += [_pair_line(pair, metric, "counts all the same") for pair in trial.pairs]
    return lines + [_pair_line(pair, metric, "dropped") for pair in trial.dropped]


def _origin_lines(row: ResultRow) -> list[str]:
    if row.program_sha256:
        return [line("program", row.program_sha256), line("manifest", row.object_sha256)]
    made = line("object", f"{row.object_sha256}, {row.compiler}")
    return [line("source", row.source_sha256), made]


def _baseline_lines(row: ResultRow) -> list[str]:
    if not row.baseline_parameters:
        return []
    return [
        line("baseline", f"the policy itself with {parameters_text(row.baseline_parameters)}"),
        line("", f"source {row.baseline_source_sha256}"),
    ]


def _pair_line(pair: Pair, metric: str, fate: str) -> str:
    before, after = pair.baseline.metric(metric), pair.candidate.metric(metric)
    spoilt = f"; {fate}: {pair.contaminated}" if pair.contaminated else ""
    return line(f"pair {pair.index + 1}", sides_text(before, after, sides_of((pair,))) + spoilt)


def _brief(stored: StoredRow) -> dict[str, Json]:
    row = stored.row
    trial = row.trial if row else None
    return {
        "id": stored.id,
        "problem": stored.problem,
        "unix_ms": row.unix_ms if row else None,
        "policy": row.policy if row else None,
        "workload": row.workload.name if row else None,
        "metric": row.metric if row else None,
        "outcome": row.outcome if row else None,
        "factor": trial.objective.factor if trial else None,
        "low": trial.objective.low if trial else None,
        "high": trial.objective.high if trial else None,
    }


def _line(stored: StoredRow) -> str:
    row = stored.row
    if row is None:
        return f"{stored.id:>4}  not to be believed: {stored.problem}"
    figures = f"; {row.metric} {figures_text(row.trial.objective)}" if row.trial else ""
    return f"{stored.id:>4}  {when_text(row)}  {headline(row)}{figures}"
