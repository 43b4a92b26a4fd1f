"""Abusers beside a victim."""

from __future__ import annotations

import functools
import os
import subprocess

import pytest

from tests.fakes.programs import (
    Brief,
    briefly,
    compared_again,
    group_of,
    is_refused,
    running,
    soon,
    workload_programs,
)


@pytest.fixture(scope="module")
def brief() -> Brief:
    return functools.partial(
        briefly, workload_programs(), "adversary", figures=("wakeup_p50_us", "progress_pct")
    )


@pytest.mark.parametrize("mode", ["fork", "yield", "pingpong", "nice"])
def test_each_mode_measures_victim_and_abuse(brief: Brief, mode: str) -> None:
    seen = brief("--mode", mode, "--abusers", "2", figures=("progress_pct", "abuse_per_s"))
    assert 0 < seen["wakeup_p50_us"] <= seen["wakeup_p99_us"] <= seen["wakeup_max_us"]
    assert 0 < seen["progress_pct"] < 300
    assert seen["abuse_per_s"] > 10
    assert seen["fork_failures"] == 0


@compared_again
def test_abusers_hold_the_victim_back(brief: Brief) -> None:
    """It wants half of a CPU and gets a share among nine."""
    wants = ("--mode", "pinned", "--pause-us", "1000", "--work-us", "1000")
    alone = brief(*wants, "--abusers", "0", one_cpu=True)
    beside = brief(*wants, "--abusers", "8", one_cpu=True)
    assert beside["abuse_per_s"] > alone["abuse_per_s"] == 0
    assert beside["progress_pct"] < 80
    assert alone["progress_pct"] > 1.3 * beside["progress_pct"]


def test_pinned_abusers_are_bound_to_the_cpus_in_turn() -> None:
    cpus = sorted(os.sched_getaffinity(0))
    with running(workload_programs(), "adversary", "--mode", "pinned", "--abusers", "3") as process:
        wanted = ([{cpus[index % len(cpus)]} for index in range(3)], [set(cpus)])
        assert soon(lambda: affinities(process) == wanted), affinities(process)


def affinities(process: subprocess.Popen[bytes]) -> tuple[list[set[int]], list[set[int]]]:
    """Return the CPUs of each abuser and of the victim."""
    crew = sorted(group_of(process).items())
    bound, free = (
        [os.sched_getaffinity(pid) for pid, name in crew if name == role]
        for role in ("task-a", "task-b")
    )
    return bound, free


def test_the_nice_one_is_the_victim() -> None:
    with running(workload_programs(), "adversary", "--mode", "nice", "--abusers", "2") as process:
        own = os.getpriority(os.PRIO_PROCESS, process.pid)
        assert soon(lambda: niceness(process) == {("task-a", own), ("task-b", 19)})


def niceness(process: subprocess.Popen[bytes]) -> set[tuple[str, int]]:
    return {(name, os.getpriority(os.PRIO_PROCESS, pid)) for pid, name in group_of(process).items()}


@pytest.mark.parametrize("args", [("--mode", "angry"), ("--abusers", "129"), ("--work-us", "0")])
def test_odd_options_are_refused(args: tuple[str, ...]) -> None:
    assert is_refused(workload_programs(), "adversary", *args)
