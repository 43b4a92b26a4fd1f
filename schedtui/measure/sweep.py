"""From the rounds and full trials of a sweep to the baseline that a proposal must beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schedtui.measure.wording import figures_text, fix
from schedtui.model.results import NO_RESULT, UNFIT
from schedtui.model.sweep import Found, Leaving, Place, SweepAnswer, SweepRound

_REFUSED: Final = frozenset({Leaving.REJECTED, Leaving.GUARDRAIL})
_SECOND_CHANCE: Final = frozenset({Leaving.REJECTED, Leaving.GUARDRAIL, Leaving.NO_RESULT})


def next_one_has_its_turn(full: Place) -> bool:
    """Tell whether the runner-up gets a full trial after this one.

    It does where the trial says that the policy cannot be used, or nothing at all. It does not
    where the policy merely was not better: trying on until something looks better finds luck.
    """
    return full.leaves in _SECOND_CHANCE


def answer(rounds: Sequence[SweepRound], full: Sequence[Place]) -> SweepAnswer:
    """Return the answer of a sweep from its rounds and its full trials.

    Only a full trial makes a winner. There is no answer where the host was unfit, or where
    machines were lost before the question was decided.
    """
    won = next((place for place in full if place.leaves is None), None)
    if won:
        return SweepAnswer(Found.WINNER, won.policy, _won_text(won))
    gone = fates(rounds, full)
    undecided = next((place for place in _deciding(gone, full) if _open(place)), None)
    if undecided:
        remedy = fix(UNFIT if undecided.leaves is Leaving.UNFIT else NO_RESULT)
        return SweepAnswer(Found.NO_ANSWER, None, _undecided_text(undecided), remedy)
    return SweepAnswer(Found.KEEP, None, _kept_text(gone))


def all_refused(rounds: Sequence[SweepRound], full: Sequence[Place]) -> bool:
    """Tell whether every policy was rejected or broke a guardrail."""
    return all(place.leaves in _REFUSED for place in fates(rounds, full).values())


def fates(rounds: Sequence[SweepRound], full: Sequence[Place]) -> dict[str, Place]:
    """Return the last that was heard of every policy."""
    places = [place for done in rounds for place in done.places]
    return {place.policy: place for place in (*places, *full)}


def _deciding(gone: dict[str, Place], full: Sequence[Place]) -> Sequence[Place]:
    """Return what the question hung on: the full trials, or all when it came to none.

    An unfit host leaves everything open, in whichever trial it showed.
    """
    if full:
        return full
    unfit = tuple(place for place in gone.values() if place.leaves is Leaving.UNFIT)
    everyone = tuple(gone.values())
    return unfit or (everyone if all(map(_open, everyone)) else ())


def _open(place: Place) -> bool:
    return place.leaves in {Leaving.NO_RESULT, Leaving.UNFIT}


def _won_text(place: Place) -> str:
    seen = place.objective
    figures = f": {seen.metric} {figures_text(seen)}" if seen else ""
    return f"{place.policy} is better than the default{figures}"


def _undecided_text(place: Place) -> str:
    return f"{place.policy}: {place.leaves}: {place.reason}"


def _kept_text(gone: dict[str, Place]) -> str:
    if len(gone) == 1:
        return "the policy was not shown to be better than the default"
    return f"none of {len(gone)} policies was shown to be better than the default"
