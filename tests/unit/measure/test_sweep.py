"""From rounds and full trials to the baseline that a proposal must beat."""

from __future__ import annotations

import pytest

from schedtui.measure.sweep import all_refused, answer, next_one_has_its_turn
from schedtui.measure.wording import NO_RESULT_FIX, UNFIT_FIX
from schedtui.model.sweep import Found, Leaving, Place, SweepRound
from tests.fakes.heats import gone, place

BEHIND = gone("b", Leaving.WORSE_HALF)
ROUND = (SweepRound(1, 2, (place("a", 2.0), BEHIND)),)


def round_of(*places: Place) -> tuple[SweepRound, ...]:
    return (SweepRound(1, 2, places),)


def test_only_a_full_trial_makes_a_winner() -> None:
    won = answer(ROUND, [place("a", 2.0)])
    assert (won.outcome, won.winner) == (Found.WINNER, "a")
    assert won.sentence.startswith("a is better than the default: request_p99_us 2.00x [")
    assert answer(ROUND, [gone("a", Leaving.NOT_SHOWN)]).winner is None


@pytest.mark.parametrize("why", [Leaving.NOT_SHOWN, Leaving.WORSE, Leaving.GUARDRAIL])
def test_a_loser_leaves_the_default(why: Leaving) -> None:
    said = answer(ROUND, [gone("a", why)])
    assert (said.outcome, said.winner) == (Found.KEEP, None)
    assert said.sentence == "none of 2 policies was shown to be better than the default"


def test_when_all_lose_in_a_round_the_default_is_kept() -> None:
    rounds = round_of(gone("a", Leaving.WORSE), gone("b", Leaving.NO_RESULT))
    assert answer(rounds, []).outcome is Found.KEEP
    assert not all_refused(rounds, [])


@pytest.mark.parametrize(
    ("why", "fix"), [(Leaving.UNFIT, UNFIT_FIX), (Leaving.NO_RESULT, NO_RESULT_FIX)]
)
def test_without_a_verdict_there_is_no_answer(why: Leaving, fix: str) -> None:
    said = answer(ROUND, [gone("a", why, "the guest was lost")])
    assert said.outcome is Found.NO_ANSWER
    assert said.sentence == f"a: {why}: the guest was lost"
    assert said.fix == fix


def test_when_every_machine_is_lost_there_is_no_answer() -> None:
    rounds = round_of(gone("a", Leaving.NO_RESULT), gone("b", Leaving.NO_RESULT))
    assert answer(rounds, []).outcome is Found.NO_ANSWER


def test_an_unfit_host_leaves_everything_open() -> None:
    rounds = round_of(gone("a", Leaving.REJECTED), gone("b", Leaving.UNFIT, "too noisy"))
    said = answer(rounds, [])
    assert (said.outcome, said.sentence) == (Found.NO_ANSWER, "b: host unfit: too noisy")


def test_the_runner_up_wins_where_the_first_was_found_out() -> None:
    full = [gone("a", Leaving.GUARDRAIL), place("b", 1.5)]
    assert answer(ROUND, full).winner == "b"


def test_a_lost_first_and_a_beaten_runner_up_decide_nothing() -> None:
    full = [gone("a", Leaving.NO_RESULT, "lost"), gone("b", Leaving.NOT_SHOWN)]
    assert answer(ROUND, full).outcome is Found.NO_ANSWER


def test_the_runner_up_has_its_turn_only_where_the_first_cannot_be_used() -> None:
    turns = {why for why in Leaving if next_one_has_its_turn(gone("a", why))}
    assert turns == {Leaving.REJECTED, Leaving.GUARDRAIL, Leaving.NO_RESULT}
    assert not next_one_has_its_turn(place("a", 2.0))


def test_refused_is_only_said_of_all() -> None:
    rejected, broken = gone("a", Leaving.REJECTED), gone("b", Leaving.GUARDRAIL)
    assert all_refused(round_of(rejected, broken), [])
    assert not all_refused(round_of(rejected, BEHIND), [])
    assert all_refused(round_of(place("a", 2.0), broken), [rejected])


def test_one_policy_is_told_as_one() -> None:
    said = answer((), [gone("a", Leaving.NOT_SHOWN)])
    assert said.sentence == "the policy was not shown to be better than the default"
