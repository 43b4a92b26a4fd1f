"""Who goes on from round to round of a sweep, and who leaves at once."""

from __future__ import annotations

import dataclasses

import pytest

from schedtui.measure.halving import (
    halve,
    pairs_ahead,
    pairs_of_round,
    place_in_full_trial,
    place_in_round,
    ranked,
)
from schedtui.measure.statistics import Standing
from schedtui.model.results import Judgement, ResultRow
from schedtui.model.sweep import Leaving
from schedtui.model.trial import Outcome
from tests.fakes.heats import ScriptedHeats, gone, place
from tests.fakes.results import result_row, unfit_row

Script = dict[str, tuple[float | Leaving, ...]]


async def course(script: Script, most_pairs: int = 7) -> tuple[ScriptedHeats, tuple[str, ...]]:
    heats = ScriptedHeats(script)
    rounds, finalists = await halve(tuple(script), most_pairs, heats)
    assert rounds == tuple(heats.over)
    return heats, finalists


def fate(heats: ScriptedHeats, policy: str) -> Leaving | None:
    return [each for done in heats.over for each in done.places if each.policy == policy][-1].leaves


async def test_the_better_half_goes_on_to_twice_the_pairs() -> None:
    script: Script = {"a": (1.1,), "b": (3.0,), "c": (1.3,), "d": (2.0,), "e": (0.9,)}
    heats, finalists = await course(script, most_pairs=20)
    assert heats.begun == [
        (1, 2, ("a", "b", "c", "d", "e")),
        (2, 4, ("b", "d", "c")),
        (3, 8, ("b", "d")),
    ]
    assert finalists == ("b", "d")
    assert [each.policy for each in heats.over[0].places] == ["b", "d", "c", "a", "e"]


async def test_a_useless_policy_is_dropped() -> None:
    heats, finalists = await course({"useless": (1.0,), "good": (4.0,), "fair": (1.5,)})
    assert fate(heats, "useless") is Leaving.WORSE_HALF
    assert finalists[0] == "good"
    assert "useless" not in finalists


@pytest.mark.parametrize("why", [Leaving.GUARDRAIL, Leaving.REJECTED, Leaving.WORSE])
async def test_who_is_found_out_leaves_at_once_and_costs_nobody_a_place(why: Leaving) -> None:
    heats, finalists = await course({"bad": (why,), "a": (1.2,), "b": (1.1,), "foul": (why,)})
    assert heats.begun[1][2] == ("a", "b")
    assert heats.over[0].places[2:] == (gone("bad", why), gone("foul", why))
    assert finalists == ("a", "b")


async def test_a_lost_machine_sets_its_policy_aside_with_the_reason() -> None:
    heats, finalists = await course({"lost": (5.0, Leaving.NO_RESULT), "a": (2.0,), "b": (1.0,)})
    assert finalists == ("a",)
    last = heats.over[-1].places[-1]
    assert (last.policy, last.leaves, last.reason) == ("lost", Leaving.NO_RESULT, "so it is")


async def test_an_unfit_host_ends_it_for_all() -> None:
    seen: Script = {"a": (3.0,), "b": (2.0,), "c": (1.0,), "noisy": (Leaving.UNFIT,)}
    heats, finalists = await course({**seen, "d": (4.0,)})
    (only,) = heats.over
    assert [place.policy for place in only.places] == ["a", "b", "c", "noisy"]
    assert finalists == ()


async def test_ties_keep_the_order_in_which_they_came() -> None:
    script: Script = {"c": (2.0,), "a": (2.0,), "b": (2.0,)}
    first, finalists = await course(script)
    again, _ = await course(script)
    assert first.over == again.over
    assert first.begun[1][2] == ("c", "a")
    assert finalists == ("c", "a")


async def test_when_all_lose_nobody_is_left() -> None:
    heats, finalists = await course({"a": (Leaving.WORSE,), "b": (Leaving.WORSE,)})
    assert len(heats.over) == 1
    assert finalists == ()


async def test_one_policy_needs_no_round() -> None:
    heats, finalists = await course({"only": (1.0,)})
    assert (heats.begun, finalists) == ([], ("only",))


async def test_who_left_at_once_is_no_runner_up() -> None:
    _, finalists = await course({"a": (2.0,), "b": (Leaving.GUARDRAIL,)})
    assert finalists == ("a",)


def test_a_policy_without_figures_cannot_go_on() -> None:
    with pytest.raises(ValueError, match="x goes on without figures"):
        ranked([dataclasses.replace(place("x", 1.0), objective=None)])


def test_pairs_double_up_to_the_most_and_are_counted_ahead() -> None:
    assert [pairs_of_round(number, 7) for number in (1, 2, 3, 4)] == [2, 4, 7, 7]
    assert pairs_ahead(1, 5, 20) == 5 * 2 + 3 * 4 + 2 * 8
    assert pairs_ahead(3, 2, 7) == 2 * 7
    assert pairs_ahead(1, 1, 7) == 0


def good() -> tuple[ResultRow, Judgement]:
    """A policy that is eight times better."""
    row = result_row()
    assert row.judgement is not None
    return row, row.judgement


def with_outcome(outcome: Outcome) -> ResultRow:
    row, judgement = good()
    return dataclasses.replace(row, judgement=dataclasses.replace(judgement, outcome=outcome))


def with_rate(standing: Standing, *, held: bool) -> ResultRow:
    row, judgement = good()
    (rate,) = judgement.guardrails
    rails = (dataclasses.replace(rate, standing=standing.value, held=held),)
    return dataclasses.replace(row, judgement=dataclasses.replace(judgement, guardrails=rails))


def without_figures(rejections: tuple[str, ...] = (), no_result: str = "") -> ResultRow:
    row = dataclasses.replace(result_row(), rejections=rejections, no_result=no_result)
    return dataclasses.replace(row, judgement=None, trial=None)


def test_a_guardrail_must_be_proved_broken_in_a_round_and_held_in_the_full_trial() -> None:
    proved = with_rate(Standing.BROKEN, held=False)
    doubtful = with_rate(Standing.UNPROVEN, held=False)
    assert place_in_round(proved, 1).leaves is Leaving.GUARDRAIL
    assert "rate_per_s" in place_in_round(proved, 1).reason
    assert place_in_round(doubtful, 1).leaves is None
    assert place_in_round(doubtful, 1).reason == "in doubt, to be proved: rate_per_s"
    assert place_in_full_trial(doubtful, 1).leaves is Leaving.GUARDRAIL


@pytest.mark.parametrize(
    ("outcome", "in_round", "in_full"),
    [
        (Outcome.BETTER, None, None),
        (Outcome.NO_DIFFERENCE, None, Leaving.NOT_SHOWN),
        (Outcome.UNDECIDED, None, Leaving.NOT_SHOWN),
        (Outcome.WORSE, Leaving.WORSE, Leaving.WORSE),
    ],
)
def test_only_the_full_trial_says_better(
    outcome: Outcome, in_round: Leaving | None, in_full: Leaving | None
) -> None:
    tried = with_outcome(outcome)
    assert place_in_round(tried, 1).leaves is in_round
    assert place_in_full_trial(tried, 1).leaves is in_full


def test_an_unfit_host_is_said_before_anything_of_the_policy() -> None:
    for judge in (place_in_round, place_in_full_trial):
        found = judge(unfit_row(), 4)
        assert (found.leaves, found.id) == (Leaving.UNFIT, 4)
        assert found.reason.startswith("two windows under the same scheduler scatter by ")


def test_what_has_no_figures_says_why() -> None:
    thrown_out = without_figures(rejections=("the kernel threw it out",))
    lost = without_figures(no_result="the guest's kernel panicked")
    for judge in (place_in_round, place_in_full_trial):
        assert judge(thrown_out, 0) == gone("rtc_fifo", Leaving.REJECTED, "the kernel threw it out")
        assert judge(lost, 0) == gone("rtc_fifo", Leaving.NO_RESULT, "the guest's kernel panicked")


def test_a_place_keeps_its_figures_and_the_number_of_its_row() -> None:
    found = place_in_round(result_row(), 3)
    assert found.id == 3
    assert found.objective is not None
    assert found.objective.factor > 6
