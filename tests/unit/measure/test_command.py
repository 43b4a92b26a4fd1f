"""A command of a person's own as a workload."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.fakes.programs import workload_programs


@pytest.fixture(scope="module")
def programs() -> Path:
    return workload_programs()


def ran(programs: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [programs / "command", "--json", *words],
        capture_output=True,
        text=True,
        timeout=15,
        check=False,
    )


def test_wall_and_cpu_time_are_of_the_command_and_its_children(programs: Path) -> None:
    done = ran(programs, "--", "/bin/sh", "-c", 'sleep 0.3; echo \'{"kind":"final"}\'')
    assert done.returncode == 0
    (line,) = done.stdout.splitlines()  # what the command writes is not taken for a report
    metrics = json.loads(line)["metrics"]
    assert set(metrics) == {"wall_ms", "cpu_ms"}
    assert 300 <= metrics["wall_ms"] < 10_000
    assert 0 <= metrics["cpu_ms"] < metrics["wall_ms"]


def test_it_runs_in_the_folder_that_is_asked_for(programs: Path, tmp_path: Path) -> None:
    assert ran(programs, "--in", str(tmp_path), "--", "/bin/sh", "-c", "> here").returncode == 0
    assert (tmp_path / "here").exists()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo first >&2; echo no such table >&2; exit 3", "with status 3: no such table\n"),
        ("kill -9 $$", "the command was ended by signal 9\n"),
        ("exec /nonexistent 2>&1", "with status 127\n"),
    ],
)
def test_a_command_that_fails_gives_no_result(programs: Path, script: str, said: str) -> None:
    done = ran(programs, "--", "/bin/sh", "-c", script)
    assert done.returncode == 1
    assert done.stdout.endswith(said)
    assert "final" not in done.stdout


def test_a_talkative_command_fills_nothing_up(programs: Path) -> None:
    script = "yes error | head -c 1000000 >&2; exit 0"
    assert ran(programs, "--", "/bin/sh", "-c", script).returncode == 0


def test_a_program_that_is_not_there_is_named(programs: Path) -> None:
    done = ran(programs, "--", "/nonexistent/program")
    assert "status 127: /nonexistent/program: No such file or directory" in done.stdout
    assert ran(programs).returncode != 0
    assert ran(programs, "--").returncode != 0
