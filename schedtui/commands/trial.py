"""``schedtui trial``: measure a policy against the default scheduler, with the evidence kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import schedtui
from schedtui.commands.context import Context, closing
from schedtui.commands.following import Following
from schedtui.commands.options import Exit
from schedtui.commands.output import error_document
from schedtui.commands.pace import Pace
from schedtui.commands.page import usable_page, write_page
from schedtui.commands.services import Results, Verifier
from schedtui.commands.trial_lines import trial_lines
from schedtui.commands.trial_request import TrialRequest, read_request
from schedtui.engine.port import EngineError
from schedtui.measure.judgement import judge_trial
from schedtui.measure.report import report
from schedtui.measure.wording import fix
from schedtui.model.events import Verified
from schedtui.model.results import NO_RESULT, REJECTED, ResultRow
from schedtui.model.text import safe_text
from schedtui.model.trial import Outcome
from schedtui.model.verdict import GateName, GateResult, Severity, Verdict
from schedtui.model.wire import to_json
from schedtui.store.results import ResultsError
from schedtui.verify.trial_gate import GUARDRAIL_CODE, NO_RESULT_CODES


async def run(context: Context) -> int:
    """Try one source; exit 1 when it is worse, breaks a guardrail or is rejected."""
    request = read_request(context)
    page = usable_page(context.options.report)
    # A store that cannot be written to must not show only when everything is measured.
    results = context.services.results()
    results.prepare()
    verifier = context.services.verifier(context.options)
    pace = Pace(request.aim.max_pairs)
    verdict = await verdict_on(context, request, verifier, Following(), pace.left)
    row = result_row(request, verdict)
    kept = keep(context, results, row, page) if row else Kept()
    code = Exit.MISSING if kept.trouble else exit_code(row, verdict)
    _answer(context, request, verdict, row, kept, code)
    return code


@dataclass(slots=True)
class Kept:
    """What became of a row."""

    number: int = 0
    """0 when it could not be kept."""
    trouble: EngineError | None = None
    """The first thing that went wrong."""


def keep(context: Context, results: Results, row: ResultRow, page: Path | None = None) -> Kept:
    """Keep a row and write its page. What fails is told after the answer, which is not lost."""
    kept = Kept()
    try:
        kept.number = results.append(row)
    except ResultsError as error:
        kept.trouble = EngineError(error.sentence, error.fix)
    try:
        if page:
            write_page(page, report(row, kept.number))
            context.output.say(f"report: {safe_text(str(page))}")
    except EngineError as error:
        kept.trouble = kept.trouble or error
    return kept


async def verdict_on(
    context: Context,
    request: TrialRequest,
    verifier: Verifier,
    following: Following,
    left: Callable[[object], str],
) -> Verdict:
    """Take a source through the gates and its trial, told on standard error.

    ``left`` returns what is to be told after an event of the time left. Raises EngineError.
    """
    stream = verifier.trial(request.name, request.source, request.aim)
    async with closing(stream) as events:
        async for event in events:
            words = left(event)
            for line in following.lines(event):
                context.output.say(f"{line}{words}")
            if isinstance(event, Verified):
                return event.verdict
    raise EngineError("the trial ended without a verdict", "run it again", missing=False)


def result_row(request: TrialRequest, verdict: Verdict, sweep_round: int = 0) -> ResultRow | None:
    """Return what is kept of a trial, None when the candidate did not get as far as that."""
    gate = _trial_gate(verdict)
    if gate is None:
        return None
    aim, trial = request.aim, verdict.trial
    return ResultRow(
        unix_ms=time.time_ns() // 1_000_000,
        version=schedtui.__version__,
        command=request.command,
        policy=request.name,
        scheduler=verdict.candidate,
        parameters=request.parameters,
        source_sha256=verdict.source_sha256,
        object_sha256=verdict.object_sha256,
        compiler=verdict.compiler,
        kernel_release=verdict.kernel_release,
        kernel_build_id=verdict.kernel_build_id,
        kernel_btf_sha256=verdict.kernel_btf_sha256,
        workload=aim.workload,
        metric=aim.metric,
        direction=aim.direction,
        max_pairs=aim.max_pairs,
        control_pairs=aim.control_pairs,
        guardrails=aim.guardrails,
        rejections=_rejections((gate,)),
        trial=trial,
        judgement=judge_trial(trial, aim.guardrails) if trial else None,
        no_result=_no_result((gate,)),
        sweep_round=sweep_round,
        control_for=aim.control_for,
    )


def _trial_gate(verdict: Verdict) -> GateResult | None:
    return next((gate for gate in verdict.gates if gate.gate is GateName.TRIAL), None)


def _rejections(gates: Iterable[GateResult]) -> tuple[str, ...]:
    """Return what speaks against the candidate apart from guardrails, which are judged apart."""
    return tuple(
        found.sentence
        for gate in gates
        for found in gate.findings
        if found.severity is Severity.ERROR and found.code not in {GUARDRAIL_CODE, *NO_RESULT_CODES}
    )


def _no_result(gates: Iterable[GateResult]) -> str:
    """Return why there is no result though nothing speaks against the candidate, else nothing."""
    found = (found for gate in gates for found in gate.findings)
    return next((one.sentence for one in found if one.code in NO_RESULT_CODES), "")


def exit_code(row: ResultRow | None, verdict: Verdict) -> Exit:
    """Return the exit code: no difference and undecided are answers, an unfit host is none."""
    if row is None:
        return Exit.MISSING if _outcome(row, verdict) == NO_RESULT else Exit.NO
    if row.rejections:
        return Exit.NO
    if row.judgement is None or not row.judgement.fit:
        return Exit.MISSING
    return (
        Exit.DONE if row.judgement.held and row.judgement.outcome is not Outcome.WORSE else Exit.NO
    )


def _outcome(row: ResultRow | None, verdict: Verdict) -> str:
    """Return the answer in a word or two; a battery too may be left without a result."""
    if row:
        return row.outcome
    unanswered = _no_result(verdict.gates) and not _rejections(verdict.gates)
    return NO_RESULT if unanswered else REJECTED


def _answer(
    context: Context,
    request: TrialRequest,
    verdict: Verdict,
    row: ResultRow | None,
    kept: Kept,
    code: Exit,
) -> None:
    outcome = _outcome(row, verdict)
    body = {
        "policy": request.name,
        "outcome": outcome,
        "exit_code": int(code),
        "fix": fix(outcome),
        "gates": verdict.gates,
        "id": kept.number or None,
        "result": to_json(row),
    }
    trouble = kept.trouble
    if trouble:
        body |= error_document(trouble.sentence, trouble.fix)
    lines = (
        trial_lines(row, kept.number) if row else [f"{request.name}: {outcome} before the trial"]
    )
    context.output.answer(body, "\n".join(lines))
    if trouble:
        context.output.say_error(trouble)
