"""``schedtui trial``: measure a policy against the default scheduler, with the evidence kept."""

from __future__ import annotations

from collections.abc import Callable

from schedtui.commands.beside import externals_beside
from schedtui.commands.context import Context
from schedtui.commands.external_request import external_request
from schedtui.commands.following import Following
from schedtui.commands.options import Exit
from schedtui.commands.pace import Pace
from schedtui.commands.page import show_page, usable_page
from schedtui.commands.trial_lines import trial_lines
from schedtui.commands.trial_request import read_aim, read_load, read_request
from schedtui.engine.port import EngineError
from schedtui.engine.trying import TrialRequest, Tried, no_result, rejections, try_and_keep
from schedtui.measure.report import report
from schedtui.measure.wording import fix
from schedtui.model.events import Event
from schedtui.model.results import NO_RESULT, REJECTED, ResultRow
from schedtui.model.trial import Outcome
from schedtui.model.verdict import Verdict
from schedtui.model.wire import Json, to_json


async def run(context: Context) -> int:
    """Try one source; exit 1 when it is worse, breaks a guardrail or is rejected."""
    request = await _request(context)
    page = usable_page(context.options.report)
    # A store that cannot be written to must not show only when everything is measured.
    results = context.services.results()
    results.prepare()
    verifier = context.services.verifier(context.options)
    tried = await try_and_keep(request, verifier, results, _telling(context, request))
    trouble = tried.kept.trouble
    if page and tried.row:
        unwritten = show_page(context, page, report(tried.row, tried.kept.number))
        trouble = trouble or unwritten
    code = Exit.MISSING if trouble else exit_code(tried.row, tried.verdict)
    _answer(context, request, tried, trouble, code)
    return code


async def _request(context: Context) -> TrialRequest:
    options = context.options
    # Finding them reads every one: not for the trial of something else.
    external = options.subject.startswith("scx_")
    for scheduler in externals_beside(context) if external else ():
        if scheduler.name == options.subject:
            aim = await read_aim(read_load(context), options)
            return await external_request(scheduler, aim, options, context)
    return await read_request(context)


def _telling(context: Context, request: TrialRequest) -> Callable[[Event], None]:
    pace, following = Pace(request.aim.max_pairs), Following()

    def tell(event: Event) -> None:
        words = pace.left(event)
        for line in following.lines(event):
            context.output.say(f"{line}{words}")

    return tell


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
    unanswered = no_result(verdict.gates) and not rejections(verdict.gates)
    return NO_RESULT if unanswered else REJECTED


def _answer(
    context: Context,
    request: TrialRequest,
    tried: Tried,
    trouble: EngineError | None,
    code: Exit,
) -> None:
    row, number = tried.row, tried.kept.number
    outcome = _outcome(row, tried.verdict)
    body: dict[str, Json] = {
        "policy": request.name,
        "outcome": outcome,
        "exit_code": int(code),
        "fix": fix(outcome),
        "gates": to_json(tried.verdict.gates),
        "id": number or None,
        "result": to_json(row),
    }
    if request.bundle is not None:
        body["unverified"] = to_json(request.bundle.scheduler.unverified)
    lines = trial_lines(row, number) if row else [f"{request.name}: {outcome} before the trial"]
    context.output.answer_in_spite_of(trouble, body, "\n".join(lines))
