"""A trial as one self-contained page, fit for a change ticket: no scripts, nothing from outside."""

from __future__ import annotations

import html
import shlex
from collections.abc import Iterable, Iterator
from typing import Final

from schedtui.measure import wording
from schedtui.measure.plot import plot
from schedtui.model.results import Judgement, ResultRow
from schedtui.model.text import safe_text
from schedtui.model.trial import Pair, TrialResult

_TEXT_LIMIT: Final = 4096

DOCTYPE: Final = "<!DOCTYPE html>"
"""What every page begins with."""

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem;
       color: #1a1a1a; background: #fff; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; } th, td { text-align: left; vertical-align: top;
       padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #ddd; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: #f4f4f4; padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; } text { font: 12px system-ui, sans-serif; fill: #333; }
text.label { text-anchor: end; } text.tick { text-anchor: middle; }
.none { stroke: #999; stroke-dasharray: 4 3; } .stem { stroke: #ccc; }
circle.pair { fill: #0b5fa5; } circle.control { fill: #fff; stroke: #666; stroke-width: 1.5; }
.interval { stroke-width: 5; stroke-opacity: .45; } .mean { stroke-width: 2; }
line.pair { stroke: #0b5fa5; } line.control { stroke: #666; }
"""

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def report(row: ResultRow, number: int) -> str:
    """Return the page of one kept result as HTML. Every text in it is shown literally.

    ``number`` is 0 for a result that could not be kept.
    """
    title = wording.headline(row)
    return "\n".join(
        (
            f'{DOCTYPE}\n<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{_text(title)}</h1>",
            *_sections(row, number),
            "</body></html>\n",
        )
    )


def _sections(row: ResultRow, number: int) -> Iterator[str]:
    yield _section("What was asked", _table(_asked(row)))
    if row.rejections:
        yield _section("Rejected", "".join(f"<p>{_text(reason)}</p>" for reason in row.rejections))
    if row.no_result:
        yield _section("Why there is no result", f"<p>{_text(row.no_result)}</p>")
    if row.trial and row.judgement:
        yield _section("What may be claimed, and why", _table(_claimed(row.judgement, row.trial)))
        yield _section("Pairs", _plotted(row.trial))
    yield _section("Environment", _table(_environment(row, number)))
    yield _section("How to repeat it", f"<pre>{_text(shlex.join(row.command))}</pre>")
    if row.trial:
        yield from _raw(row.trial)


def _section(title: str, body: str) -> str:
    return f"<section><h2>{_text(title)}</h2>\n{body}</section>"


def _asked(row: ResultRow) -> Iterator[tuple[str, str]]:
    yield "policy", f"{row.policy}, in the kernel {row.scheduler}"
    yield "parameters", wording.parameters_text(row)
    yield "load", f"{row.workload.title} ({row.workload.name})"
    yield "it reports", row.workload.reports
    yield "objective", f"{row.metric}, {row.direction.value} is better"
    for rail in row.guardrails:
        yield "guardrail", f"{rail.metric} at most {rail.tolerance:.0%} worse"


def _claimed(judgement: Judgement, trial: TrialResult) -> Iterator[tuple[str, str]]:
    yield "outcome", f"{judgement.outcome.value}: {judgement.sentence}"
    yield "medians", wording.medians_text(trial.objective)
    yield "detectable here", wording.detectable_text(judgement)
    yield "sign-flip test", wording.sign_flip_text(judgement, len(trial.pairs))
    for rail in judgement.guardrails:
        yield "guardrail", wording.guardrail_text(rail)
    yield "waits", wording.waits_text(trial)
    yield "ceiling", wording.ceiling_text(judgement)
    yield "A/A control", wording.control_text(trial.control)


def _plotted(trial: TrialResult) -> str:
    words = (
        "Each mark is one pair of windows, run next to each other in one boot in the order ABBA. "
        "Right of 1x the policy was better. Open marks are the control: the default scheduler "
        "against itself. The axis is logarithmic; an interval that leaves it is cut."
    )
    return f"<p>{_text(words)}</p>{plot(trial)}"


def _environment(row: ResultRow, number: int) -> Iterator[tuple[str, str]]:
    yield "result", f"{number or 'not kept'}, by schedtui {row.version}"
    yield "ended", wording.when_text(row)
    yield "machine", wording.machine_text(row)
    yield "kernel build id", row.kernel_build_id
    yield "boot", row.trial.boot_id if row.trial else ""
    yield "compiler", row.compiler
    yield "source sha256", row.source_sha256
    yield "object sha256", row.object_sha256
    yield "load's arguments", shlex.join(row.workload.arguments)


def _raw(trial: TrialResult) -> Iterator[str]:
    yield _section("Raw windows of the trial", _windows(trial.pairs))
    if trial.control:
        yield _section("Raw windows of the control", _windows(trial.control.pairs))


def _windows(pairs: Iterable[Pair]) -> str:
    rows = []
    for pair in pairs:
        order = ("first", "second") if pair.baseline_first else ("second", "first")
        for window, when in zip((pair.baseline, pair.candidate), order, strict=True):
            for name, value in window.metrics:
                cells = (str(pair.index + 1), when, window.scheduler, name)
                left = "".join(f"<td>{_text(cell)}</td>" for cell in cells)
                rows.append(f'<tr>{left}<td class="number">{value:.10g}</td></tr>')
    head = "<tr><th>pair</th><th>run</th><th>scheduler</th><th>metric</th>"
    body = "\n".join(rows)
    return f'<table>{head}<th class="number">value</th></tr>\n{body}</table>'


def _table(rows: Iterable[tuple[str, str]]) -> str:
    body = "\n".join(
        f"<tr><th>{_text(word)}</th><td>{_text(text)}</td></tr>" for word, text in rows
    )
    return f"<table>{body}</table>"


def _text(text: str) -> str:
    return html.escape(safe_text(text, _TEXT_LIMIT))
