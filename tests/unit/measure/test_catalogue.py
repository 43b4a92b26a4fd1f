from __future__ import annotations

import pytest

from schedtui.measure import battery
from schedtui.measure.catalogue import (
    COMMAND,
    WORKLOADS,
    load_arguments,
    named,
    shortened,
    window_timeout_s,
    workload,
)
from schedtui.model.goal import Metric
from schedtui.toolchain.native import PROGRAMS


def test_each_workload_has_a_program() -> None:
    programs = {path.stem for path in PROGRAMS.sources.glob("*.c")}
    assert {spec.name for spec in WORKLOADS} == programs - {battery.PROGRAM, COMMAND}


def test_each_workload_says_what_it_reports() -> None:
    for spec in WORKLOADS:
        assert spec.objective in set(Metric)
        assert len(spec.reports) > 40
        assert window_timeout_s(spec) > spec.seconds


def test_each_workload_states_what_its_program_does_not_count() -> None:
    for spec in WORKLOADS:
        source = (PROGRAMS.sources / f"{spec.name}.c").read_text("utf-8")
        stated = f"{spec.settle_s * 1000:.0f} * NS_PER_MS" if spec.settle_s else "batch.h"
        assert stated in source or spec.name == "phases"
        assert ("250 * NS_PER_MS" in source) is (spec.settle_s == 0.25)


def test_a_load_has_no_end() -> None:
    assert load_arguments(workload("request_service")) == (
        *("--names", "service-worker,service-message"),
        *("-m", "2", "-t", "4", "-n", "5", "-F", "64"),
    )
    assert load_arguments(workload("uneven_batch"))[-1] == "--loop"


def test_only_what_is_looked_at_has_names_that_tell() -> None:
    for spec in WORKLOADS:
        assert "--names" not in spec.arguments
        assert named(spec).arguments[-len(spec.arguments) :] == spec.arguments
    assert named(workload("game_compile")).arguments[:2] == ("--names", "game,make,cc")
    assert named(workload("periodic")) == workload("periodic")


def test_shortening_keeps_everything_else() -> None:
    spec = workload("game_compile")
    short = shortened(spec, 1)
    assert short.seconds == 1.0
    assert short.arguments == (*spec.arguments[:-1], "1")
    assert shortened(workload("uneven_batch"), 1) == workload("uneven_batch")
    assert shortened(spec, 60) == spec


def test_an_unknown_workload() -> None:
    with pytest.raises(KeyError):
        workload("mining")
