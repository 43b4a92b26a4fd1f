from __future__ import annotations

import pytest

from schedtui.measure.ceiling import (
    ceiling_of,
    fair_makespan_ms,
    makespan_ceiling,
    missed_frames_ceiling,
    rate_ceiling,
    request_ceiling,
)
from schedtui.model.goal import Metric


def test_rate_of_the_oversubscribed_service() -> None:
    # Eight workers, two CPUs, 2.55 ms of service: 784 requests per second at most.
    ceiling = rate_ceiling(272, workers=8, cpus=2, service_us=2550, sleep_us=100)
    assert ceiling.factor == pytest.approx(784.3 / 272, rel=1e-3)
    assert "784 per s" in ceiling.arithmetic


def test_rate_is_bound_by_few_workers() -> None:
    ceiling = rate_ceiling(100, workers=1, cpus=8, service_us=900, sleep_us=100)
    assert ceiling.factor == pytest.approx(10)


def test_request_latency_of_the_oversubscribed_service() -> None:
    ceiling = request_ceiling(110_000, workers=8, cpus=2, service_us=2550, sleep_us=100)
    assert ceiling.factor == pytest.approx(110 / 10.2)
    assert "10.20 ms" in ceiling.arithmetic


def test_request_latency_alone_is_service_and_sleep() -> None:
    ceiling = request_ceiling(5300, workers=1, cpus=2, service_us=2550, sleep_us=100)
    assert ceiling.factor == pytest.approx(2)


@pytest.mark.parametrize(
    ("cpus", "ratio", "reduction"),
    [(2, 39, 32.8), (2, 20, 24.4), (2, 10, 15.5), (4, 13, 40.9), (8, 5, 38.9), (16, 3, 33.3)],
)
def test_makespan_agrees_with_the_published_table(cpus: int, ratio: int, reduction: float) -> None:
    now = fair_makespan_ms(39, 1.0, float(ratio), cpus)
    ceiling = makespan_ceiling(now, 39.0 + ratio, float(ratio), cpus)
    assert 100 * (1 - 1 / ceiling.factor) == pytest.approx(reduction, abs=0.06)


def test_the_built_in_batch() -> None:
    assert fair_makespan_ms(39, 50, 1000, 2) == 1950
    ceiling = makespan_ceiling(1950, 2950, 1000, 2)
    assert ceiling.factor == pytest.approx(1950 / 1475)
    assert "1475 ms" in ceiling.arithmetic
    assert "24 % shorter" in ceiling.arithmetic


def test_no_room_is_said_as_one() -> None:
    assert makespan_ceiling(1000, 2000, 1000, 2).factor == 1.0
    assert missed_frames_ceiling(0.0).factor == 1.0
    assert missed_frames_ceiling(30.0).factor == pytest.approx(100)


def test_from_a_load_report() -> None:
    load = {"rate_per_s": 272.0, "workers": 8.0, "service_p50_us": 2550.0, "sleep_us": 100.0}
    ceiling = ceiling_of(Metric.RATE, load, 2)
    assert ceiling is not None
    assert ceiling.metric == Metric.RATE
    batch = {"makespan_ms": 1950.0, "cpu_total_ms": 2950.0, "longest_cpu_ms": 1000.0}
    assert ceiling_of(Metric.MAKESPAN, batch, 2) is not None
    assert ceiling_of(Metric.MISSED_FRAMES, {"missed_frames_pct": 9.0}, 2) is not None


def test_what_cannot_be_told_is_none() -> None:
    assert ceiling_of(Metric.REQUEST_P99, {"request_p99_us": 10.0}, 2) is None
    assert ceiling_of(Metric.WAKEUP_P99, {"wakeup_p99_us": 10.0}, 2) is None
    assert ceiling_of(Metric.MAKESPAN, {"makespan_ms": 0.0, "cpu_total_ms": 1.0}, 2) is None


def test_impossible_quantities_are_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        rate_ceiling(0, 8, 2, 2550, 100)
    with pytest.raises(ValueError, match="fair sharing"):
        fair_makespan_ms(1, 50, 1000, 8)
