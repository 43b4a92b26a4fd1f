"""Sequential halving: few pairs for every policy, more for the better half, until one is left.

A round gives every policy the same number of pairs against the default scheduler, each policy in
a boot of its own. Its score is the mean log-ratio of the objective in these pairs. Who is rejected,
is proved to break a guardrail, is proved to be worse than the default, or gives no result leaves
at once; of those that entered, the better half goes on, to twice the pairs. Rounds only rank: so
few pairs claim nothing. That is left to one full trial of who is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, Protocol

from schedtui.measure.sides import DEFAULTS, SETTING
from schedtui.measure.statistics import Standing
from schedtui.measure.wording import guardrail_text
from schedtui.model.results import Judgement, ResultRow
from schedtui.model.sweep import Leaving, Place, SweepRound
from schedtui.model.trial import Outcome

FIRST_PAIRS: Final = 2
"""Pairs of the first round: one block of windows in the order ABBA."""

_Verdict = tuple[Leaving | None, str]
_Judge = Callable[[Judgement], _Verdict]


class Heats(Protocol):
    """What runs and tells the rounds."""

    def begins(self, number: int, pairs: int, policies: tuple[str, ...]) -> None:
        """Take note of a round that is about to begin."""
        ...

    async def compare(self, policy: str, number: int, pairs: int) -> Place:
        """Run the pairs of one policy in one boot."""
        ...

    def ended(self, done: SweepRound) -> None:
        """Take note of a round that is over."""
        ...


async def halve(
    policies: Sequence[str], most_pairs: int, heats: Heats
) -> tuple[tuple[SweepRound, ...], tuple[str, ...]]:
    """Run rounds until at most one policy goes on, or a control finds the host unfit.

    Args:
        policies: Names, in the order in which ties are settled. One alone needs no round. In
            later rounds the names are those of the places.
        most_pairs: Pairs of a round are never more than this.
        heats: Runs the pairs.

    Returns:
        The rounds, and who is to have a full trial: who is left, then the runner-up of the last
        round for the case that the full trial finds the first one out. Empty when none is left.
    """
    rounds: list[SweepRound] = []
    left = tuple(policies)
    while len(left) > 1:
        number, pairs = len(rounds) + 1, pairs_of_round(len(rounds) + 1, most_pairs)
        heats.begins(number, pairs, left)
        places = await _compared(left, number, pairs, heats)
        rounds.append(SweepRound(number, pairs, ranked(places)))
        heats.ended(rounds[-1])
        left = _going_on(rounds[-1])
    return tuple(rounds), left + (_runners_up(rounds[-1]) if rounds and left else ())


def pairs_of_round(number: int, most_pairs: int) -> int:
    """Return the pairs that each policy gets in a round: twice those of the round before."""
    return min(FIRST_PAIRS << (number - 1), most_pairs)


def pairs_ahead(number: int, policies: int, most_pairs: int) -> int:
    """Return the pairs of all rounds from this one on, if nobody leaves at once."""
    if policies <= 1:
        return 0
    rest = pairs_ahead(number + 1, half(policies), most_pairs)
    return policies * pairs_of_round(number, most_pairs) + rest


def ranked(places: Sequence[Place]) -> tuple[Place, ...]:
    """Return the places best first, with those marked that are not in the better half.

    Half is of all that entered, rounded up: who left at once does not cost others their place.
    Equal scores keep the order in which they came.
    """
    still = sorted((place for place in places if place.leaves is None), key=_score, reverse=True)
    gone = tuple(place for place in places if place.leaves is not None)
    better = half(len(places))
    behind = tuple(replace(place, leaves=Leaving.WORSE_HALF) for place in still[better:])
    return (*still[:better], *behind, *gone)


def place_in_round(row: ResultRow, number: int) -> Place:
    """Return what a trial of a round says of its policy.

    A guardrail of which nothing is proved makes nobody leave: two pairs prove little, and the
    full trial judges by the estimate as well.

    Args:
        row: The trial.
        number: Of the kept row, 0 when it could not be kept.
    """
    return _place(row, number, _in_round)


def place_in_full_trial(row: ResultRow, number: int) -> Place:
    """Return what the full trial says of its policy: it alone may find it better.

    ``row`` and ``number`` are as in :func:`place_in_round`.
    """
    return _place(row, number, _in_full_trial)


def _place(row: ResultRow, number: int, judge: _Judge) -> Place:
    leaves, reason = _no_figures(row) or _unfit(row) or (None, "")
    if leaves is None and row.judgement is not None:
        leaves, reason = judge(row.judgement)
    if leaves is Leaving.WORSE and row.baseline_parameters:
        leaves = _worse_than(row)
    objective = row.trial.objective if row.trial else None
    return Place(row.policy, objective, leaves, reason, number or None)


def _worse_than(row: ResultRow) -> Leaving:
    label = row.trial.pairs[0].baseline.scheduler if row.trial else SETTING
    return Leaving.WORSE_THAN_DEFAULTS if label == DEFAULTS else Leaving.WORSE_THAN_SETTING


def _no_figures(row: ResultRow) -> _Verdict | None:
    if row.rejections:
        return Leaving.REJECTED, row.rejections[0]
    return (Leaving.NO_RESULT, row.no_result) if row.judgement is None else None


def _unfit(row: ResultRow) -> _Verdict | None:
    control = row.trial.control if row.trial else None
    return (Leaving.UNFIT, control.unfit) if control and control.unfit else None


def _in_round(judgement: Judgement) -> _Verdict:
    for rail in judgement.guardrails:
        if rail.standing == Standing.BROKEN:
            return Leaving.GUARDRAIL, guardrail_text(rail)
    if judgement.outcome is Outcome.WORSE:
        return Leaving.WORSE, ""
    doubtful = ", ".join(rail.effect.metric for rail in judgement.guardrails if not rail.held)
    return None, f"in doubt, to be proved: {doubtful}" if doubtful else ""


def _in_full_trial(judgement: Judgement) -> _Verdict:
    for rail in judgement.guardrails:
        if not rail.held:
            return Leaving.GUARDRAIL, guardrail_text(rail)
    if judgement.outcome is Outcome.BETTER:
        return None, ""
    worse = judgement.outcome is Outcome.WORSE
    return (Leaving.WORSE if worse else Leaving.NOT_SHOWN), judgement.sentence


async def _compared(
    policies: Sequence[str], number: int, pairs: int, heats: Heats
) -> Sequence[Place]:
    places: list[Place] = []
    for policy in policies:
        places.append(await heats.compare(policy, number, pairs))
        if places[-1].leaves is Leaving.UNFIT:
            break  # so it is for all the others
    return places


def _going_on(done: SweepRound) -> tuple[str, ...]:
    if any(place.leaves is Leaving.UNFIT for place in done.places):
        return ()
    return tuple(place.policy for place in done.places if place.leaves is None)


def _runners_up(last: SweepRound) -> tuple[str, ...]:
    return tuple(place.policy for place in last.places if place.leaves is Leaving.WORSE_HALF)


def _score(place: Place) -> float:
    if place.objective is None:
        raise ValueError(f"{place.policy} goes on without figures")
    return place.objective.factor


def half(count: int) -> int:
    """Return how many of ``count`` go on, rounded up."""
    return (count + 1) // 2
