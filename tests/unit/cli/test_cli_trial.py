"""``trial`` and ``history``: from a command line to a kept, repeatable answer."""

from __future__ import annotations

import asyncio
import io
import os
import shlex
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from schedtui.cli import read_options
from schedtui.commands.context import Context
from schedtui.commands.output import Output
from schedtui.commands.pace import Pace
from schedtui.commands.run import run
from schedtui.commands.trial import run as run_trial_verb
from schedtui.measure.trial import InconclusiveError, patience_s
from schedtui.model.battery import Depth
from schedtui.model.events import ControlJudged, PairMeasured
from schedtui.model.goal import Metric
from schedtui.model.trial import WorkloadSpec
from tests.fakes import samples
from tests.fakes.bench import FakeBench, PeriodicBench
from tests.fakes.cli_services import ScriptedVerifier
from tests.fakes.desk import CommandDesk
from tests.fakes.results import BEFORE, result_row
from tests.fakes.samples import POLICIES
from tests.fakes.trying import BenchVerifier


def bench(
    p99: float = 25_000.0, rate: float = 500.0, kind: type[FakeBench] = FakeBench, **more: Any
) -> FakeBench:
    after = BEFORE | {Metric.REQUEST_P99: p99, Metric.RATE: rate}
    return kind(BEFORE, after, **({"noise": 0.02} | more))


class Desk(CommandDesk):
    """One user with the policies of the samples, all on one bench."""

    def __init__(self, folder: Path, on: FakeBench | None = None) -> None:
        super().__init__(folder, BenchVerifier(on or bench()), POLICIES)


TRIAL = "trial rtc_fifo --load request_service"


def test_a_win_is_told_with_all_that_it_rests_on(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    said = desk.called(TRIAL)
    assert desk.code == 0
    assert said.startswith("rtc_fifo on request_service: better\n")
    for word in (
        "objective",
        "detectable",
        "sign flip",
        "guardrail",
        "waits",
        "ceiling",
        "control",
    ):
        assert f"\n  {word} " in said
    assert "rate_per_s" in said
    assert "of the possible improvement reached" in said
    assert "default against itself" in said


def test_pairs_and_interval_are_streamed_as_they_close(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.called(TRIAL)
    lines = desk.talk.splitlines()
    control = [line for line in lines if "default against itself, pair" in line]
    pairs = [line for line in lines if line.strip().startswith("pair ")]
    assert len(control) >= 3
    assert [line.split()[1].strip(":;") for line in pairs] == ["1", "2", "3"]
    assert all(line.endswith("s more") for line in pairs)
    assert "[" in pairs[-1]
    assert any(line.startswith("  control   fit") for line in lines)


def test_the_document_is_the_row_that_was_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    body = desk.document(f"{TRIAL} --pairs 4 --seconds 2 --set slice_ns=7000000")
    assert (body["outcome"], body["exit_code"], body["id"]) == ("better", 0, 1)
    row = body["result"]
    assert row["parameters"] == [["slice_ns", 7_000_000]]
    assert row["compiler"] == "zig 0.17.0"
    assert row["kernel_build_id"]
    shape = {"cpus": 2, "memory_mb": 512, "accelerator": "tcg"}
    assert shape.items() <= row["trial"]["machine"].items()
    assert row["trial"]["control"]["unfit"] == ""
    assert len(row["trial"]["pairs"]) == 3
    assert row["workload"]["arguments"][-2:] == ["-r", "2"]
    assert desk.document("history 1") == {"id": 1, "problem": "", "result": row}


def test_the_kept_command_asks_for_the_same_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    line = f"{TRIAL} --metric rate_per_s --pairs 5 --seconds 3 --set slice_ns=7000000"
    first = desk.document(line)["result"]
    second = desk.document(shlex.join(first["command"][1:]))["result"]
    assert first["command"] == second["command"]
    assert desk.verifier.tried[0] == desk.verifier.tried[1]
    _, source, aim = desk.verifier.tried[0]
    assert "slice_ns = 7000000;" in source
    assert (aim.metric, aim.max_pairs, aim.workload.seconds) == ("rate_per_s", 5, 3.0)
    assert [rail.metric for rail in aim.guardrails] == [Metric.REQUEST_P99]


@pytest.mark.parametrize(
    ("on", "outcome", "code"),
    [
        (bench(200_000, 250, noise=0.002), "no difference", 0),
        (bench(400_000, 250), "worse", 1),
        (bench(25_000, 150), "better", 1),  # the rate is a guardrail
        (bench(noise=1.5), "host unfit", 3),
        (bench(kind=PeriodicBench), "host unfit", 3),
        (bench(ejected_after=9), "rejected", 1),
    ],
)
def test_exit_codes(tmp_path: Path, on: FakeBench, outcome: str, code: int) -> None:
    desk = Desk(tmp_path, on)
    body = desk.document(TRIAL)
    assert (body["outcome"], body["exit_code"], desk.code) == (outcome, code, code)
    assert body["result"]["trial"] or body["result"]["rejections"]


class Lost(FakeBench):
    """Its machine is lost at the first window."""

    async def window(self, spec: WorkloadSpec) -> tuple[tuple[str, float], ...]:
        raise InconclusiveError("the guest's kernel panicked")


class Waiting(FakeBench):
    """Tasks wait for long under the candidate."""

    async def longest_wait_ms(self) -> float:
        return 900.0 if self.attached else 40.0


def test_a_gain_that_makes_tasks_wait_is_a_rejection(tmp_path: Path) -> None:
    desk = Desk(tmp_path, bench(kind=Waiting))
    said = desk.called(TRIAL)
    assert desk.code == 1
    assert said.startswith("rtc_fifo on request_service: rejected\n")
    assert "rejected    A task waited 900 ms for a CPU" in said


def test_a_gain_at_the_cost_of_a_guardrail_is_not_told_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path, bench(rate=150))
    said = desk.called(TRIAL)
    assert said.startswith("rtc_fifo on request_service: better, but not every guardrail held\n")
    assert "at most 2% worse allowed: NOT held, proved" in said
    assert "better, but not" in desk.called("history")


def test_what_a_noisy_host_has_spoilt_is_repeated_and_told(tmp_path: Path) -> None:
    quiet_control, warm_up = [0.0] * 7, [0.0] * 2
    kept = (*quiet_control, *warm_up, 0.0, 0.4, *[0.0] * 9)
    desk = Desk(tmp_path, bench(kept=kept))
    said = desk.called(TRIAL)
    assert desk.code == 0
    reason = "the host kept 40% of its CPU time from the guest in one window and 0% in the other"
    assert f"            pair 1 dropped, to be repeated: {reason}\n" in desk.talk
    assert "\n  host        kept 0% of its CPU time from the guest (default 0%, candidate" in said
    assert f"30% of its own went to other processes; 1 pair dropped and repeated, {reason}" in (
        said.replace("the first as ", "")
    )
    spoilt = [line for line in desk.called("history 1").splitlines() if "; dropped: " in line]
    assert [line.partition("; dropped: ")[2] for line in spoilt] == [reason]
    row = desk.document("history 1")["result"]
    (dropped,) = row["trial"]["dropped"]
    assert dropped["contaminated"] == reason
    assert len(row["trial"]["pairs"]) == 3


def test_the_time_left_follows_the_pace() -> None:
    now = [100.0]
    pace = Pace(5, lambda: now[0])
    control = result_row().trial
    assert control is not None
    assert control.control is not None
    now[0] = 130.0
    assert pace.left(ControlJudged(control.control)) == ""
    now[0] = 150.0
    assert pace.left(PairMeasured(samples.pair(0), None)) == "; about 80 s more"
    assert pace.left(PairMeasured(samples.pair(4), None)) == ""


@dataclass
class Meddling(FakeBench):
    """Somebody does something during the trial."""

    meddle: Callable[[], object] = print

    async def attach(self) -> None:
        if not self.first_attached.is_set():
            self.meddle()
        await super().attach()


@pytest.mark.parametrize("json_too", [False, True])
def test_a_page_that_cannot_be_written_loses_no_result(tmp_path: Path, json_too: bool) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    desk = Desk(tmp_path, bench(kind=Meddling, meddle=folder.rmdir))
    line = f"{TRIAL} --report {folder}/page.html"
    if json_too:
        body = desk.document(line)
        assert (body["outcome"], body["exit_code"], body["id"]) == ("better", 3, 1)
        assert body["error"]["sentence"].endswith("cannot be written: No such file or directory")
    else:
        assert desk.called(line).startswith("rtc_fifo on request_service: better\n")
    assert desk.code == 3
    assert "page.html cannot be written: No such file or directory\n" in desk.talk
    assert len(desk.store.rows()) == 1


def test_a_store_that_fails_at_the_end_loses_neither_answer_nor_page(tmp_path: Path) -> None:
    store, page = tmp_path / "results.sqlite3", tmp_path / "page.html"

    def spoil() -> None:
        store.write_text("this is no database, and it is longer than the header of one" * 9)

    desk = Desk(tmp_path, bench(kind=Meddling, meddle=spoil))
    said = desk.called(f"{TRIAL} --report {page}")
    assert desk.code == 3
    assert said.startswith("rtc_fifo on request_service: better\n")
    assert "  kept        nowhere; again: schedtui trial rtc_fifo" in said
    assert "results.sqlite3 cannot be used: " in desk.talk
    assert "  fix: move it away" in desk.talk
    assert "not kept, by schedtui" in page.read_text()


def test_a_page_is_replaced_whole(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    page = tmp_path / "page.html"
    page.touch()
    desk.called(f"{TRIAL} --report {page}")
    first = page.read_text()
    desk.called(f"{TRIAL} --report {page}")
    assert desk.code == 0
    assert page.read_text() != first
    names = {path.name for path in tmp_path.iterdir() if "results" not in path.name}
    assert names == {"page.html"}


def test_a_page_never_replaces_anything_but_a_page(tmp_path: Path) -> None:
    source, pipe = tmp_path / "mine.bpf.c", tmp_path / "pipe"
    source.write_text("int x;\n")
    os.mkfifo(pipe)
    (tmp_path / "full").symlink_to("/dev/full")
    desk = Desk(tmp_path / "none")
    for name, reason in (
        ("mine.bpf.c", "it is there already and is no page"),
        ("pipe", "no ordinary file"),
        ("full", "no ordinary file"),
        ("", "no ordinary file"),
        ("mine.bpf.c/x", "Not a directory"),
        ("x" * 300, "File name too long"),
    ):
        assert reason in desk.document(f"{TRIAL} --report {tmp_path}/{name}")["error"]["sentence"]
        assert desk.code == 2
    assert source.read_text() == "int x;\n"
    assert desk.verifier.tried == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_shows_before_the_trial(tmp_path: Path) -> None:
    folder = tmp_path / "shut"
    folder.mkdir(0o500)
    desk = Desk(tmp_path / "none")
    error = desk.document(f"{TRIAL} --report {folder}/x.html")["error"]
    assert "its folder cannot be written to" in error["sentence"]
    assert desk.code == 2


def test_the_budget_is_more_than_the_pairs_can_take(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.called(f"{TRIAL} --pairs 4 --seconds 30")
    desk.called("trial rtc_fifo --load uneven_batch --pairs 2")
    long, batch = (aim for _, _, aim in desk.verifier.tried)
    assert patience_s(long.workload) > 3 * 30
    assert long.budget_s > 2 * 4 * patience_s(long.workload)
    assert batch.budget_s > 2 * 2 * patience_s(batch.workload) >= 160


def test_an_unfit_host_says_so_instead_of_claiming_a_win(tmp_path: Path) -> None:
    desk = Desk(tmp_path, bench(noise=1.5))
    said = desk.called(TRIAL)
    assert said.count("unfit: two windows under the same scheduler scatter") == 1
    assert "better" not in said + desk.talk
    assert "worse" not in said + desk.talk
    assert "guardrail" not in said
    assert "of the possible improvement reached" not in said
    (gate,) = (line for line in desk.talk.splitlines() if line.startswith("  gate "))
    assert "nothing can be claimed" in gate
    assert "better" not in gate
    assert "\n  fix         end what else runs on this host" in said
    assert "--pairs 20" in desk.document(TRIAL)["fix"]


@pytest.mark.parametrize("p99", [25_000.0, 400_000.0])
def test_an_unfit_host_breaks_no_guardrail(tmp_path: Path, p99: float) -> None:
    desk = Desk(tmp_path, bench(p99, rate=1.0, noise=1.5))
    said = desk.called(TRIAL)
    assert said.startswith("rtc_fifo on request_service: host unfit\n")
    assert "guardrail" not in said
    judgement = desk.document("history 1")["result"]["judgement"]
    assert (judgement["guardrails"], judgement["share_of_ceiling"]) == ([], None)
    assert desk.code == 0


def test_a_load_that_fails_without_the_candidate_is_no_rejection(tmp_path: Path) -> None:
    desk = Desk(tmp_path, bench(missing_after=2))
    body = desk.document(TRIAL)
    assert (body["outcome"], body["exit_code"], desk.code) == ("no result", 3, 3)
    assert "--seconds" in body["fix"]
    row = body["result"]
    assert (row["trial"], row["judgement"], row["rejections"]) == (None, None, [])
    assert "did not report request_p99_us" in row["no_result"]
    said = desk.called("history 1")
    assert desk.code == 0
    assert said.startswith("rtc_fifo on request_service: no result\n  reason      The load gives")
    assert "no result" in desk.called("history")


def test_a_lost_machine_is_no_rejection(tmp_path: Path) -> None:
    desk = Desk(tmp_path, bench(kind=Lost))
    body = desk.document(TRIAL)
    assert (body["outcome"], desk.code) == ("no result", 3)
    assert body["gates"][-1]["findings"][0]["code"] == "TRL005"
    assert "kernel panicked" in body["result"]["no_result"]


def test_a_gain_is_told_of_what_was_broken_and_a_loss_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path, bench(400_000, rate=150))
    assert desk.called(TRIAL).startswith("rtc_fifo on request_service: worse\n")
    assert desk.code == 1


def test_a_rejection_before_the_trial_keeps_no_row(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.services.checker = ScriptedVerifier()
    page = tmp_path / "page.html"
    body = desk.document(f"{TRIAL} --report {page}")
    assert (desk.code, body["outcome"], body["id"], body["result"]) == (1, "rejected", None, None)
    assert body["gates"][0]["findings"][0]["code"] == "SRC003"
    assert not page.exists()
    assert desk.document("history") == []


def test_a_file_can_be_tried(tmp_path: Path) -> None:
    file = tmp_path / "mine\x1b[2J.bpf.c"
    file.write_text("int x;\n")
    desk = Desk(tmp_path)
    said = desk.called(f"trial {shlex.quote(str(file))} --load request_service")
    assert desk.code == 0
    assert desk.verifier.tried[0][:2] == ("mine\\x1b[2J.bpf.c", "int x;\n")
    assert "\x1b" not in said + desk.talk + desk.called("history") + desk.called("history 1")


def test_the_kept_command_repeats_a_file_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "-mine two.bpf.c").write_text("int x;\n")
    monkeypatch.chdir(tmp_path)
    desk = Desk(tmp_path)
    desk.called("trial --load request_service --kernel vmlinuz -- '-mine two.bpf.c'")
    first = desk.document("history 1")["result"]
    assert first["command"][2] == f"{tmp_path}/-mine two.bpf.c"
    assert first["command"][-1] == f"{tmp_path}/vmlinuz"
    monkeypatch.chdir("/")
    second = desk.document(shlex.join(first["command"][1:]))["result"]
    assert second["command"] == first["command"]
    assert desk.verifier.tried[0] == desk.verifier.tried[1]


def test_the_running_kernel_is_no_path(tmp_path: Path) -> None:
    row = Desk(tmp_path).document(f"{TRIAL} --kernel running")["result"]
    assert row["command"][-2:] == ["--kernel", "running"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"trial {'x' * 300} --load request_service", "File name too long"),
        (f"trial {'x' * 300}.bpf.c --load request_service", "File name too long"),
        ("trial README/nothing --load request_service", "neither a policy nor a .bpf.c file"),
        ("trial nothing --load request_service", "neither a policy nor a .bpf.c file"),
        ("trial rtc_fifo --load nothing", "trial needs --load, one of: request_service"),
        (f"{TRIAL} --metric makespan_ms", "has no metric 'makespan_ms'; it has: request_p99_us"),
        ("trial rtc_fifo --load uneven_batch --seconds 3", "ends by itself"),
        (f"{TRIAL} --set slice_ns", "not of the form NAME=VALUE"),
        (f"{TRIAL} --set slice_ns=1", "outside"),
        (f"{TRIAL} --set nothing=1", "has no parameter called 'nothing'; it has: slice_ns"),
        (f"{TRIAL} --report /nowhere/x.html", "no such folder"),
        (f"{TRIAL} --target local", "throw-away guest"),
        (f"{TRIAL} --with data", "--with is for --command"),
        ("trial rtc_fifo --command true --target local", "that nobody has approved"),
        ("trial rtc_fifo --command true --seconds 3", "a command ends by itself"),
        ("""trial rtc_fifo --command 'a "b'""", "--command cannot be read: No closing quotation"),
        ("trial rtc_fifo --command ' '", "--command needs a program to run"),
        ("trial nothing.bpf.c --load request_service", "cannot read nothing.bpf.c"),
    ],
)
def test_what_is_not_offered_is_usage_before_anything_starts(
    tmp_path: Path, line: str, reason: str
) -> None:
    desk = Desk(tmp_path)
    assert reason in desk.document(line)["error"]["sentence"]
    assert desk.code == 2
    assert desk.verifier.tried == []
    assert list(tmp_path.iterdir()) == []


def test_a_command_of_ones_own_is_measured_with_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").write_text("x")
    monkeypatch.chdir(tmp_path)
    on = FakeBench({"wall_ms": 100.0, "cpu_ms": 50.0}, {"wall_ms": 50.0, "cpu_ms": 50.0}, 0.02)
    desk = Desk(tmp_path, on)
    body = desk.document("trial rtc_fifo --command 'sh -c \"cat data\"' --with data")
    row = body["result"]
    shell = row["workload"]["arguments"][3]
    assert row["workload"]["arguments"] == ["--in", str(tmp_path), "--", shell, "-c", "cat data"]
    hashes = dict(row["carried"])
    assert {str(tmp_path / "data"), shell} < set(hashes)
    assert (row["metric"], body["outcome"]) == ("wall_ms", "better")
    assert row["command"][:3] == ["env", "-C", str(tmp_path)]
    assert desk.document(shlex.join(row["command"][4:]))["result"]["command"] == row["command"]
    assert f"rtc_fifo on Own command: {shell} -c 'cat data': better" in desk.called("history 1")
    _, _, aim = desk.verifier.tried[0]
    assert aim.parcel.hashes == tuple(tuple(each) for each in row["carried"])


def test_options_of_a_load_are_measured_kept_and_asked_for_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    body = desk.document("trial rtc_fifo --load 'request_service -R 800'")
    workload = body["result"]["workload"]
    assert (workload["title"], workload["arguments"][:2]) == (
        "request_service -R 800",
        ["-R", "800"],
    )
    assert "being due" in workload["reports"]
    again = desk.document(shlex.join(body["result"]["command"][1:]))
    assert again["result"]["workload"] == workload
    assert "rtc_fifo on request_service -R 800: " in desk.called("history 1")
    refused = desk.document("trial rtc_fifo --load 'request_service -R 0'")
    assert desk.code == 2
    assert refused["error"]["sentence"] == "-R takes a number from 1 to 1000000"


def test_a_program_that_is_not_there_is_something_missing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    error = desk.document("trial rtc_fifo --command no-such-program")["error"]
    assert desk.code == 3
    assert error["sentence"] == "there is no program called no-such-program"
    assert desk.verifier.tried == []


@pytest.mark.parametrize(
    "more",
    [
        "--command x",
        "--pairs 1",
        "--pairs 21",
        "--pairs x",
        "--seconds 0",
        "--seconds 1.5",
        "--sec 2",
    ],
)
def test_a_wrong_line_is_usage(more: str) -> None:
    with pytest.raises(SystemExit) as stop:
        read_options(shlex.split(f"{TRIAL} {more}"))
    assert stop.value.code == 2


def test_a_trial_needs_no_battery_unless_asked() -> None:
    assert read_options(shlex.split(TRIAL)).depth is Depth.NONE
    assert read_options(shlex.split(f"{TRIAL} --battery quick")).depth is Depth.QUICK


def test_a_store_that_cannot_be_used_shows_before_the_trial(tmp_path: Path) -> None:
    (tmp_path / "results.sqlite3").write_text("this is somebody else's file, and no database")
    desk = Desk(tmp_path)
    error = desk.document(TRIAL)["error"]
    assert desk.code == 3
    assert "file is not a database" in error["sentence"]
    assert error["fix"].startswith("move it away")
    assert desk.verifier.tried == []


async def test_a_cancelled_trial_leaves_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path, bench(window_s=0.02))
    page = tmp_path / "page.html"
    options = read_options(shlex.split(f"{TRIAL} --report {page}"))
    context = Context(options, Output(io.StringIO(), io.StringIO(), json=False), desk.services)
    task = asyncio.create_task(run_trial_verb(context))
    await desk.verifier.bench.first_attached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not desk.verifier.bench.attached
    assert not page.exists()
    assert desk.store.rows() == ()


def test_history_lists_what_was_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.called("history") == "no trial has been kept yet\n"
    desk.called(TRIAL)
    desk.called("trial vtime_fair --load request_service")
    lines = desk.called("history").splitlines()
    assert desk.code == 0
    assert [line.split()[0] for line in lines] == ["1", "2"]
    assert "vtime_fair" in lines[1]
    assert "better" in lines[1]
    brief = desk.document("history")
    assert [row["policy"] for row in brief] == ["rtc_fifo", "vtime_fair"]
    assert brief[0]["low"] < brief[0]["factor"] < brief[0]["high"]


def test_history_shows_one_whole(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.called(TRIAL)
    said = desk.called("history 1")
    assert desk.code == 0
    for word in ("when", "machine", "source", "object", "parameters", "load", "pair 1", "pair 3"):
        assert f"\n  {word}" in said
    assert "again: schedtui trial rtc_fifo --load request_service" in said
    assert desk.called("history 7") == ""
    assert desk.code == 2


def test_history_recognises_a_row_that_its_pairs_do_not_bear_out(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    row = result_row()
    assert row.judgement is not None
    desk.store.append(row)
    desk.store.append(replace(row, version="0.0", judgement=replace(row.judgement, fit=False)))
    assert desk.document("history 1")["problem"] == ""
    body = desk.document("history 2")
    assert desk.code == 1
    assert "do not follow from its raw pairs, by the statistics of" in body["problem"]
    said = desk.called("history 2")
    assert said.startswith("result 2 is not to be believed: its figures do not follow")
    assert "pair 1" not in said


def test_a_damaged_row_is_marked_in_the_list_and_spoils_no_other(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.called(TRIAL)
    desk.called(TRIAL)
    connection = sqlite3.connect(tmp_path / "results.sqlite3")
    connection.executescript(
        "DROP TRIGGER results_unchanged; UPDATE results SET body = 'x' WHERE id = 1"
    )
    connection.close()
    lines = desk.called("history").splitlines()
    assert desk.code == 1
    assert "1  not to be believed: it, or the row before it, was changed" in lines[0]
    assert "better" in lines[1]
    assert desk.document("history")[0]["policy"] is None
    assert desk.document("history 1")["result"] is None


def test_without_a_state_folder_the_fix_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    out, talk = io.StringIO(), io.StringIO()
    assert run(read_options(["history"]), None, Output(out, talk, json=False)) == 3
    assert "the state folder cannot be made: Not a directory" in talk.getvalue()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert run(read_options(["history"]), None, Output(out, talk, json=False)) == 0
    assert out.getvalue() == "no trial has been kept yet\n"
