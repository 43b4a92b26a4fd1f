from __future__ import annotations

import asyncio

import pytest

from schedtui.measure.catalogue import REQUEST_SERVICE, UNEVEN_BATCH
from schedtui.measure.trial import Bench, TrialError, broken_guardrails, run_trial
from schedtui.model.goal import Direction, Guardrail, Metric
from schedtui.model.trial import Effect, Outcome, Pair, TrialResult
from tests.fakes.bench import FakeBench

OBJECTIVE = (Metric.REQUEST_P99, Direction.LOWER)
RATE = Guardrail(Metric.RATE, Direction.HIGHER, 0.02, "throughput must not drop")


def levels(p99: float, rate: float) -> dict[str, float]:
    return {Metric.REQUEST_P99: p99, Metric.RATE: rate}


def bench(p99: float, rate: float = 500, noise: float = 0.03) -> FakeBench:
    return FakeBench(levels(200_000, 250), levels(p99, rate), noise=noise)


async def trial(
    on: FakeBench, guardrails: tuple[Guardrail, ...] = (RATE,), budget: float = 60.0
) -> TrialResult:
    return await run_trial(
        on,
        REQUEST_SERVICE,
        "mine",
        OBJECTIVE,
        guardrails,
        seconds_budget=budget,
        on_pair=lambda _pair, _effect: None,
    )


def test_the_fake_is_a_bench() -> None:
    fits: Bench = bench(1)
    assert fits.boot_id == "boot-1"


async def test_a_large_steady_gain_stops_at_three_pairs() -> None:
    on = bench(25_000)
    result = await trial(on)
    assert result.objective.pairs == len(result.pairs) == 3
    assert result.objective.outcome is Outcome.BETTER
    assert result.objective.factor == pytest.approx(8, rel=0.1)
    assert result.guardrails[0].outcome is Outcome.BETTER
    assert (result.max_wait_ms, result.baseline_max_wait_ms) == (12.0, 40.0)
    assert result.boot_id == "boot-1"
    assert not broken_guardrails(result, (RATE,))


async def test_order_is_abba_with_one_short_window_per_side_first() -> None:
    on = bench(25_000)
    await trial(on)
    order = "".join({"attach": "+", "detach": "-"}.get(call, call) for call in on.calls)
    assert order == "+B-A" + "A+B" + "B-A" + "A+B" + "-"
    assert [spec.seconds for spec in on.specs[:3]] == [1.0, 1.0, 4.0]
    assert on.specs[0].arguments[-2:] == ("-r", "1")


async def test_a_steady_drift_cancels() -> None:
    on = FakeBench(levels(100, 100), levels(100, 100), noise=0.002, drift=1.1)
    result = await trial(on, guardrails=())
    assert result.objective.pairs == 7
    assert result.objective.outcome is not Outcome.BETTER
    assert 0.9 < result.objective.factor < 1.1


async def test_no_difference_is_an_answer() -> None:
    on = FakeBench(levels(200_000, 250), levels(200_000, 250), noise=0.002)
    result = await trial(on)
    assert result.objective.outcome is Outcome.NO_DIFFERENCE


async def test_useless_candidates_are_rarely_called_better() -> None:
    better = 0
    for seed in range(120):
        on = FakeBench(levels(100, 100), levels(100, 100), noise=0.2, seed=seed)
        result = await trial(on, guardrails=())
        better += result.objective.outcome is Outcome.BETTER
    assert better <= 12


async def test_noise_runs_to_the_maximum() -> None:
    result = await trial(bench(190_000, noise=0.5))
    assert result.objective.pairs == 7


async def test_a_doubtful_guardrail_is_worth_more_pairs() -> None:
    on = FakeBench(levels(200_000, 250), levels(25_000, 244), noise=0.02)
    result = await trial(on)
    assert result.objective.pairs > 3


async def test_a_broken_guardrail_is_named() -> None:
    result = await trial(bench(25_000, rate=150))
    ((rail, seen),) = broken_guardrails(result, (RATE,))
    assert rail is RATE
    assert seen.factor == pytest.approx(0.6, rel=0.1)
    assert seen.outcome is Outcome.WORSE


async def test_the_budget_ends_it_but_never_before_two_pairs() -> None:
    on = bench(190_000, noise=0.5)
    on.window_s = 0.01
    result = await trial(on, budget=0.01)
    assert result.objective.pairs == 2
    assert not on.attached


async def test_a_missing_metric_is_a_sentence_and_detaches() -> None:
    on = bench(25_000)
    on.missing_after = 4
    with pytest.raises(TrialError, match="did not report request_p99_us"):
        await trial(on)
    assert not on.attached


async def test_an_ejection_says_so() -> None:
    on = bench(25_000)
    on.ejected_after = 3
    with pytest.raises(TrialError, match="the kernel threw it out"):
        await trial(on)
    assert not on.attached


async def test_an_ejection_explains_a_missing_result() -> None:
    on = bench(25_000)
    on.ejected_after = on.missing_after = 3
    with pytest.raises(TrialError, match="the kernel threw it out"):
        await trial(on)


async def test_another_boot_invalidates_the_pairs() -> None:
    on = bench(25_000)
    on.new_boot_after = 5
    with pytest.raises(TrialError, match="started anew"):
        await trial(on)


async def test_starving_tasks_are_named_once() -> None:
    on = bench(25_000)
    on.starving = ("kworker", "sshd")
    assert (await trial(on)).starved == ("kworker", "sshd")


async def test_cancelling_detaches() -> None:
    on = bench(25_000)
    on.window_s = 0.05
    task = asyncio.create_task(trial(on))
    await on.first_attached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not on.attached


async def test_each_pair_is_told_with_the_effect_so_far() -> None:
    told: list[tuple[Pair, Effect | None]] = []
    await run_trial(
        bench(25_000),
        UNEVEN_BATCH,
        "mine",
        OBJECTIVE,
        (),
        min_pairs=2,
        max_pairs=2,
        on_pair=lambda pair, effect: told.append((pair, effect)),
    )
    assert [pair.index for pair, _ in told] == [0, 1]
    assert [pair.baseline_first for pair, _ in told] == [True, False]
    assert told[0][1] is None
    assert told[1][1] is not None


async def test_one_pair_is_not_a_trial() -> None:
    with pytest.raises(ValueError, match="two pairs"):
        await run_trial(
            bench(1), UNEVEN_BATCH, "x", OBJECTIVE, (), min_pairs=1, on_pair=lambda *_: None
        )
