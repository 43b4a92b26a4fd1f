"""``schedtui sweep``: the policies of the repository against each other and the default.

The winner, or the default where there is none, is what any proposal must beat.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schedtui.commands.context import Context
from schedtui.commands.following import Following
from schedtui.commands.options import Exit
from schedtui.commands.output import error_document
from schedtui.commands.pace import SweepPace
from schedtui.commands.services import Results
from schedtui.commands.sweep_lines import (
    again_line,
    answer_lines,
    full_trial_lines,
    left_out_lines,
    round_lines,
)
from schedtui.commands.sweep_request import SweepRequest, read_sweep
from schedtui.commands.trial import keep, result_row, verdict_on
from schedtui.commands.trial_request import TrialRequest
from schedtui.engine.port import EngineError
from schedtui.measure.halving import halve, pairs_ahead, place_in_full_trial, place_in_round
from schedtui.measure.sweep import all_refused, answer, next_one_has_its_turn
from schedtui.model.results import ResultRow
from schedtui.model.sweep import Found, Leaving, Place, SweepAnswer, SweepRound
from schedtui.model.verdict import Severity, Verdict
from schedtui.model.wire import Json, to_json
from schedtui.verify.trial_gate import NO_RESULT_CODES


async def run(context: Context) -> int:
    """Compare; exit 1 when every policy was rejected, 3 when there is no answer."""
    request = read_sweep(context)
    # A store that cannot be written to must not show only when everything is measured.
    results = context.services.results()
    results.prepare()
    for text in left_out_lines(request.left_out):
        context.output.say(text)
    sweep = _Sweep(context, request, results)
    rounds, finalists = await halve(request.names, request.aim.max_pairs, sweep)
    full = await sweep.full_trials(finalists)
    done = _Done(request, rounds, full, sweep.trouble)
    _answer(context, done)
    return done.code


@dataclass(frozen=True, slots=True)
class _Full:
    """A full trial, as the document shows it."""

    place: Place
    result: ResultRow | None


@dataclass(frozen=True, slots=True)
class _Done:
    """A sweep that is over."""

    request: SweepRequest
    rounds: tuple[SweepRound, ...]
    full: tuple[_Full, ...]
    trouble: EngineError | None
    """The first row that could not be kept."""

    @property
    def found(self) -> SweepAnswer:
        return answer(self.rounds, self._places)

    @property
    def code(self) -> Exit:
        found = self.found.outcome
        if self.trouble or found is Found.NO_ANSWER:
            return Exit.MISSING
        refused = found is Found.KEEP and all_refused(self.rounds, self._places)
        return Exit.NO if refused else Exit.DONE

    @property
    def _places(self) -> tuple[Place, ...]:
        return tuple(full.place for full in self.full)


class _Sweep:
    """Runs the trials of a sweep, keeps their rows and tells how they go."""

    def __init__(self, context: Context, request: SweepRequest, results: Results) -> None:
        self._say = context.output.say
        self._context = context
        self._request = request
        self._results = results
        # One for all: it prepares the sandbox at its first use and remembers it.
        self._verifier = context.services.verifier(context.options)
        self._pace = SweepPace()
        self._reached_a_trial = False
        self._host_judged = False
        self.trouble: EngineError | None = None

    def begins(self, number: int, pairs: int, policies: tuple[str, ...]) -> None:
        """See the port."""
        most = self._request.aim.max_pairs
        control = 0 if self._host_judged else self._request.aim.control_pairs
        ahead = control + pairs_ahead(number, len(policies), most) + self._pairs_of_full_trial
        self._pace.expect(ahead)
        each = f"{len(policies)} policies, {pairs} pairs each"
        self._say(f"round {number}: {each}; about {ahead} pairs to come in all")

    async def compare(self, policy: str, number: int, pairs: int) -> Place:
        """See the port."""
        self._say(f"{policy}, round {number}")
        heat = self._request.heat(policy, pairs, control=not self._host_judged)
        tried = await self._tried(heat, number)
        self._host_judged |= tried.result is not None and tried.result.trial is not None
        return tried.place

    def ended(self, done: SweepRound) -> None:
        """See the port."""
        for text in round_lines(done):
            self._say(text)

    async def full_trials(self, finalists: Sequence[str]) -> tuple[_Full, ...]:
        """Give the first of them its full trial, and the next where that one cannot be used."""
        done: list[_Full] = []
        for policy in finalists:
            self._pace.expect(self._pairs_of_full_trial)
            self._say(f"{policy}, full trial")
            done.append(await self._tried(self._request.full_trial(policy)))
            if not next_one_has_its_turn(done[-1].place):
                break
        return tuple(done)

    @property
    def _pairs_of_full_trial(self) -> int:
        return self._request.aim.control_pairs + self._request.aim.max_pairs

    async def _tried(self, trial: TrialRequest, number: int = 0) -> _Full:
        """Run a trial of round ``number``, or a full one."""
        following = Following(ranking=number > 0)
        try:
            verdict = await verdict_on(
                self._context, trial, self._verifier, following, self._pace.left
            )
        except EngineError as error:
            # What is missing for the first is missing for all; a machine lost later is one machine.
            if error.fix and not self._reached_a_trial:
                raise
            return _Full(Place(trial.name, None, Leaving.NO_RESULT, error.sentence), None)
        row = result_row(trial, verdict, number)
        if row is None:
            return _Full(_stopped(trial.name, verdict), None)
        self._reached_a_trial = True
        judge = place_in_round if number else place_in_full_trial
        return _Full(judge(row, self._kept(row)), row)

    def _kept(self, row: ResultRow) -> int:
        kept = keep(self._context, self._results, row)
        self.trouble = self.trouble or kept.trouble
        return kept.number


def _stopped(policy: str, verdict: Verdict) -> Place:
    """Return the place of a policy that did not get as far as its trial."""
    errors = [
        found
        for gate in verdict.gates
        for found in gate.findings
        if found.severity is Severity.ERROR
    ]
    unanswered = bool(errors) and all(found.code in NO_RESULT_CODES for found in errors)
    reason = errors[0].sentence if errors else "a gate said no"
    return Place(policy, None, Leaving.NO_RESULT if unanswered else Leaving.REJECTED, reason)


def _answer(context: Context, done: _Done) -> None:
    context.output.answer(_document(done), "\n".join(_readable(done)))
    if done.trouble:
        context.output.say_error(done.trouble)


def _document(done: _Done) -> dict[str, Json]:
    request, found = done.request, done.found
    body: dict[str, Json] = {
        "load": request.aim.workload.name,
        "metric": request.aim.metric,
        "direction": request.aim.direction.value,
        "outcome": found.outcome.value,
        "winner": found.winner,
        "sentence": found.sentence,
        "fix": found.fix,
        "exit_code": int(done.code),
        "policies": list(request.names),
        "left_out": to_json(request.left_out),
        "rounds": to_json(done.rounds),
        "full_trials": to_json(done.full),
        "command": list(request.command),
    }
    if done.trouble:
        body |= error_document(done.trouble.sentence, done.trouble.fix)
    return body


def _readable(done: _Done) -> Iterator[str]:
    request = done.request
    yield from answer_lines(request.aim.workload.name, done.found)
    yield from left_out_lines(request.left_out)
    for each in done.rounds:
        yield from round_lines(each)
    for full in done.full:
        yield from full_trial_lines(full.place, full.result)
    yield again_line(request.command)
