"""The program in phases."""

from __future__ import annotations

import functools
import os

import pytest

from tests.fakes.programs import Brief, briefly, compared_again, is_refused, workload_programs

CPUS = len(os.sched_getaffinity(0))


@pytest.fixture(scope="module")
def brief() -> Brief:
    return functools.partial(briefly, workload_programs(), "phases", figures=("burnt_ms",))


def test_a_phase_not_reached_is_not_told_of(brief: Brief) -> None:
    early = brief("--phase-ms", "60000")
    assert early["phase"] == 0
    # Scaled from half a second to a whole phase.
    assert 1000 < early["burnt_ms"] < 3 * 60_000 * CPUS
    assert not {"messages", "rate_per_s", "round_trip_p99_us", "wakeup_max_us"} & set(early)


def test_its_figures_fit_together(brief: Brief) -> None:
    seen = brief("--phase-ms", "100", figures=("burnt_ms", "messages", "wakeup_max_us"))
    assert seen["burnt_ms"] == pytest.approx(seen["burnt_pct"] / 100 * 100 * CPUS, rel=0.01)
    assert 0 < seen["burnt_pct"] < 300
    assert seen["phase"] in (0, 1, 2)
    assert seen["messages"] > 1
    assert seen["messages"] == pytest.approx(seen["rate_per_s"] * 0.1, rel=0.01)
    assert seen["round_trip_p50_us"] <= seen["round_trip_p99_us"]
    assert seen["wakeup_max_us"] > 0


@compared_again
def test_a_longer_phase_holds_more_work(brief: Brief) -> None:
    short = brief("--phase-ms", "40", one_cpu=True)
    long = brief("--phase-ms", "200", one_cpu=True)
    assert short["burnt_ms"] < 2 * 40
    assert long["burnt_ms"] > 1.5 * short["burnt_ms"]


@pytest.mark.parametrize("args", [("--pairs", "0"), ("--pairs", "65"), ("--phase-ms", "9")])
def test_odd_options_are_refused(args: tuple[str, ...]) -> None:
    assert is_refused(workload_programs(), "phases", *args)
