"""A noisy host is recognised: spoilt pairs are dropped, repeated within a cap, and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from schedtui.measure.catalogue import REQUEST_SERVICE
from schedtui.measure.contamination import contamination, most_repeats
from schedtui.measure.control import ControlPlan, run_control
from schedtui.measure.judgement import judge_trial
from schedtui.measure.objectives import HOST_ENERGY
from schedtui.measure.recheck import recheck
from schedtui.measure.report import report
from schedtui.measure.trial import run_trial
from schedtui.measure.wording import energy_text, host_text
from schedtui.model.goal import Direction, Metric
from schedtui.model.trial import Disturbance, Outcome, Pair, TrialResult, Window
from tests.fakes.bench import FakeBench
from tests.fakes.results import result_row

P99 = Metric.REQUEST_P99
WARM_UP = (0.0, 0.0)
WORSE_AND_WORSE = (*WARM_UP, 0.0, 0.12, 0.16, 0.0, 0.0, 0.3, 0.7, 0.0, 0.0, 0.8, 1.0, 0.0)


def window(kept: float | None) -> Window:
    seen = None if kept is None else Disturbance(kept, 0.0, 0.4, 0.9)
    return Window("default", (), seen)


def pair(before: float | None, after: float | None) -> Pair:
    return Pair(0, window(before), window(after), baseline_first=True)


async def trial(on: FakeBench, pairs: int = 4) -> tuple[TrialResult, list[Pair]]:
    dropped: list[Pair] = []
    result = await run_trial(
        on,
        REQUEST_SERVICE,
        "mine",
        (P99, Direction.LOWER),
        (),
        min_pairs=pairs,
        max_pairs=pairs,
        on_pair=lambda *_: None,
        on_dropped=dropped.append,
    )
    return result, dropped


def bench(kept: Sequence[float] | None, p99: float = 100.0) -> FakeBench:
    return FakeBench({P99: 200.0}, {P99: p99}, noise=0.02, kept=kept)


@pytest.mark.parametrize(
    ("before", "after", "usual", "said"),
    [
        (0.02, 0.31, (), "31% of its CPU time from the guest in one window and 2% in the other"),
        (0.31, 0.02, ((0.02, 0.03),), "31% of its CPU time"),
        (0.40, 0.38, ((0.05, 0.06), (0.07, 0.06)), "40% of its CPU time from the guest, 6% is"),
        (0.40, 0.38, ((0.4, 0.35), (0.41, 0.4)), ""),  # always so: it keeps from both alike
        (0.01, 0.02, ((0.4, 0.35), (0.41, 0.4)), ""),  # and it may become quiet
        (0.40, 0.38, (), ""),
        (0.40, 0.38, ((0.05, 0.06),), ""),  # one pair is no habit
        (0.60, 0.45, ((0.6, 0.5), (0.5, 0.6), (0.5, 0.6)), ""),  # no more uneven than ever
        (0.75, 0.45, ((0.6, 0.5), (0.5, 0.6), (0.5, 0.6)), "75% of its CPU time"),
        (None, 0.9, ((0.0, 0.0),), ""),  # nobody can see it
    ],
)
def test_a_pair_is_judged_by_the_host_alone(
    before: float | None, after: float | None, usual: tuple[tuple[float, float], ...], said: str
) -> None:
    found = contamination(pair(before, after), [pair(*kept) for kept in usual])
    assert said in found
    assert bool(found) is bool(said)


def test_what_counts_is_what_the_guest_did_not_get() -> None:
    assert Disturbance(0.2, 0.5, 1.0, 1.0).score == pytest.approx(0.6)
    assert Disturbance(0.0, 0.0, 1.0, 1.0).score == 0  # others used CPUs that it did not want
    assert Disturbance(None, 0.0, 0.0, 0.3).score == pytest.approx(0.3)
    assert Disturbance(None, 0.0, 0.0, None).score == 0


async def test_spoilt_pairs_are_measured_again_in_the_same_order() -> None:
    on = bench((*WARM_UP, 0, 0, 0, 0.5, 0, 0, 0, 0, 0, 0))
    result, dropped = await trial(on)
    assert [each.index for each in result.pairs] == [0, 1, 2, 3]
    assert not [each for each in result.pairs if each.contaminated]
    assert list(result.dropped) == dropped
    assert [(each.index, each.baseline_first) for each in dropped] == [(1, False)]
    assert dropped[0].baseline.metrics  # its raw figures stay for the record
    order = "".join(call for call in on.calls if call in "AB")
    assert order == "BA" + "AB" + "BA" + "BA" + "AB" + "BA"


async def test_a_host_that_stays_busier_spoils_no_more_than_the_first_pairs() -> None:
    quiet, busy = (0.0,) * 2 * 3, (0.5,) * 2 * 9
    result, dropped = await trial(bench((*WARM_UP, *quiet, *busy)), pairs=7)
    assert [each.index for each in dropped] == [3, 3]
    assert not [each for each in result.pairs if each.contaminated]


async def test_repeating_has_a_cap_and_what_counts_all_the_same_is_marked() -> None:
    result, dropped = await trial(bench(WORSE_AND_WORSE))
    assert len(dropped) == most_repeats(4) == 2
    assert len(result.pairs) == 4
    assert all(each.contaminated for each in result.pairs)
    said = host_text(result)
    assert "of its CPU time from the guest (default 0%, candidate 75%)" in said
    assert "2 pairs dropped and repeated, the first as the host kept 12%" in said
    assert "4 more of the same kind count" in said


async def test_a_claim_that_hangs_on_spoilt_pairs_is_not_made() -> None:
    spoilt, _ = await trial(bench(WORSE_AND_WORSE))
    assert spoilt.objective.outcome is Outcome.BETTER
    judged = judge_trial(spoilt, ())
    assert judged.outcome is Outcome.UNDECIDED
    assert "hangs on 4 of 4 pairs that the host has spoilt" in judged.sentence
    one_good = (replace(spoilt.pairs[0], contaminated=""), *spoilt.pairs[1:])
    assert judge_trial(replace(spoilt, pairs=one_good), ()).outcome is Outcome.BETTER


async def test_a_host_that_favours_one_side_wins_nothing() -> None:
    favours_candidate = (*WARM_UP, *(0.5, 0.0, 0.0, 0.5) * 4)
    seen, _ = await trial(bench(favours_candidate))
    assert seen.objective.outcome is Outcome.BETTER
    judged = judge_trial(seen, ())
    assert judged.outcome is Outcome.UNDECIDED
    assert "not even-handed: it kept 25%" in judged.sentence
    assert "(default 50%, candidate 0%)" in judged.sentence
    # What was lost although the host kept less from it was lost all the more.
    seen, _ = await trial(bench(favours_candidate, p99=400.0))
    assert judge_trial(seen, ()).outcome is Outcome.WORSE


async def test_a_quiet_host_costs_nothing() -> None:
    for kept in ((0.0,), None):
        result, dropped = await trial(bench(kept))
        assert (len(result.pairs), dropped) == (4, [])
    assert "nobody could see" in host_text(result)


async def test_the_control_measures_spoilt_pairs_again_too() -> None:
    plan = ControlPlan(REQUEST_SERVICE, P99, Direction.LOWER, trial_pairs=7)
    dropped: list[Pair] = []
    on = bench((0.0, 0.0, 0.9, 0.0))
    seen = await run_control(on, plan, on_pair=lambda *_: None, on_dropped=dropped.append)
    assert list(seen.dropped) == dropped
    assert (len(seen.pairs), len(dropped)) == (plan.pairs, 1)


def test_a_kept_row_cannot_hide_pairs_that_nothing_speaks_against() -> None:
    row = result_row()
    assert row.trial is not None
    assert recheck(row) == ""
    spoilt = replace(row.trial.pairs[0], contaminated="the host kept 50%")
    for dropped, believed in (
        ((spoilt,), True),
        ((row.trial.pairs[0],), False),
        ((spoilt,) * (1 + most_repeats(row.max_pairs)), False),
    ):
        changed = replace(row, trial=replace(row.trial, dropped=dropped))
        assert (recheck(changed) == "") is believed


def test_the_page_shows_dropped_pairs_with_their_reason() -> None:
    row = result_row()
    assert row.trial is not None
    seen = replace(row.trial.pairs[0].baseline, disturbance=Disturbance(0.123, 0.0, 0.4, None))
    spoilt = replace(row.trial.pairs[0], baseline=seen, contaminated="<b>the host kept 50%")
    pairs = (spoilt, *row.trial.pairs[1:])
    page = report(replace(row, trial=replace(row.trial, dropped=(spoilt,), pairs=pairs)), 1)
    assert page.count(">spoilt pair 1</text>") == 1
    assert page.count(">pair 2</text>") == 1
    assert "Raw windows of dropped pairs" in page
    assert "pair 1: &lt;b&gt;the host kept 50%" in page
    assert "host: delayed, %</td>" in page
    assert ">12.3</td>" in page


async def test_energy_is_shown_where_it_is_counted_and_never_judged() -> None:
    used = {P99: 200.0, HOST_ENERGY: 40.0}
    on = FakeBench(used, used | {HOST_ENERGY: 60.0}, noise=0.001)
    seen, _ = await trial(on)
    said = energy_text(seen)
    assert "40" in said.split(" by default")[0]
    assert "0.67x" in said
    assert judge_trial(seen, ()).outcome is Outcome.NO_DIFFERENCE
    silent, _ = await trial(bench(None))
    assert energy_text(silent) == ""
