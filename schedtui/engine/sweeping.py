"""A sweep: policies against each other and the default, by halving and a full trial."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from schedtui.engine.contest import Contest
from schedtui.engine.port import EngineError
from schedtui.engine.trying import Keeper, TrialRequest, Trier
from schedtui.measure.halving import halve, pairs_ahead
from schedtui.measure.sweep import all_refused, answer, next_one_has_its_turn
from schedtui.model.sweep import (
    Found,
    FullTrial,
    LeftOut,
    Place,
    RoundBegan,
    RoundEnded,
    SweepAnswer,
    SweepEvent,
    SweepRound,
)
from schedtui.verify.trial_gate import TrialAim


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """Policies, and what is measured of each."""

    trials: tuple[TrialRequest, ...]
    """The full trial of each policy, in the order of the repository."""
    left_out: tuple[LeftOut, ...]
    aim: TrialAim
    """Of the full trials."""
    command: tuple[str, ...]
    """The command line that compares the same again."""

    @property
    def names(self) -> tuple[str, ...]:
        """The policies' names."""
        return tuple(trial.name for trial in self.trials)

    def full_trial(self, name: str) -> TrialRequest:
        """Return the trial that decides."""
        return next(trial for trial in self.trials if trial.name == name)

    def heat(self, name: str, pairs: int, *, control: bool) -> TrialRequest:
        """Return the pairs of a round, exactly so many, to rank by.

        With ``control`` the host is judged first, for the full trial that is to follow.
        """
        aim = aim_of_heat(self.aim, pairs, control=control)
        return dataclasses.replace(self.full_trial(name), aim=aim, command=self.command)


def aim_of_heat(full: TrialAim, pairs: int, *, control: bool) -> TrialAim:
    """Return what a round measures of one policy: exactly so many pairs.

    Few pairs bear too little noise to ask whether the host is fit for these alone: a control
    judges it for the ``full`` trial.
    """
    return dataclasses.replace(
        full,
        min_pairs=pairs,
        max_pairs=pairs,
        control_pairs=full.control_pairs if control else 0,
        control_for=full.max_pairs if control else 0,
    )


def most_pairs(aim: TrialAim) -> int:
    """Return the most pairs of a full trial, those of its control among them."""
    return aim.control_pairs + aim.max_pairs


@dataclass(frozen=True, slots=True)
class Swept:
    """A sweep that is over."""

    rounds: tuple[SweepRound, ...]
    full: tuple[FullTrial, ...]
    trouble: EngineError | None
    """Why the first row that could not be kept was not."""

    @property
    def found(self) -> SweepAnswer:
        """The answer."""
        return answer(self.rounds, self._places)

    @property
    def all_refused(self) -> bool:
        """Tell whether every policy was rejected or broke a guardrail."""
        return self.found.outcome is Found.KEEP and all_refused(self.rounds, self._places)

    @property
    def _places(self) -> tuple[Place, ...]:
        return tuple(full.place for full in self.full)


async def sweep(
    request: SweepRequest, trier: Trier, keeper: Keeper, emit: Callable[[SweepEvent], None]
) -> Swept:
    """Compare the policies. Rows are kept as they come about, also of a sweep that is cancelled.

    Raises EngineError when something is missing for all of them.
    """
    contest = Contest(trier, keeper, emit)
    heats = _Heats(request, contest)
    rounds, finalists = await halve(request.names, request.aim.max_pairs, heats)
    full = await full_trials(contest, finalists, request.full_trial)
    return Swept(rounds, full, contest.trouble)


async def full_trials(
    contest: Contest,
    finalists: Sequence[str],
    request: Callable[[str], TrialRequest],
    later: int = 0,
) -> tuple[FullTrial, ...]:
    """Give the first of them its full trial, and the next where that one cannot be used.

    At most ``later`` pairs come after the full trial.
    """
    done: list[FullTrial] = []
    for who in finalists:
        done.append(await contest.full_trial(who, request(who), later))
        if not next_one_has_its_turn(done[-1].place):
            break
    return tuple(done)


class _Heats:
    """The rounds of a sweep."""

    def __init__(self, request: SweepRequest, contest: Contest) -> None:
        self._request = request
        self._contest = contest

    def begins(self, number: int, pairs: int, policies: tuple[str, ...]) -> None:
        """See the port."""
        aim = self._request.aim
        control = 0 if self._contest.host_judged else aim.control_pairs
        rounds = pairs_ahead(number, len(policies), aim.max_pairs)
        self._contest.emit(RoundBegan(number, pairs, policies, control + rounds + most_pairs(aim)))

    async def compare(self, policy: str, number: int, pairs: int) -> Place:
        """See the port."""
        heat = self._request.heat(policy, pairs, control=not self._contest.host_judged)
        return await self._contest.heat(policy, heat, number)

    def ended(self, done: SweepRound) -> None:
        """See the port."""
        self._contest.emit(RoundEnded(done))
