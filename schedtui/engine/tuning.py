"""A tuning: settings of one policy against its defaults, then the best against the default."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from schedtui.engine.contest import Contest
from schedtui.engine.port import EngineError
from schedtui.engine.sweeping import aim_of_heat, full_trials, most_pairs
from schedtui.engine.trying import Keeper, TrialRequest, Trier
from schedtui.measure.halving import half, halve, pairs_ahead
from schedtui.measure.proposing import Proposer, score
from schedtui.measure.sides import DEFAULTS
from schedtui.measure.tuning import tune_answer
from schedtui.measure.wording import assignments
from schedtui.model.policy import ParameterValues, Policy
from schedtui.model.sweep import FullTrial, Place, RoundBegan, RoundEnded, SweepEvent, SweepRound
from schedtui.model.tuning import TuneAnswer
from schedtui.policy.render import complete, render
from schedtui.policy.values import load_values
from schedtui.verify.trial_gate import LiveSides, TrialAim


@dataclass(frozen=True, slots=True)
class TuneRequest:
    """A policy, and what its settings are measured by."""

    policy: Policy
    given: ParameterValues
    """Parameters that a person gave; the defaults have them as well."""
    aim: TrialAim
    """Of the full trial against the default scheduler."""
    measuring: tuple[str, ...]
    """Options of the command line that ask for this aim."""
    command: tuple[str, ...]
    """The command line that tunes the same again."""

    def against_default(self, setting: ParameterValues) -> TrialRequest:
        """Return the full trial of a setting against the default scheduler."""
        values = dict(self.given) | dict(setting)
        name = self.policy.name
        return TrialRequest(
            name,
            render(self.policy, values),
            complete(self.policy, values),
            self.aim,
            ("schedtui", "trial", name, *self.measuring, *_set("--set", (*self.given, *setting))),
        )

    def against_defaults(self, setting: ParameterValues) -> TrialRequest:
        """Return the full trial of a setting against the policy's defaults."""
        request = self.against_default(setting)
        source = render(self.policy, dict(self.given))
        before = complete(self.policy, dict(self.given))
        other = before != complete(self.policy, {})
        given = _set("--against", self.given) or ("--against", DEFAULTS)
        return dataclasses.replace(
            request,
            aim=dataclasses.replace(self.aim, baseline_source=source, baseline_setting=other),
            command=(*request.command, *given),
            baseline_parameters=before,
        )

    def heat(
        self, setting: ParameterValues, pairs: int, bar: float, *, control: bool
    ) -> TrialRequest:
        """Return pairs of a round; no more are spent on what stays below the factor ``bar``."""
        request = self.against_defaults(setting)
        aim = aim_of_heat(request.aim, pairs, control=control)
        aim = dataclasses.replace(aim, give_up_below=bar, live=self._live(setting))
        # What is loaded is the baseline; the setting is then set in it.
        source = aim.baseline_source if aim.live else request.source
        return dataclasses.replace(request, source=source, aim=aim, command=self.command)

    def _live(self, setting: ParameterValues) -> LiveSides | None:
        """Return the two sides of one load, None where something is fixed when it is loaded."""
        policy = self.policy
        if not all(policy.parameter(name).live for name, _ in setting):
            return None
        usual = dict(complete(policy, dict(self.given)))
        before = {name: usual[name] for name, _ in setting}
        return LiveSides(load_values(policy, before), load_values(policy, dict(setting)))


def _set(option: str, values: ParameterValues) -> tuple[str, ...]:
    return tuple(word for text in assignments(values) for word in (option, text))


@dataclass(frozen=True, slots=True)
class Tuned:
    """A tuning that is over."""

    rounds: tuple[SweepRound, ...]
    full: tuple[FullTrial, ...]
    """Of the best against the defaults; the last one decided."""
    against_default: FullTrial | None
    """Of the winner, where there is one, against the default scheduler."""
    found: TuneAnswer
    trouble: EngineError | None
    """Why the first row that could not be kept was not."""


async def tune(
    request: TuneRequest,
    proposer: Proposer,
    trier: Trier,
    keeper: Keeper,
    emit: Callable[[SweepEvent], None],
) -> Tuned:
    """Search the settings. Rows are kept as they come about, also when it is cancelled.

    Raises EngineError when something is missing for all of them.
    """
    contest = Contest(trier, keeper, emit)
    heats = _Heats(request, proposer, contest)
    names = tuple(f"setting {index + 1}" for index in range(proposer.count))
    async with trier.holding():
        rounds, finalists = await halve(names, request.aim.max_pairs, heats)
    full = await _deciding(request, contest, heats, finalists)
    winner = next((each.place.policy for each in full if each.place.leaves is None), None)
    last = await _last(request, contest, heats, winner) if winner else None
    found = tune_answer(
        rounds, [each.place for each in full], last.place if last else None, heats.settings
    )
    return Tuned(rounds, full, last, found, contest.trouble)


async def _deciding(
    request: TuneRequest, contest: Contest, heats: _Heats, finalists: tuple[str, ...]
) -> tuple[FullTrial, ...]:
    def trial(who: str) -> TrialRequest:
        return request.against_defaults(heats.setting(who))

    # One setting alone had no round in which it was proposed.
    names = [_name(heats.setting(who)) for who in finalists]
    return await full_trials(contest, names, trial, most_pairs(request.aim))


async def _last(request: TuneRequest, contest: Contest, heats: _Heats, winner: str) -> FullTrial:
    return await contest.full_trial(winner, request.against_default(heats.setting(winner)))


class _Heats:
    """The rounds of a tuning. A setting is named by what it sets, once it is proposed."""

    def __init__(self, request: TuneRequest, proposer: Proposer, contest: Contest) -> None:
        self._request = request
        self._proposer = proposer
        self._contest = contest
        self._entered = 0
        self._factors: list[float] = []
        self.settings: dict[str, ParameterValues] = {}

    def begins(self, number: int, pairs: int, policies: tuple[str, ...]) -> None:
        """See the port."""
        self._entered, self._factors = len(policies), []
        aim = self._request.aim
        control = 0 if self._contest.host_judged else aim.control_pairs
        rounds = pairs_ahead(number, len(policies), aim.max_pairs)
        ahead = control + rounds + 2 * most_pairs(aim)
        self._contest.emit(RoundBegan(number, pairs, policies, ahead))

    async def compare(self, policy: str, number: int, pairs: int) -> Place:
        """See the port."""
        setting = self.setting(policy)
        control = not self._contest.host_judged
        heat = self._request.heat(setting, pairs, self._bar(), control=control)
        place = await self._contest.heat(_name(setting), heat, number)
        if place.leaves is None and place.objective:
            self._factors.append(place.objective.factor)
        if number == 1:
            self._proposer.learn(setting, score(place))
        return place

    def ended(self, done: SweepRound) -> None:
        """See the port."""
        self._contest.emit(RoundEnded(done))

    def setting(self, who: str) -> ParameterValues:
        """Return the setting of that name, or one more for a name that is none yet."""
        if who not in self.settings:
            setting = self._proposer.propose()
            self.settings[_name(setting)] = setting
            return setting
        return self.settings[who]

    def _bar(self) -> float:
        """Return the factor below which a setting cannot be in the better half of its round.

        That is the factor of the last one that would still be in it, were the round over now;
        and never less than that of the defaults.
        """
        places = half(self._entered)
        ahead = sorted(self._factors, reverse=True)[:places]
        return max(1.0, ahead[-1]) if len(ahead) == places else 1.0


def _name(setting: ParameterValues) -> str:
    return ", ".join(assignments(setting))
