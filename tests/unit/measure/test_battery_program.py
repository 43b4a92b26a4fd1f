"""The battery itself, run for a moment on this machine, without any right to change it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from schedtui.measure.battery import COMMON_METRICS, EXERCISES, NEVER, ExerciseSpec, window
from tests.fakes.programs import workload_programs
from tests.processes import living

GUEST_ONLY = {"rt_hog", "cgroups", "lowly", "weights", "hotplug", "memory"}
HERE = [spec for spec in EXERCISES if spec.name not in GUEST_ONLY]
SECONDS = 0.3


@pytest.fixture(scope="module")
def program() -> Path:
    return workload_programs() / "battery"


def humble() -> dict[str, Any]:
    """Return how to start it without rights: it must not reach for the machine's priorities."""
    if os.geteuid():
        return {}
    return {"user": 65534, "group": 65534, "extra_groups": []}


def ran(program: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [str(program), *args, "--json"]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=20, check=False, **humble()
    )


def report_of(program: Path, spec: ExerciseSpec, **more: Any) -> dict[str, float]:
    done = ran(
        program, *window(spec, names="shy", seconds=SECONDS, **{"seed": 7, **more}).arguments
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    report = json.loads(line)
    assert report["kind"] == "final"
    metrics: dict[str, float] = report["metrics"]
    return metrics


def tasks_named(stem: str) -> list[str]:
    """Return the names of tasks that run; the dead may wait long for this machine's init."""
    return [process.name for process in living() if process.name.startswith(stem)]


@pytest.mark.parametrize("spec", HERE, ids=lambda spec: spec.name)
def test_each_exercise_reports_what_the_table_says_and_ends_in_time(
    program: Path, spec: ExerciseSpec
) -> None:
    started = time.monotonic()
    metrics = report_of(program, spec)
    assert time.monotonic() - started < SECONDS + 10  # most of it for a busy machine
    expected = {*COMMON_METRICS, *spec.metrics} - {"kthread_delay_ms", "kthread_delay_awake_ms"}
    spinners = {"work"} & set(metrics)
    assert set(metrics) - spinners == expected - spinners
    assert len(metrics) <= 32
    assert all(metrics[name] == 0 for name in (*NEVER, *spec.never))
    assert metrics["victim_steps"] >= 1
    assert metrics["victim_gap_ms"] >= metrics["victim_p99_ms"] / 1.02 > 1
    assert metrics["forks"] >= 1
    assert metrics["seconds"] >= SECONDS
    assert not tasks_named("shy-")


def test_rates_are_of_what_was_done(program: Path) -> None:
    for name in ("forks", "execs", "ping_pong", "convoy", "wakeups", "saturated"):
        spec = next(spec for spec in EXERCISES if spec.name == name)
        assert report_of(program, spec)[spec.rate] > 10


def test_equal_spinners_are_compared(program: Path) -> None:
    metrics = report_of(program, next(spec for spec in EXERCISES if spec.name == "saturated"))
    assert 0 < metrics["least_progress_pct"] <= 100
    assert metrics["least_progress_pct"] <= metrics["jain_pct"] <= 100.1


@pytest.mark.parametrize("name", sorted(GUEST_ONLY))
def test_what_changes_a_machine_is_refused_outside_a_guest(program: Path, name: str) -> None:
    done = ran(program, name, "--seconds", "0.2")
    assert (done.returncode, done.stdout) == (2, "")
    assert "guest" in done.stderr


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("--seconds", "1"),
        ("nothing_like_it",),
        ("idle", "--seconds", "x"),
        ("idle", "--seconds", "nan"),
        ("idle", "--seconds", "0"),
        ("idle", "--seconds", "99999"),
        ("idle", "--seed", "0"),
        ("idle", "--seconds"),
    ],
)
def test_odd_arguments_are_refused(program: Path, args: tuple[str, ...]) -> None:
    done = ran(program, *args)
    assert done.returncode == 2
    assert done.stdout == ""


def names_during(program: Path, seed: str) -> set[str]:
    """Return at least five names: a task just forked has its parent's until it takes its own."""
    command = [str(program), "saturated", "--seconds", "60", "--seed", seed, "--names", "masque"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, **humble()) as running:
        deadline = time.monotonic() + 20
        while len(found := set(tasks_named("masque-"))) < 5 and time.monotonic() < deadline:
            time.sleep(0.02)
        running.send_signal(signal.SIGKILL)
        running.wait()
    return found


def test_names_change_with_the_seed(program: Path) -> None:
    first, second = names_during(program, "1"), names_during(program, "2")
    assert min(len(first), len(second)) >= 5
    assert len(first & second) < 3


def test_its_tasks_go_with_it_however_it_ends(program: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        command = [str(program), "forks", "--seconds", "30", "--names", "mayfly"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, **humble()) as running:
            deadline = time.monotonic() + 5
            while len(found := tasks_named("mayfly-")) < 3 and time.monotonic() < deadline:
                time.sleep(0.02)
            assert len(found) >= 3
            running.send_signal(number)
            running.wait(timeout=3)
        deadline = time.monotonic() + 3
        while tasks_named("mayfly-") and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not tasks_named("mayfly-")


def test_a_victim_that_is_killed_is_missed(program: Path) -> None:
    command = [str(program), "idle", "--seconds", "1", "--names", "martyr", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, **humble()) as running:
        deadline = time.monotonic() + 5
        while len(victims := children_of(running.pid)) < 1 and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.2)
        os.kill(victims[0], signal.SIGKILL)
        said, _ = running.communicate(timeout=10)
    metrics = json.loads(said)["metrics"]
    assert (metrics["tasks_missing"], metrics["children_lost"]) == (1, 1)
    assert metrics["victim_gap_ms"] > 300


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
