"""The storm of short-lived processes."""

from __future__ import annotations

import functools
import os

import pytest

from tests.fakes.programs import Brief, briefly, compared_again, is_refused, workload_programs


@pytest.fixture(scope="module")
def brief() -> Brief:
    return functools.partial(
        briefly, workload_programs(), "fork_storm", figures=("life_p50_us", "rate_per_s")
    )


def test_its_figures_fit_together(brief: Brief) -> None:
    seen = brief("--parents", "1", "--at-once", "3")
    assert seen["children"] > 5
    # Counted for a quarter of a second, on a slow machine for longer.
    assert seen["children"] / 5 < seen["rate_per_s"] < 20 * seen["children"]
    assert seen["start_p50_us"] <= seen["start_p99_us"]
    assert seen["life_p50_us"] <= seen["life_p99_us"]
    assert seen["start_p50_us"] < seen["life_p50_us"]
    assert seen["lost_children"] == seen["fork_failures"] == 0


@compared_again
def test_more_work_makes_longer_lives_and_a_lower_rate(brief: Brief) -> None:
    short = brief("--work-us", "200")
    long = brief("--work-us", "10000")
    assert long["life_p50_us"] >= 10_000
    assert long["life_p50_us"] > 2 * short["life_p50_us"]
    assert short["rate_per_s"] > 3 * long["rate_per_s"]
    # What the CPUs can do at most, and room for a window that was counted longer than timed.
    assert long["rate_per_s"] < 3 * len(os.sched_getaffinity(0)) * 1e6 / 10_000


@pytest.mark.parametrize("args", [("--parents", "0"), ("--at-once", "65"), ("--work-us", "some")])
def test_odd_options_are_refused(args: tuple[str, ...]) -> None:
    assert is_refused(workload_programs(), "fork_storm", *args)
