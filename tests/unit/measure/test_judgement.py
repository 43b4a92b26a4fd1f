"""What is claimed from a trial, and what is not."""

from __future__ import annotations

import dataclasses

import pytest

from schedtui.measure.catalogue import GAME_COMPILE, REQUEST_SERVICE, UNEVEN_BATCH, WORKLOADS
from schedtui.measure.ceiling import makespan_ceiling, share_reached
from schedtui.measure.control import ControlPlan, run_control
from schedtui.measure.judgement import judge_trial
from schedtui.measure.objectives import direction_of, metrics_of, usual_guardrails
from schedtui.measure.trial import run_trial
from schedtui.measure.wording import figure_text, sign_flip_text
from schedtui.model.goal import Direction, Guardrail, Metric
from schedtui.model.plan import Ceiling
from schedtui.model.results import Judgement
from schedtui.model.trial import Outcome, WorkloadSpec
from schedtui.toolchain.native import PROGRAMS
from tests.fakes.bench import FakeBench, PeriodicBench
from tests.fakes.samples import effect

P99 = Metric.REQUEST_P99
RATE = Guardrail(Metric.RATE, Direction.HIGHER, 0.02, "throughput must not drop")
SERVICE: dict[str, float] = {
    P99: 200_000.0,
    Metric.RATE: 250.0,
    "workers": 8,
    "service_p50_us": 2500.0,
}


def bench(p99: float, rate: float = 500.0, noise: float = 0.03, seed: int = 1) -> FakeBench:
    level = SERVICE | {"sleep_us": 100.0}
    return FakeBench(level, level | {P99: p99, Metric.RATE: rate}, noise=noise, seed=seed)


async def judged(
    on: FakeBench, rails: tuple[Guardrail, ...] = (), pairs: int = 7, *, controlled: bool = True
) -> Judgement:
    plan = ControlPlan(REQUEST_SERVICE, P99, Direction.LOWER, pairs)
    control = await run_control(on, plan, on_pair=lambda *_: None) if controlled else None
    result = await run_trial(
        on,
        REQUEST_SERVICE,
        "mine",
        (P99, Direction.LOWER),
        rails,
        max_pairs=pairs,
        on_pair=lambda *_: None,
    )
    return judge_trial(dataclasses.replace(result, control=control), rails)


async def test_a_large_gain_is_claimed_with_its_ceiling() -> None:
    seen = await judged(bench(25_000), (RATE,))
    assert seen.outcome is Outcome.BETTER
    assert seen.fit
    assert seen.sentence.startswith("request_p99_us 8.")
    assert 0.05 <= seen.minimum_detectable < 0.2
    assert (seen.guardrails[0].standing, seen.guardrails[0].held) == ("kept", True)
    assert seen.ceiling is not None
    assert seen.ceiling.factor == pytest.approx(20, rel=0.1)  # 200 ms by 8 x 2.5 ms / 2
    assert seen.share_of_ceiling == pytest.approx(0.92, abs=0.03)


async def test_no_difference_says_how_large_an_effect_it_rules_out() -> None:
    seen = await judged(bench(200_000, noise=0.002))
    assert seen.outcome is Outcome.NO_DIFFERENCE
    assert seen.sentence.endswith("pairs; any effect is smaller than 5%")


async def test_few_pairs_tell_how_little_the_exact_test_can_say() -> None:
    seen = await judged(bench(25_000))
    assert seen.sign_flip_p == seen.sign_flip_least == 0.25


async def test_many_pairs_have_a_sampled_p_that_is_never_below_its_least() -> None:
    for pairs in (13, 14, 20):
        on = bench(200_000 / 1.25, noise=0.02)
        result = await run_trial(
            on,
            REQUEST_SERVICE,
            "mine",
            (P99, Direction.LOWER),
            (),
            min_pairs=pairs,
            max_pairs=pairs,
            on_pair=lambda *_: None,
        )
        seen = judge_trial(result, ())
        assert seen.outcome is Outcome.BETTER
        assert 0 < seen.sign_flip_least <= seen.sign_flip_p < 0.01
        assert sign_flip_text(seen, pairs).startswith("p = 0.000")
        assert "sampled; so many pairs cannot give less than 0.00012" in sign_flip_text(seen, pairs)


async def test_a_noisy_host_claims_nothing_whatever_was_seen() -> None:
    for seed in range(5):
        seen = await judged(bench(25_000, noise=1.5, seed=seed))
        assert not seen.fit
        assert seen.outcome is Outcome.UNDECIDED
        assert "this host is too noisy: two windows" in seen.sentence


async def test_a_partial_host_wins_nothing_for_a_useless_policy() -> None:
    # A trial alone warms up with two windows, a control with one.
    alone = await judged(PeriodicBench(SERVICE, SERVICE, noise=0.01, offset=1), controlled=False)
    assert alone.outcome is Outcome.BETTER
    seen = await judged(PeriodicBench(SERVICE, SERVICE, noise=0.01))
    assert seen.outcome is Outcome.UNDECIDED
    assert "differs from itself" in seen.sentence


async def test_a_gain_below_what_the_host_shows_is_not_claimed() -> None:
    claims = [await judged(bench(200_000 / 1.1, noise=0.06, seed=seed)) for seed in range(20)]
    assert all(c.outcome is not Outcome.BETTER for c in claims if c.minimum_detectable > 0.15)
    assert any("too small a gain" in c.sentence for c in claims)


async def test_useless_policies_win_at_most_once_in_twenty_sessions() -> None:
    wins = 0
    for seed in range(20):
        on = bench(200_000, 250, noise=0.1, seed=seed)
        wins += (await judged(on)).outcome is Outcome.BETTER
    assert wins <= 1


async def test_the_exact_test_can_object() -> None:
    found = []
    for seed in range(60):
        on = bench(200_000 / 1.25, noise=0.12, seed=seed)
        found.append(await judged(on, pairs=6, controlled=False))
    objected = [seen for seen in found if "; the sign-flip test does not agree" in seen.sentence]
    assert objected
    assert all(seen.outcome is Outcome.UNDECIDED and seen.sign_flip_p > 0.05 for seen in objected)


async def test_a_broken_guardrail_is_judged_apart() -> None:
    seen = await judged(bench(25_000, rate=150), (RATE,))
    assert seen.outcome is Outcome.BETTER
    assert (seen.guardrails[0].standing, seen.guardrails[0].held) == ("broken", False)


def test_the_share_of_the_ceiling_is_that_of_the_possible_change() -> None:
    ceiling = makespan_ceiling(2000, 2950, 1000, 2)  # 1475 ms at best
    reached = dataclasses.replace(effect(), factor=2000 / 1600)
    assert share_reached(reached, ceiling) == pytest.approx(400 / 525)
    rate = dataclasses.replace(reached, direction=Direction.HIGHER, factor=2.0)
    assert share_reached(rate, Ceiling(Metric.RATE, 3.0, "")) == pytest.approx(0.5)
    assert share_reached(rate, Ceiling(Metric.RATE, 1.0, "")) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1e-308, "0"),
        (0.00001, "0.00001"),
        (0.000012344, "0.00001234"),
        (0.5, "0.5"),
        (12.3456, "12.35"),
        (1234567.8, "1,234,568"),
        (1e22, "10,000,000,000,000,000,000,000"),
    ],
)
def test_figures_have_no_exponent(value: float, text: str) -> None:
    assert figure_text(value) == text


def test_each_load_knows_its_metrics_and_guardrails() -> None:
    assert metrics_of(REQUEST_SERVICE)[0] == REQUEST_SERVICE.objective
    assert [rail.metric for rail in usual_guardrails(REQUEST_SERVICE, P99)] == [Metric.RATE]
    assert [rail.metric for rail in usual_guardrails(REQUEST_SERVICE, Metric.RATE)] == [P99]
    assert usual_guardrails(UNEVEN_BATCH, Metric.MAKESPAN) == ()
    (jobs,) = usual_guardrails(GAME_COMPILE, Metric.MISSED_FRAMES)
    assert (jobs.metric, jobs.direction) == ("jobs_per_s", Direction.HIGHER)
    assert direction_of("progress_pct") is direction_of("burnt_pct") is Direction.HIGHER
    assert direction_of("missed_periods_pct") is Direction.LOWER
    assert direction_of("low1_fps") is direction_of(Metric.RATE) is Direction.HIGHER
    assert direction_of(Metric.MAKESPAN) is Direction.LOWER


@pytest.mark.parametrize("spec", WORKLOADS, ids=lambda spec: spec.name)
def test_each_load_has_its_row_and_reports_what_is_in_it(spec: WorkloadSpec) -> None:
    names = metrics_of(spec)
    assert names[0] == spec.objective
    assert len(set(names)) == len(names)
    rails = usual_guardrails(spec, "none of them")
    assert rails
    assert {rail.metric for rail in rails} <= set(names)
    assert all(rail.direction is direction_of(rail.metric) for rail in rails)
    reported = "".join(
        (PROGRAMS.sources / f).read_text("utf-8") for f in (f"{spec.name}.c", "crew.h", "batch.h")
    )
    assert [name for name in names if f'"{name}"' not in reported] == []
