"""From the rounds and full trials of a tuning to what may be said of the best setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from schedtui.measure.sweep import all_refused, answer, fates
from schedtui.measure.wording import fate_text, figures_text, fix
from schedtui.model.policy import ParameterValues
from schedtui.model.results import NO_RESULT, UNFIT
from schedtui.model.sweep import Found, Leaving, Place, SweepRound
from schedtui.model.tuning import TuneAnswer, TuneOutcome

_REFUSED: Final = frozenset({Leaving.REJECTED, Leaving.GUARDRAIL})
_OPEN: Final = frozenset({Leaving.NO_RESULT, Leaving.UNFIT})


def tune_answer(
    rounds: Sequence[SweepRound],
    full: Sequence[Place],
    against_default: Place | None,
    settings: Mapping[str, ParameterValues],
) -> TuneAnswer:
    """Return the answer of a tuning.

    Args:
        rounds: The rounds, each setting against the policy's defaults.
        full: The full trials of the best against the defaults, which alone can find it better.
        against_default: The full trial of the winner against the default scheduler, if any.
        settings: What each name of a setting stands for.
    """
    found = answer(rounds, full)
    if found.outcome is Found.NO_ANSWER:
        outcome = TuneOutcome.NO_ANSWER
        return TuneAnswer(outcome, (), found.sentence, unanswered=True, fix=found.fix)
    won = next((place for place in full if place.leaves is None), None)
    if won is None:
        refused = all_refused(rounds, full)
        sentence = _kept_text(len(fates(rounds, full)), full)
        return TuneAnswer(TuneOutcome.NO_BETTER, (), sentence, refused)
    sentence = f"{won.policy} is better than the defaults: {_figures(won)}"
    better = TuneAnswer(TuneOutcome.BETTER, settings[won.policy], sentence)
    return _compared(better, against_default) if against_default else better


def _compared(better: TuneAnswer, place: Place) -> TuneAnswer:
    """Return the answer with what the trial against the default scheduler adds to it."""
    if place.leaves is None:
        more = f"; against the default scheduler: {_figures(place)}"
        return replace(better, sentence=better.sentence + more)
    sentence = f"{better.sentence}; but against the default scheduler: {_fate(place)}"
    unanswered = place.leaves in _OPEN
    remedy = fix(UNFIT if place.leaves is Leaving.UNFIT else NO_RESULT) if unanswered else ""
    refused = place.leaves in _REFUSED
    return replace(better, sentence=sentence, refused=refused, unanswered=unanswered, fix=remedy)


def _fate(place: Place) -> str:
    return f"{place.leaves}: {place.reason}" if place.leaves is Leaving.UNFIT else fate_text(place)


def _kept_text(tried: int, full: Sequence[Place]) -> str:
    who = "the setting was not" if tried == 1 else f"none of {tried} settings was"
    best = next((place for place in full if place.objective), None)
    seen = f"; of the best, {best.policy}: {_figures(best)}" if best else ""
    return f"{who} shown to be better than the defaults{seen}"


def _figures(place: Place) -> str:
    seen = place.objective
    return f"{seen.metric} {figures_text(seen)}" if seen else ""
