"""The chain of services."""

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
        briefly, workload_programs(), "service_chain", figures=("request_p50_us", "rate_per_s")
    )


def test_its_figures_fit_together(brief: Brief) -> None:
    seen = brief("--chains", "2", "--in-flight", "3")
    assert (seen["workers"], seen["stages"], seen["sleep_us"]) == (6, 4, 0)
    assert seen["rate_per_s"] > 5
    # No request is shorter than the CPU time of its stages, 200 us each.
    assert 4 * 200 <= seen["service_p50_us"] <= seen["request_p50_us"] <= seen["request_p99_us"]
    # Six in flight: the mean time is their number divided by the rate.
    assert seen["request_p99_us"] > 6e6 / seen["rate_per_s"] / 2
    for metric in (Metric.RATE, Metric.REQUEST_P99):
        assert ceiling_of(metric, seen, CPUS) is not None
    assert seen["rate_per_s"] * seen["service_p50_us"] < 3e6 * CPUS


@compared_again
def test_more_stages_take_longer(brief: Brief) -> None:
    few = brief("--in-flight", "1", "--stages", "2")
    many = brief("--in-flight", "1", "--stages", "12")
    assert many["service_p50_us"] > 3 * few["service_p50_us"]
    assert many["request_p50_us"] > 1.5 * few["request_p50_us"]


@compared_again
def test_requests_in_flight_wait_for_each_other(brief: Brief) -> None:
    lone = brief("--in-flight", "1", one_cpu=True)
    many = brief("--in-flight", "32", one_cpu=True)
    assert many["request_p50_us"] > 4 * lone["request_p50_us"]


@pytest.mark.parametrize("args", [("--stages", "0"), ("--stages", "17"), ("--in-flight", "-1")])
def test_odd_options_are_refused(args: tuple[str, ...]) -> None:
    assert is_refused(workload_programs(), "service_chain", *args)
