"""``schedtui tune``: the settings of one policy against its defaults, and the best one proved."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from schedtui.commands.context import Context
from schedtui.commands.options import Exit
from schedtui.commands.page import show_page, usable_page
from schedtui.commands.sweep_lines import again_line, full_trial_lines, round_lines
from schedtui.commands.telling import Telling
from schedtui.commands.trial_lines import line
from schedtui.commands.tune_request import Search, read_tune
from schedtui.engine.port import EngineError
from schedtui.engine.tuning import Tuned, tune
from schedtui.measure.proposing import OPTUNA
from schedtui.measure.sweep_report import sweep_report
from schedtui.measure.wording import load_name, parameters_text
from schedtui.model.sweep import FullTrial
from schedtui.model.wire import Json, to_json


async def run(context: Context) -> int:
    """Search; exit 1 when nothing found may be used, 3 when there is no answer."""
    search = await read_tune(context)
    page = usable_page(context.options.report)
    # A store that cannot be written to must not show only when everything is measured.
    results = context.services.results()
    results.prepare()
    context.output.say(_plan_text(search))
    # One for all: it prepares the sandbox at its first use and remembers it.
    verifier = context.services.verifier(context.options)
    telling = Telling(context.output.say, "settings")
    done = await tune(search.request, search.proposer(), verifier, results, telling)
    trouble = done.trouble
    if page:
        unwritten = show_page(context, page, _page(search, done))
        trouble = trouble or unwritten
    code = _code(done, trouble)
    body, lines = _document(search, done, code), _readable(search, done)
    context.output.answer_in_spite_of(trouble, body, "\n".join(lines))
    return code


def _code(done: Tuned, trouble: EngineError | None) -> Exit:
    if trouble or done.found.unanswered:
        return Exit.MISSING
    return Exit.NO if done.found.refused else Exit.DONE


def _plan_text(search: Search) -> str:
    knobs = ", ".join(knob.name for knob in search.space.knobs)
    how = "proposed by Optuna" if search.sampler == OPTUNA else "from a Latin hypercube"
    return f"{search.request.policy.name}: {knobs}; at most {search.trials} settings, {how}"


def _title(search: Search, done: Tuned) -> str:
    request = search.request
    return f"{request.policy.name} on {load_name(request.aim.workload)}: {done.found.outcome}"


def _all_full(done: Tuned) -> tuple[FullTrial, ...]:
    return done.full + ((done.against_default,) if done.against_default else ())


def _page(search: Search, done: Tuned) -> str:
    title, command = _title(search, done), search.request.command
    return sweep_report(title, done.found.sentence, done.rounds, _all_full(done), command)


def _document(search: Search, done: Tuned, code: Exit) -> dict[str, Json]:
    request, found = search.request, done.found
    return {
        "policy": request.policy.name,
        "load": request.aim.workload.name,
        "metric": request.aim.metric,
        "direction": request.aim.direction.value,
        "outcome": found.outcome.value,
        "setting": to_json(dict(found.setting)) if found.setting else None,
        "sentence": found.sentence,
        "fix": found.fix,
        "exit_code": int(code),
        "searched": [knob.name for knob in search.space.knobs],
        "defaults": to_json(dict(search.space.defaults)),
        "given": to_json(dict(request.given)),
        "sampler": search.sampler,
        "rounds": to_json(done.rounds),
        "full_trials": to_json(done.full),
        "against_default": to_json(done.against_default),
        "command": list(request.command),
    }


def _readable(search: Search, done: Tuned) -> Iterator[str]:
    request, found = search.request, done.found
    yield _title(search, done)
    yield line("answer", found.sentence)
    if found.setting:
        use = request.against_default(found.setting).command
        yield line("use it", shlex.join(use))
    if found.fix:
        yield line("fix", found.fix)
    yield line("defaults", parameters_text(search.space.defaults))
    for each in done.rounds:
        yield from round_lines(each)
    for full in _all_full(done):
        yield from full_trial_lines(full)
    yield again_line(request.command)
