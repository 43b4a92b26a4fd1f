"""Steps with a barrier."""

from __future__ import annotations

import functools
import os

import pytest

from schedtui.measure.ceiling import ceiling_of
from schedtui.model.goal import Metric
from tests.fakes.programs import Brief, briefly, compared_again, is_refused, workload_programs

CPUS = len(os.sched_getaffinity(0))


@pytest.fixture(scope="module")
def brief() -> Brief:
    return functools.partial(
        briefly, workload_programs(), "barrier_steps", figures=("step_p50_us", "rate_per_s")
    )


def test_its_figures_fit_together(brief: Brief) -> None:
    seen = brief("--workers", "3", "--work-us", "1000")
    assert seen["workers"] == 3
    assert 1000 <= seen["step_p50_us"] <= seen["step_p99_us"]
    # Nobody is faster than the work; the histogram may say 1.6 % more than there was.
    assert 1 <= seen["straggler_ratio_p50"] <= seen["straggler_ratio_p99"]
    assert 3000 <= seen["service_p50_us"] < 3 * seen["step_p99_us"] * 1.1
    assert 1 < seen["rate_per_s"] < 3000
    assert ceiling_of(Metric.RATE, seen, CPUS) is not None


@compared_again
def test_more_workers_on_one_cpu_make_longer_steps(brief: Brief) -> None:
    few = brief("--workers", "2", one_cpu=True)
    many = brief("--workers", "12", one_cpu=True)
    assert many["step_p50_us"] > 2 * few["step_p50_us"]
    assert few["rate_per_s"] > 2 * many["rate_per_s"]


@compared_again
def test_a_slow_worker_is_a_straggler(brief: Brief) -> None:
    workers = ("--workers", "3", "--work-us", "500")
    even = brief(*workers, one_cpu=True)
    uneven = brief(*workers, "--slow-pct", "1900", one_cpu=True)
    assert uneven["step_p50_us"] >= 20 * 500
    assert uneven["straggler_ratio_p50"] > 1.5 * even["straggler_ratio_p50"]


@pytest.mark.parametrize("args", [("--workers", "1"), ("--workers", "65"), ("--slow-pct", "-5")])
def test_odd_options_are_refused(args: tuple[str, ...]) -> None:
    assert is_refused(workload_programs(), "barrier_steps", *args)
