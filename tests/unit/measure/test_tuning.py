"""What may be said of the best setting that a tuning found."""

from __future__ import annotations

import pytest

from schedtui.measure.tuning import tune_answer
from schedtui.measure.wording import NO_RESULT_FIX, UNFIT_FIX
from schedtui.model.policy import ParameterValues
from schedtui.model.sweep import Leaving, Place, SweepRound
from schedtui.model.tuning import TuneAnswer, TuneOutcome
from tests.fakes.heats import gone, place

SETTINGS: dict[str, ParameterValues] = {"a=1": (("a", 1),), "a=2": (("a", 2),)}
ROUND = (SweepRound(1, 2, (place("a=1", 2.0), gone("a=2", Leaving.WORSE_HALF))),)


def said(full: list[Place], last: Place | None = None) -> TuneAnswer:
    return tune_answer(ROUND, full, last, SETTINGS)


def test_only_a_full_trial_finds_a_setting_better() -> None:
    won = said([place("a=1", 2.0)], place("a=1", 8.0))
    assert (won.outcome, won.setting) == (TuneOutcome.BETTER, (("a", 1),))
    assert won.sentence.startswith("a=1 is better than the defaults: request_p99_us 2.00x [")
    assert "; against the default scheduler: request_p99_us 8.00x [" in won.sentence
    assert not won.refused
    assert not won.unanswered


def test_a_gain_that_is_not_shown_leaves_the_defaults_and_names_its_figures() -> None:
    behind = Place("a=1", place("a=1", 1.02).objective, Leaving.NOT_SHOWN, "")
    kept = said([behind])
    assert (kept.outcome, kept.setting) == (TuneOutcome.NO_BETTER, ())
    assert kept.sentence.startswith(
        "none of 2 settings was shown to be better than the defaults; of the best, a=1: "
        "request_p99_us 1.02x ["
    )


@pytest.mark.parametrize(
    ("why", "refused", "unanswered", "fix"),
    [
        (Leaving.NOT_SHOWN, False, False, ""),
        (Leaving.WORSE, False, False, ""),
        (Leaving.GUARDRAIL, True, False, ""),
        (Leaving.REJECTED, True, False, ""),
        (Leaving.UNFIT, False, True, UNFIT_FIX),
        (Leaving.NO_RESULT, False, True, NO_RESULT_FIX),
    ],
)
def test_what_the_default_scheduler_has_against_it_is_said(
    why: Leaving, refused: bool, unanswered: bool, fix: str
) -> None:
    won = said([place("a=1", 2.0)], gone("a=1", why, "as it was"))
    assert won.outcome is TuneOutcome.BETTER
    assert (won.refused, won.unanswered, won.fix) == (refused, unanswered, fix)
    assert f"; but against the default scheduler: {why}: as it was" in won.sentence


def test_an_unfit_host_gives_no_answer() -> None:
    nothing = tune_answer(
        (SweepRound(1, 2, (gone("a=1", Leaving.UNFIT, "too noisy"),)),), [], None, SETTINGS
    )
    assert (nothing.outcome, nothing.unanswered) == (TuneOutcome.NO_ANSWER, True)
    assert (nothing.sentence, nothing.fix) == ("a=1: host unfit: too noisy", UNFIT_FIX)


def test_when_all_are_refused_that_is_said() -> None:
    rounds = (SweepRound(1, 2, (gone("a=1", Leaving.REJECTED), gone("a=2", Leaving.GUARDRAIL))),)
    refused = tune_answer(rounds, [], None, SETTINGS)
    assert (refused.outcome, refused.refused) == (TuneOutcome.NO_BETTER, True)
