"""The programs themselves, run for about a second each on this machine."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schedtui.measure.catalogue import WORKLOADS, load_arguments
from schedtui.measure.ceiling import fair_makespan_ms
from tests.fakes.programs import final, lines_of, workload_programs
from tests.processes import living

PR_SET_CHILD_SUBREAPER = 36


@pytest.fixture(scope="module")
def programs() -> Path:
    return workload_programs()


def words(text: str) -> list[str]:
    return text.split()


@pytest.fixture
def adopting() -> Iterator[None]:
    """Orphans become children of this process, as they do on a guest's first process."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    yield
    assert libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) == 0


def group_ends(group: int) -> bool:
    """Reap all of a group; False when one of them is alive after a second."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            if os.waitpid(-group, os.WNOHANG)[0] == 0:
                time.sleep(0.01)
        except ChildProcessError:
            return True
    return False


def wait_for(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def test_service_reports_what_it_promises(programs: Path) -> None:
    lines = lines_of(programs, "request_service", *words("-m 2 -t 2 -n 2 -F 64 -r 2"))
    assert [line["kind"] for line in lines][-1] == "final"
    assert lines[0]["kind"] == "second"
    seen = lines[-1]["metrics"]
    assert seen["rate_per_s"] > 10
    assert seen["wakeup_p50_us"] <= seen["wakeup_p99_us"]
    assert seen["service_p50_us"] <= seen["request_p50_us"] <= seen["request_p99_us"]
    assert (seen["workers"], seen["sleep_us"], seen["fork_failures"]) == (4, 100, 0)


def test_preempted_lock_holders_cost_most_of_the_rate(programs: Path) -> None:
    """Needs more workers than CPUs; the host's own scheduler is the fair one here."""
    arguments = words(f"-m 2 -t {2 * (os.cpu_count() or 2)} -n 5 -F 64 -r 1")
    ratios = []
    for _ in range(2):
        with_locks = final(programs, "request_service", *arguments)
        without = final(programs, "request_service", *arguments, "-L")
        ratios.append(without["rate_per_s"] / with_locks["rate_per_s"])
    assert max(ratios) > 1.3


def test_batch_is_as_long_as_fair_sharing_says(programs: Path) -> None:
    cpus = os.sched_getaffinity(0)
    two = set(list(cpus)[:2])
    arguments = words("--short 19 --short-ms 20 --long 1 --long-ms 400")
    seen = final(
        programs, "uneven_batch", *arguments, preexec_fn=lambda: os.sched_setaffinity(0, two)
    )
    theory = fair_makespan_ms(19, 20, 400, len(two))
    assert seen["jobs"] == 20
    assert seen["cpu_total_ms"] == 780
    assert seen["longest_cpu_ms"] == 400
    assert seen["lost_jobs"] == seen["fork_failures"] == 0
    # No schedule beats the bound; busy neighbours on this machine make it several times longer.
    assert max(400, 780 / len(two)) <= seen["makespan_ms"] < 20 * theory
    assert seen["mean_completion_ms"] < seen["makespan_ms"]


def test_a_uniform_batch_is_one_without_a_longest_job(programs: Path) -> None:
    two = set(list(os.sched_getaffinity(0))[:2])
    arguments = words("--jobs 6 --job-ms 50 --names even")
    seen = final(
        programs, "uniform_batch", *arguments, preexec_fn=lambda: os.sched_setaffinity(0, two)
    )
    assert (seen["jobs"], seen["cpu_total_ms"], seen["longest_cpu_ms"]) == (6, 300, 50)
    assert seen["mean_completion_ms"] <= seen["makespan_ms"]
    assert seen["makespan_ms"] >= 300 / len(two)
    refused = subprocess.run(
        [programs / "uniform_batch", *words("--names a-name-that-is-too-long")],
        capture_output=True,
        timeout=5,
        check=False,
    )
    assert refused.returncode != 0
    assert b"at most 15 letters" in refused.stderr


def test_batch_loops_and_names_its_jobs(programs: Path) -> None:
    with subprocess.Popen(
        [
            programs / "uneven_batch",
            *words("--json --loop --short 2 --short-ms 200 --long 1"),
            *words("--long-ms 400 --names some,other"),
        ],
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        names = set[str]()

        def both_seen() -> bool:
            names.update(process.name for process in living())
            return {"some", "other"} <= names

        assert wait_for(both_seen)
        assert process.stdout is not None
        # A round takes as long as the machine lets it.
        while json.loads(process.stdout.readline())["metrics"].get("rounds", 0) < 1:
            continue
        process.terminate()
        out, _ = process.communicate(timeout=5)
    last = json.loads(out.splitlines()[-1])
    assert last["kind"] == "final"
    assert last["metrics"]["rounds"] >= 1
    assert last["metrics"]["makespan_ms"] >= 400


def test_game_reports_what_it_promises(programs: Path) -> None:
    seen = final(programs, "game_compile", *words("--hz 60 --work-us 2000 --jobs 2 -r 2"))
    assert 0 <= seen["missed_frames_pct"] <= 100
    assert 0 < seen["frames"] <= 121
    assert seen["frame_p99_us"] >= seen["frame_p50_us"] >= 2000 / 3
    assert 0 < seen["low1_fps"] < 70
    assert seen["wakeup_p99_us"] > 0
    assert seen["jobs_per_s"] > 1
    assert seen["fork_failures"] == 0


@pytest.mark.parametrize("kind", [(), ("--threads",)])
def test_messages_are_all_received(programs: Path, kind: tuple[str, ...]) -> None:
    seen = final(programs, "messages", *words("-g 2 -t 3 -l 200"), *kind)
    assert seen["messages"] == 2 * 3 * 3 * 200
    assert seen["total_ms"] > 0
    assert seen["rate_per_s"] == pytest.approx(1000 * 3600 / seen["total_ms"], rel=1e-3)


def test_messages_run_for_a_time(programs: Path) -> None:
    seen = final(programs, "messages", *words("-g 1 -t 2 -r 1"))
    assert seen["total_ms"] == pytest.approx(1000, rel=0.3)
    assert seen["rate_per_s"] > 100


@pytest.mark.parametrize("spec", WORKLOADS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_child_outlives_an_endless_load(
    programs: Path, adopting: None, spec: Any, number: int
) -> None:
    with subprocess.Popen(
        [programs / spec.name, "--json", *load_arguments(spec)],
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        time.sleep(0.3)
        process.send_signal(number)
        out, _ = process.communicate(timeout=5)
        assert group_ends(process.pid)
    if number == signal.SIGTERM:
        assert process.returncode == 0
        assert json.loads(out.splitlines()[-1])["kind"] == "final"


@pytest.mark.parametrize("spec", WORKLOADS, ids=lambda spec: spec.name)
def test_a_held_program_ends_with_its_stdin(programs: Path, adopting: None, spec: Any) -> None:
    with subprocess.Popen(
        [programs / spec.name, "--json", "--hold", *load_arguments(spec)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        time.sleep(0.2)
        process.stdin.close()
        assert process.wait(timeout=3) == 0
        assert group_ends(process.pid)


def without_forks() -> None:
    os.setgid(65534)
    os.setuid(65534)
    resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))


@pytest.mark.skipif(os.geteuid() != 0, reason="a limit of processes binds only another user's")
@pytest.mark.parametrize("spec", WORKLOADS, ids=lambda spec: spec.name)
def test_failing_forks_never_hang(programs: Path, spec: Any) -> None:
    done = subprocess.run(
        [programs / spec.name, "--json", *spec.arguments, "-r", "1"],
        preexec_fn=without_forks,
        capture_output=True,
        timeout=15,
        check=False,
    )
    assert done.returncode == 1
    assert b"could be started" in done.stderr or b"could not be started" in done.stderr


def test_without_json_a_person_can_read_it(programs: Path) -> None:
    done = subprocess.run(
        [programs / "uneven_batch", *words("--short 1 --short-ms 5 --long 1 --long-ms 10")],
        capture_output=True,
        text=True,
        timeout=10,
        check=True,
    )
    assert done.stdout.startswith("final")
    assert "makespan_ms" in done.stdout


@pytest.mark.parametrize("arguments", [["--nonsense"], ["-r"], ["-r", "99999999"], ["-r", "1x"]])
def test_bad_options_are_refused(programs: Path, arguments: list[str]) -> None:
    done = subprocess.run(
        [programs / "messages", *arguments], capture_output=True, timeout=5, check=False
    )
    assert done.returncode == 2
    assert b"-r" in done.stderr
