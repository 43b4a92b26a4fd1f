"""A trial as one self-contained page, fit for a change ticket: no scripts, nothing from outside."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from schedtui.measure import wording
from schedtui.measure.plot import plot
from schedtui.measure.sheet import literal, paragraph, section, sheet, table, verbatim
from schedtui.measure.sides import sides_of
from schedtui.model.results import Judgement, ResultRow
from schedtui.model.trial import Pair, TrialResult, Window


def report(row: ResultRow, number: int) -> str:
    """Return the page of one kept result as HTML. Every text in it is shown literally.

    ``number`` is 0 for a result that could not be kept.
    """
    return sheet(wording.headline(row), sections(row, number))


def sections(row: ResultRow, number: int) -> Iterator[str]:
    """Yield all that a page shows of one result; ``number`` is as in :func:`report`."""
    yield section("What was asked", table(_asked(row)))
    if row.rejections:
        yield section("Rejected", "".join(map(paragraph, row.rejections)))
    if row.no_result:
        yield section("Why there is no result", paragraph(row.no_result))
    if row.trial and row.judgement:
        yield section("What may be claimed, and why", table(_claimed(row.judgement, row.trial)))
        yield section("Pairs", _plotted(row.trial))
    yield section("Environment", table(_environment(row, number)))
    yield section("How to repeat it", verbatim(shlex.join(row.command)))
    if row.trial:
        yield from _raw(row.trial)


def _asked(row: ResultRow) -> Iterator[tuple[str, str]]:
    yield "policy", f"{row.policy}, in the kernel {row.scheduler}"
    yield "parameters", wording.parameters_text(row.parameters)
    if row.baseline_parameters:
        defaults = wording.parameters_text(row.baseline_parameters)
        yield "baseline", f"the policy itself with {defaults}"
        yield "its source sha256", row.baseline_source_sha256
    yield "load", f"{row.workload.title} ({row.workload.name})"
    yield "it reports", row.workload.reports
    yield "warm-up", wording.warm_up_text(row.workload)
    yield "objective", f"{row.metric}, {row.direction.value} is better"
    for rail in row.guardrails:
        yield "guardrail", f"{rail.metric} at most {rail.tolerance:.0%} worse"


def _claimed(judgement: Judgement, trial: TrialResult) -> Iterator[tuple[str, str]]:
    objective = wording.objective_text(judgement, trial.objective)
    yield "outcome", f"{judgement.outcome.value}: {objective}"
    yield "medians", wording.medians_text(trial)
    yield "detectable here", wording.detectable_text(judgement)
    yield "sign-flip test", wording.sign_flip_text(judgement, len(trial.pairs))
    for rail in judgement.guardrails:
        yield "guardrail", wording.guardrail_text(rail)
    yield "waits", wording.waits_text(trial)
    yield "ceiling", wording.ceiling_text(judgement)
    yield "A/A control", wording.control_text(trial.control)
    yield "host", wording.host_text(trial)
    if energy := wording.energy_text(trial):
        yield "energy", energy


def _plotted(trial: TrialResult) -> str:
    called = sides_of(trial.pairs)
    words = (
        "Each mark is one pair of windows, run next to each other in one boot in the order ABBA. "
        f"Right of 1x the candidate was better. Open marks are the control: {called.itself}. "
        "The axis is logarithmic; an interval that leaves it is cut."
    )
    return paragraph(words) + plot(trial)


def _environment(row: ResultRow, number: int) -> Iterator[tuple[str, str]]:
    yield "result", f"{number or 'not kept'}, by schedtui {row.version}"
    yield "ended", wording.when_text(row)
    yield "machine", wording.machine_text(row)
    yield "kernel build id", row.kernel_build_id
    yield "boot", row.trial.boot_id if row.trial else ""
    if row.trial and (machine := row.trial.machine):
        yield "emulator", machine.emulator
        yield "guest's image", machine.image
        yield "host", machine.host
    yield from _origin(row)
    yield "load's arguments", shlex.join(row.workload.arguments)
    for path, sha256 in row.carried:
        yield "file of the command", f"{path}, sha256 {sha256}"


def _origin(row: ResultRow) -> Iterator[tuple[str, str]]:
    if row.program_sha256:
        yield "program sha256", row.program_sha256
        yield "manifest sha256", row.object_sha256
        yield "not verified", "what this external scheduler loads: its source is not known"
    else:
        yield "compiler", row.compiler
        yield "source sha256", row.source_sha256
        yield "object sha256", row.object_sha256


def _raw(trial: TrialResult) -> Iterator[str]:
    yield section("Raw windows of the trial", _windows(trial.pairs))
    if trial.control:
        yield section("Raw windows of the control", _windows(trial.control.pairs))
    dropped = (*(trial.control.dropped if trial.control else ()), *trial.dropped)
    if dropped:
        reasons = "".join(paragraph(f"pair {p.index + 1}: {p.contaminated}") for p in dropped)
        yield section("Raw windows of dropped pairs", reasons + _windows(dropped))


def _windows(pairs: Iterable[Pair]) -> str:
    rows = []
    for pair in pairs:
        order = ("first", "second") if pair.baseline_first else ("second", "first")
        for window, when in zip((pair.baseline, pair.candidate), order, strict=True):
            for name, value in (*window.metrics, *_host_figures(window)):
                cells = (str(pair.index + 1), when, window.scheduler, name)
                left = "".join(f"<td>{literal(cell)}</td>" for cell in cells)
                rows.append(f'<tr>{left}<td class="number">{value:.10g}</td></tr>')
    head = "<tr><th>pair</th><th>run</th><th>scheduler</th><th>metric</th>"
    body = "\n".join(rows)
    return f'<table>{head}<th class="number">value</th></tr>\n{body}</table>'


def _host_figures(window: Window) -> Iterator[tuple[str, float]]:
    """Yield what the host did during a window, in per cent, as far as it could be seen."""
    seen = window.disturbance
    if seen is None:
        return
    shares = (("delayed", seen.delayed), ("stolen", seen.stolen), ("others", seen.others))
    for name, share in (*shares, ("pressure", seen.pressure)):
        if share is not None:
            yield f"host: {name}, %", 100 * share
