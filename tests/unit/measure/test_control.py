"""The A/A control tells a noisy or partial host from a quiet one."""

from __future__ import annotations

import math
import statistics

import pytest

from schedtui.measure.catalogue import REQUEST_SERVICE
from schedtui.measure.control import CONTROL_PAIRS, ControlPlan, run_control
from schedtui.measure.statistics import MeasureError, detectable
from schedtui.model.goal import Direction, Metric
from schedtui.model.trial import Control, Outcome
from tests.fakes.bench import FakeBench, PeriodicBench

PLAN = ControlPlan(REQUEST_SERVICE, Metric.REQUEST_P99, Direction.LOWER, trial_pairs=7)
LEVEL: dict[str, float] = {Metric.REQUEST_P99: 200_000.0}
MUCH_BETTER: dict[str, float] = {Metric.REQUEST_P99: 20_000.0}


def quiet(seed: int = 1, noise: float = 0.03) -> FakeBench:
    return FakeBench(LEVEL, MUCH_BETTER, noise=noise, seed=seed)


async def control(on: FakeBench) -> Control:
    return await run_control(on, PLAN, on_pair=lambda _pair, _effect: None)


async def test_a_quiet_host_is_fit_after_a_few_windows() -> None:
    on = quiet()
    seen = await control(on)
    assert seen.unfit == ""
    assert len(seen.pairs) == seen.effect.pairs == CONTROL_PAIRS
    assert 0 < seen.detectable < 0.2
    assert seen.sign_flip_p >= 2 / 2**CONTROL_PAIRS


async def test_the_candidate_is_never_attached() -> None:
    on = quiet()
    seen = await control(on)
    assert set(on.calls) == {"A"}
    assert [spec.seconds for spec in on.specs] == [1.0] + [4.0] * 2 * CONTROL_PAIRS
    assert {w.scheduler for pair in seen.pairs for w in (pair.baseline, pair.candidate)} == {
        "default"
    }


async def test_quiet_hosts_are_rarely_called_unfit() -> None:
    alarms = [seed for seed in range(20) if (await control(quiet(seed))).unfit]
    assert len(alarms) <= 1


async def test_noisy_hosts_are_recognised() -> None:
    found = [(await control(quiet(seed, noise=1.2))).unfit for seed in range(20)]
    assert sum("scatter" in why for why in found) >= 19


async def test_a_host_that_favours_one_side_is_recognised() -> None:
    seen = await control(PeriodicBench(LEVEL, MUCH_BETTER, noise=0.01))
    assert seen.effect.outcome is Outcome.BETTER
    assert "differs from itself by 1.31x" in seen.unfit
    assert len(seen.pairs) == 2 * CONTROL_PAIRS
    assert seen.sign_flip_p <= 0.05


async def test_a_partiality_too_small_to_matter_is_no_reason() -> None:
    seen = await control(PeriodicBench(LEVEL, MUCH_BETTER, noise=0.0001, slower=1.01))
    assert seen.effect.outcome is Outcome.NO_DIFFERENCE
    assert seen.unfit == ""


async def test_noise_of_one_scheduler_is_told_from_few_windows() -> None:
    # Neighbouring windows differ by sqrt(2) times the noise of one.
    spreads = [(await control(quiet(seed, noise=0.1))).spread for seed in range(40)]
    assert statistics.fmean(spreads) == pytest.approx(0.1 * math.sqrt(2), rel=0.1)
    assert min(spreads) > 0.04


async def test_noise_that_leaves_room_for_large_gains_is_borne() -> None:
    seen = await control(quiet(seed=2, noise=0.2))
    assert seen.unfit == ""
    assert 0.2 < seen.detectable < 1


async def test_a_drift_cancels() -> None:
    on = FakeBench(LEVEL, MUCH_BETTER, noise=0.002, drift=1.05)
    assert (await control(on)).unfit == ""


async def test_each_pair_is_told() -> None:
    told: list[tuple[int, bool]] = []
    await run_control(
        quiet(), PLAN, on_pair=lambda pair, effect: told.append((pair.index, effect is not None))
    )
    assert told == [(0, False), (1, True), (2, True)]


async def test_a_load_without_the_metric_is_an_error() -> None:
    on = quiet()
    on.missing_after = 2
    with pytest.raises(MeasureError, match="did not report"):
        await control(on)


def test_more_pairs_show_less() -> None:
    assert detectable(0.1, 3) > detectable(0.1, 7) > detectable(0.1, 20) > 0
    assert detectable(0.0, 3) == 0
    assert detectable(0.1, 20) == pytest.approx(0.068, abs=0.002)
