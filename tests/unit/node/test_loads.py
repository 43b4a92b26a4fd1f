from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schedtui.measure.catalogue import REQUEST_SERVICE, UNEVEN_BATCH, load_arguments
from schedtui.model.telemetry import LoadReport
from schedtui.node.loads import LoadError, LoadRunner
from tests.fakes.programs import workload_programs
from tests.processes import living

NOBODY = 65534
SECOND = '{"kind":"second","metrics":{"rate_per_s":5}}'
FINAL = '{"kind":"final","metrics":{"rate_per_s":7.5,"total_ms":10}}'


def wait_for(condition: Callable[[], bool], seconds: float = 6.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def members(group_of: str) -> list[tuple[int, str, int]]:
    """Return pid, state and user of all processes whose name begins so."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
            if name.startswith(group_of):
                found.append((int(folder.name), rest.split()[0], folder.stat().st_uid))
        except OSError:
            continue
    return found


class Scripts:
    """A folder of small programs that stand for workloads, good and bad."""

    def __init__(self, folder: Path) -> None:
        self.runner = LoadRunner(folder, None, folder / "no-cgroup")
        self._folder = folder

    def add(self, name: str, body: str) -> None:
        path = self._folder / name
        path.write_text(f"#!{sys.executable} -S\nimport os, sys, time, signal\n{body}\n")
        path.chmod(0o755)

    def report(self) -> LoadReport:
        report = self.runner.report()
        assert report is not None
        return report


@pytest.fixture
def scripts(tmp_path: Path) -> Iterator[Scripts]:
    made = Scripts(tmp_path)
    yield made
    made.runner.stop()


@pytest.fixture
def runner() -> Iterator[LoadRunner]:
    made = LoadRunner(workload_programs(), NOBODY, Path("/nonexistent"))
    yield made
    made.stop()


def test_a_real_load_reports_each_second(runner: LoadRunner) -> None:
    runner.start("request_service", load_arguments(REQUEST_SERVICE))

    def reported() -> bool:
        report = runner.report()
        return report is not None and report.metric("rate_per_s") is not None

    assert wait_for(reported)
    report = runner.report()
    assert report is not None
    assert report.running
    assert (report.name, report.paused) == ("request_service", False)
    assert runner.ignored_lines == 0
    started = time.monotonic()
    runner.stop()
    assert time.monotonic() - started < 6
    assert runner.report() is None


def test_a_load_runs_without_privileges(runner: LoadRunner) -> None:
    runner.start("uneven_batch", (*load_arguments(UNEVEN_BATCH), "--names", "lowly-a,lowly-b"))
    assert wait_for(lambda: bool(members("lowly-")))
    expected = NOBODY if os.geteuid() == 0 else os.geteuid()
    assert {user for _, _, user in members("lowly-")} == {expected}


def test_pausing_freezes_all_children_and_stop_still_ends_them(runner: LoadRunner) -> None:
    runner.start("uneven_batch", (*load_arguments(UNEVEN_BATCH), "--names", "frost-a,frost-b"))
    assert wait_for(lambda: len(members("frost-")) > 10)
    runner.pause()
    assert wait_for(lambda: all(state in "TZ" for _, state, _ in members("frost-")))
    report = runner.report()
    assert report is not None
    assert report.paused
    runner.resume()
    assert wait_for(lambda: any(state in "RS" for _, state, _ in members("frost-")))
    runner.pause()
    runner.stop()
    assert wait_for(lambda: not members("frost-"), 1.0)


def test_one_window_to_its_end(runner: LoadRunner) -> None:
    arguments = ("--short", "4", "--short-ms", "10", "--long", "1", "--long-ms", "50")
    metrics = dict(runner.run_to_end("uneven_batch", arguments, 20))
    assert metrics["jobs"] == 5
    assert 50 <= metrics["makespan_ms"] < 2000
    assert runner.report() is None  # a window is not the load


def test_starting_ends_the_load_before(scripts: Scripts) -> None:
    scripts.add("first_load", f"print('{SECOND}', flush=True); time.sleep(60)")
    scripts.add("second_load", "time.sleep(60)")
    scripts.runner.start("first_load", ())
    assert wait_for(lambda: scripts.report().metric("rate_per_s") == 5)
    scripts.runner.start("second_load", ())
    assert scripts.report() == LoadReport("second_load", running=True)


def test_garbage_is_ignored_counted_and_bounded(scripts: Scripts) -> None:
    scripts.add(
        "noisy",
        f"""
out = sys.stdout
out.write('x' * 300000 + chr(10))
out.write('[' * 4000 + chr(10))
out.write('{{"kind":"second","metrics":{{"rate_per_s":NaN}}}}' + chr(10))
out.write('{{"kind":"second","metrics":{{"rate_per_s":true}}}}' + chr(10))
out.write('{{"kind":"second","metrics":{{"[bold]":1}}}}' + chr(10))
out.write('{{"kind":"third","metrics":{{}}}}' + chr(10))
out.write('{SECOND}' + chr(10))
out.write('{{"kind":"second","metr')
out.flush()
time.sleep(60)""",
    )
    scripts.runner.start("noisy", ())
    assert wait_for(lambda: scripts.report().metric("rate_per_s") == 5)
    assert scripts.runner.ignored_lines == 6


def test_a_flood_does_not_hold_the_caller(scripts: Scripts) -> None:
    scripts.add("flood", "while True: os.write(1, b'spam' * 4000)")
    scripts.runner.start("flood", ())
    time.sleep(0.2)
    started = time.monotonic()
    scripts.report()
    assert time.monotonic() - started < 5


def test_a_stubborn_load_is_killed_with_its_children(scripts: Scripts) -> None:
    scripts.add(
        "stubborn",
        """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pid = os.fork()
print('{"kind":"second","metrics":{"pid":%d}}' % os.getpid() if pid else '', flush=True)
time.sleep(60)""",
    )
    scripts.runner.start("stubborn", ())
    assert wait_for(lambda: scripts.report().metric("pid") is not None)
    group = int(scripts.report().metric("pid") or 0)
    started = time.monotonic()
    scripts.runner.stop()
    assert 0.4 < time.monotonic() - started < 10
    assert wait_for(lambda: all(each.group != group for each in living()), 10.0)


def test_a_load_that_ends_by_itself_says_so(scripts: Scripts) -> None:
    scripts.add("brief", f"print('{FINAL}')")
    scripts.runner.start("brief", ())
    assert wait_for(lambda: not scripts.report().running)
    assert scripts.report().metric("total_ms") == 10
    with pytest.raises(LoadError, match="no load is running"):
        scripts.runner.pause()


def test_a_window_that_hangs_is_ended(scripts: Scripts) -> None:
    scripts.add("hanging", "time.sleep(60)")
    with pytest.raises(LoadError, match=r"hanging did not finish within 0\.5 s"):
        scripts.runner.run_to_end("hanging", (), 0.5)


def test_a_window_without_result_shows_its_last_words(scripts: Scripts) -> None:
    scripts.add("broken", "print('no \\x1b[31mworker could be started'); sys.exit(1)")
    with pytest.raises(LoadError, match=r"without a result: no \\x1b\[31mworker could"):
        scripts.runner.run_to_end("broken", (), 10)


def test_a_window_may_run_in_another_thread(scripts: Scripts) -> None:
    scripts.add("window", f"time.sleep(0.3); print('{FINAL}')")
    results: list[object] = []
    thread = threading.Thread(
        target=lambda: results.append(scripts.runner.run_to_end("window", (), 10))
    )
    thread.start()
    scripts.runner.stop()  # ends the load, and leaves the window alone
    thread.join()
    assert results == [(("rate_per_s", 7.5), ("total_ms", 10.0))]


@pytest.mark.parametrize("name", ["../bin/sh", "missing", "", "A", "a" * 31, "a\n"])
def test_names_are_checked(scripts: Scripts, name: str) -> None:
    with pytest.raises(LoadError, match="there is no workload called"):
        scripts.runner.start(name, ())


@pytest.mark.parametrize("arg", ["/etc/passwd", "--x=1", "a b", "-", "1;2", "$(id)", "1" * 12])
def test_options_are_checked(scripts: Scripts, arg: str) -> None:
    scripts.add("fine", "time.sleep(60)")
    with pytest.raises(LoadError, match="does not take the option"):
        scripts.runner.start("fine", (arg,))
    with pytest.raises(LoadError, match="at most 32"):
        scripts.runner.start("fine", ("1",) * 33)


def test_a_program_that_cannot_run_is_a_sentence(scripts: Scripts, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("not a program")
    with pytest.raises(LoadError, match="plain cannot be started"):
        scripts.runner.start("plain", ())


def test_loads_join_their_cgroup_when_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").touch()
    runner = LoadRunner(workload_programs(), None, tmp_path)
    try:
        runner.start("messages", ())
        assert int((tmp_path / "load" / "cgroup.procs").read_text()) > 1
    finally:
        runner.stop()


def test_a_window_has_a_sane_time_limit(scripts: Scripts) -> None:
    for seconds in (0, -1, 1e9, float("nan")):
        with pytest.raises(LoadError, match="a window takes"):
            scripts.runner.run_to_end("fine", (), seconds)


@pytest.mark.parametrize("arg", ["rt_hog", "1.0", "12.5", "abcd", "ab-cd", "pins512", "a,b"])
def test_options_of_the_battery_are_taken(scripts: Scripts, arg: str) -> None:
    scripts.add("told", f"assert {arg!r} in sys.argv; print({FINAL!r}, flush=True)")
    assert scripts.runner.run_to_end("told", (arg,), 10)


WHO = """
facts = {"uid": os.geteuid(), "guest": sys.argv.count("--guest")}
import json
print(json.dumps({"kind": "final", "metrics": facts}), flush=True)
"""


def test_only_a_rooted_workload_is_told_of_the_guest_and_keeps_its_user(tmp_path: Path) -> None:
    tmp_path.parent.chmod(0o755)
    scripts = Scripts(tmp_path)
    for name in ("humble", "mighty"):
        scripts.add(name, WHO)
    runner = LoadRunner(tmp_path, None, tmp_path / "none", rooted=frozenset({"mighty"}))
    assert dict(runner.run_to_end("mighty", (), 10)) == {"uid": os.geteuid(), "guest": 1}
    assert dict(runner.run_to_end("humble", (), 10)) == {"uid": os.geteuid(), "guest": 0}


def test_a_rooted_workload_is_no_load(scripts: Scripts, tmp_path: Path) -> None:
    scripts.add("mighty", "time.sleep(60)")
    runner = LoadRunner(tmp_path, None, tmp_path / "none", rooted=frozenset({"mighty"}))
    with pytest.raises(LoadError, match="measured to its end"):
        runner.start("mighty", ())


def test_what_a_killed_rooted_workload_leaves_is_put_right(
    scripts: Scripts, tmp_path: Path
) -> None:
    groups = tmp_path / "groups"
    leaves = f"os.makedirs({str(groups / 'left')!r}); os.kill(os.getpid(), signal.SIGKILL)"
    scripts.add("mighty", leaves)
    scripts.add("humble", leaves)
    for name, left in (("humble", True), ("mighty", False)):
        runner = LoadRunner(tmp_path, None, groups, rooted=frozenset({"mighty"}))
        with pytest.raises(LoadError):
            runner.run_to_end(name, (), 10)
        assert (groups / "left").exists() == left
        if left:
            (groups / "left").rmdir()
            groups.rmdir()
