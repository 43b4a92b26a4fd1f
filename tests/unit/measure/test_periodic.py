"""Periodic tasks beside hogs."""

from __future__ import annotations

import functools

import pytest

from tests.fakes.programs import Brief, briefly, compared_again, is_refused, workload_programs


@pytest.fixture(scope="module")
def brief() -> Brief:
    return functools.partial(
        briefly, workload_programs(), "periodic", figures=("wakeup_p50_us", "rate_per_s")
    )


def test_its_figures_fit_together(brief: Brief) -> None:
    seen = brief("--hogs", "2", figures=("rate_per_s", "hogs_cpu_pct"))
    assert seen["wakeup_p50_us"] <= seen["wakeup_p99_us"] <= seen["wakeup_max_us"]
    assert 0 <= seen["missed_periods_pct"] <= 100
    assert 0 < seen["rate_per_s"] < 3000
    assert 0 < seen["hogs_cpu_pct"] < 300


def test_work_longer_than_the_period_misses_most(brief: Brief) -> None:
    seen = brief("--period-us", "1000", "--work-us", "3500")
    # Each period is finished late, and those that pass meanwhile are left out.
    assert seen["missed_periods_pct"] > 95
    assert seen["rate_per_s"] < 3 * 1e6 / 3500
    assert seen["hogs_cpu_pct"] == 0


@compared_again
def test_hogs_make_it_late(brief: Brief) -> None:
    """It asks for half a CPU and gets a share among nine: most periods cannot be kept."""
    work = ("--period-us", "1000", "--work-us", "500")
    alone = brief(*work, one_cpu=True)
    beside = brief(*work, "--hogs", "8", one_cpu=True)
    assert beside["missed_periods_pct"] > 40
    assert beside["hogs_cpu_pct"] > alone["hogs_cpu_pct"] == 0
    assert beside["wakeup_p50_us"] > 2 * alone["wakeup_p50_us"]
    assert beside["missed_periods_pct"] > 1.3 * alone["missed_periods_pct"]


def test_each_task_has_its_own_periods(brief: Brief) -> None:
    work = ("--tasks", "4", "--period-us", "10000", "--work-us", "50")
    seen = brief(*work)
    # One alone would have a hundred per second.
    assert 120 < seen["rate_per_s"] < 1200


@pytest.mark.parametrize("args", [("--tasks", "0"), ("--period-us", "99"), ("--hogs", "257")])
def test_odd_options_are_refused(args: tuple[str, ...]) -> None:
    assert is_refused(workload_programs(), "periodic", *args)
