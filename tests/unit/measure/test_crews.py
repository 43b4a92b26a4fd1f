"""What all programs made of a crew have in common: names, refusals, the end of one process."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest

from schedtui.measure.catalogue import load_arguments, named, workload
from schedtui.node.loads import LoadRunner
from tests.fakes.programs import group_of, is_refused, running, soon, workload_programs

CREWS = {
    "fork_storm": ("--parents", "1"),
    "service_chain": ("--stages", "2"),
    "barrier_steps": ("--workers", "2"),
    "periodic": ("--hogs", "1"),
    "phases": ("--pairs", "1"),
    "adversary": ("--abusers", "1"),
}
"""Programs with options for few processes."""

ONE_ROLE = {"barrier_steps"}
"""All its processes are alike, so they take the first name only."""


@pytest.fixture(scope="module")
def programs() -> Path:
    return workload_programs()


def names_seen(programs: Path, name: str, *args: str, wanted: set[str]) -> set[str]:
    seen = set[str]()
    with running(programs, name, *CREWS[name], *args) as process:

        def all_seen() -> bool:
            seen.update(group_of(process).values())
            return wanted <= seen

        soon(all_seen)
    return seen


@pytest.mark.parametrize("name", CREWS)
def test_names_say_nothing_unless_asked(programs: Path, name: str) -> None:
    roles = {"task-a"} if name in ONE_ROLE else {"task-a", "task-b"}
    # A process just forked still has the name of the one that forked it.
    assert roles <= names_seen(programs, name, wanted=roles) <= {*roles, "task"}


@pytest.mark.parametrize("name", CREWS)
def test_names_are_the_ones_asked_for(programs: Path, name: str) -> None:
    roles = {"red"} if name in ONE_ROLE else {"red", "blue"}
    assert roles <= names_seen(programs, name, "--names", "red,blue", wanted=roles)


OTHERS = {
    "request_service": ("-m", "1", "-t", "1"),
    "game_compile": ("--jobs", "1"),
    "messages": ("-g", "1", "-t", "1"),
}
"""Programs of another kind, some of which have threads."""


def tasks_seen(programs: Path, name: str, *args: str, wanted: set[str]) -> set[str]:
    """Return the names of all tasks that a program starts, until all that are wanted were seen."""
    seen = set[str]()
    with running(programs, name, *OTHERS[name], *args) as process:

        def all_seen() -> bool:
            for pid in (process.pid, *group_of(process)):
                for task in Path(f"/proc/{pid}/task").glob("[0-9]*"):
                    with contextlib.suppress(OSError):
                        own = (task / "comm").read_text().strip()
                        seen.update({own} if int(task.name) != process.pid else ())
            return wanted <= seen

        soon(all_seen)
    return seen


@pytest.mark.parametrize("name", OTHERS)
def test_names_of_the_others_say_nothing_either(programs: Path, name: str) -> None:
    roles = {"task-a", "task-b"} | ({"task-c"} if name == "game_compile" else set())
    # What was just forked has its parent's name, and "exe" what has just begun anew.
    assert roles <= tasks_seen(programs, name, wanted=roles) <= roles | {"task", "exe"}


@pytest.mark.parametrize("name", OTHERS)
def test_names_of_the_others_tell_when_asked(programs: Path, name: str) -> None:
    names = named(workload(name)).arguments[1]
    roles = set(names.split(","))
    assert roles <= tasks_seen(programs, name, "--names", names, wanted=roles)


@pytest.mark.parametrize("name", CREWS)
@pytest.mark.parametrize("names", ["one", ",b", "a,", "a,b,c", "much-too-long-a-name,b"])
def test_names_that_are_no_names_are_refused(programs: Path, name: str, names: str) -> None:
    assert is_refused(programs, name, "--names", names)


@pytest.mark.parametrize("name", CREWS)
def test_the_loss_of_a_process_ends_the_run(programs: Path, name: str) -> None:
    with running(programs, name, *CREWS[name]) as process:
        assert soon(lambda: "task-a" in group_of(process).values())
        victim = min(pid for pid, own in group_of(process).items() if own == "task-a")
        os.kill(victim, signal.SIGKILL)
        assert process.wait(timeout=5) == 1
        assert soon(lambda: not group_of(process), seconds=1.0)


@pytest.mark.parametrize("name", CREWS)
def test_the_node_takes_it_as_a_load(programs: Path, tmp_path: Path, name: str) -> None:
    runner = LoadRunner(programs, None, tmp_path)
    runner.start(name, load_arguments(workload(name)))
    time.sleep(0.1)
    report = runner.report()
    runner.stop()
    assert report is not None
    assert report.running
    assert runner.ignored_lines == 0
