"""``schedtui sweep``: the policies of the repository against each other and the default.

The winner, or the default where there is none, is what any proposal must beat.
"""

from __future__ import annotations

from collections.abc import Iterator

from schedtui.commands.context import Context
from schedtui.commands.options import Exit
from schedtui.commands.page import show_page, usable_page
from schedtui.commands.sweep_lines import (
    again_line,
    answer_lines,
    full_trial_lines,
    left_out_lines,
    round_lines,
)
from schedtui.commands.sweep_request import read_sweep
from schedtui.commands.telling import Telling
from schedtui.engine.port import EngineError
from schedtui.engine.sweeping import SweepRequest, Swept, sweep
from schedtui.measure.sweep_report import sweep_report
from schedtui.measure.wording import load_name
from schedtui.model.sweep import Found
from schedtui.model.wire import Json, to_json


async def run(context: Context) -> int:
    """Compare; exit 1 when every policy was rejected, 3 when there is no answer."""
    request = await read_sweep(context)
    page = usable_page(context.options.report)
    # A store that cannot be written to must not show only when everything is measured.
    results = context.services.results()
    results.prepare()
    for text in left_out_lines(request.left_out):
        context.output.say(text)
    for sentence in _unverified(request):
        context.output.say(f"of external schedulers is not verified: {sentence}")
    # One for all: it prepares the sandbox at its first use and remembers it.
    verifier = context.services.verifier(context.options)
    done = await sweep(request, verifier, results, Telling(context.output.say))
    trouble = done.trouble
    if page:
        unwritten = show_page(context, page, _page(request, done))
        trouble = trouble or unwritten
    code = _code(done, trouble)
    body, lines = _document(request, done, code), _readable(request, done)
    context.output.answer_in_spite_of(trouble, body, "\n".join(lines))
    return code


def _code(done: Swept, trouble: EngineError | None) -> Exit:
    if trouble or done.found.outcome is Found.NO_ANSWER:
        return Exit.MISSING
    return Exit.NO if done.all_refused else Exit.DONE


def _page(request: SweepRequest, done: Swept) -> str:
    title = f"{load_name(request.aim.workload)}: {done.found.outcome}"
    return sweep_report(title, done.found.sentence, done.rounds, done.full, request.command)


def _document(request: SweepRequest, done: Swept, code: Exit) -> dict[str, Json]:
    found = done.found
    return {
        "load": request.aim.workload.name,
        "metric": request.aim.metric,
        "direction": request.aim.direction.value,
        "outcome": found.outcome.value,
        "winner": found.winner,
        "sentence": found.sentence,
        "fix": found.fix,
        "exit_code": int(code),
        "policies": list(request.names),
        "left_out": to_json(request.left_out),
        "rounds": to_json(done.rounds),
        "full_trials": to_json(done.full),
        "command": list(request.command),
        "unverified": list(_unverified(request)),
    }


def _unverified(request: SweepRequest) -> tuple[str, ...]:
    """Return what nobody can verify of the external schedulers among them, each sentence once."""
    bundles = (trial.bundle for trial in request.trials)
    said = (sentence for each in bundles if each for sentence in each.scheduler.unverified)
    return tuple(dict.fromkeys(said))


def _readable(request: SweepRequest, done: Swept) -> Iterator[str]:
    yield from answer_lines(load_name(request.aim.workload), done.found)
    yield from left_out_lines(request.left_out)
    for each in done.rounds:
        yield from round_lines(each)
    for full in done.full:
        yield from full_trial_lines(full)
    yield again_line(request.command)
