from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from schedtui.commands.options import Options
from schedtui.commands.output import Output
from schedtui.commands.run import run
from schedtui.commands.services import Services
from schedtui.commands.wiring import RealServices
from schedtui.engine.port import Approver, EngineError
from schedtui.model import events as ev
from schedtui.model.deployment import Stage
from schedtui.model.verdict import Verdict
from schedtui.model.wire import from_json
from schedtui.verify.tokens import verdict_chain
from tests.fakes.cli_services import (
    NOT_READY,
    REQUEST,
    ScriptedEngine,
    ScriptedHost,
    ScriptedLab,
    ScriptedServices,
    ScriptedTerminal,
    ScriptedVerifier,
)


class Call:
    """One run of a verb, with what it wrote."""

    def __init__(self, services: Services, **options: Any) -> None:
        out, talk = io.StringIO(), io.StringIO()
        chosen = Options(**options)
        self.code = run(chosen, services, Output(out, talk, chosen.json))
        self.out, self.talk = out.getvalue(), talk.getvalue()

    @property
    def document(self) -> Any:
        (line,) = self.out.splitlines()
        return json.loads(line)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def goal(services: ScriptedServices, **options: Any) -> Call:
    return Call(services, verb="goal", subject="cut the p99", **options)


# goal ----------------------------------------------------------------------------------------


def test_goal_with_yes_ends_in_one_document() -> None:
    services = ScriptedServices()
    call = goal(services, json=True, yes=True, load="service")
    assert call.code == 0
    body = call.document
    assert body["exit_code"] == 0
    assert body["summary"] == "deployed"
    assert body["goal"]["objective"] == "request_p99_us"
    assert body["profile"]["family"] == "oversubscribed_service"
    assert body["plan"]["policy"] == "fifo_rtc"
    assert "profile" not in body["plan"]
    assert body["candidate"]["name"] == "fifo_rtc"
    assert [gate["gate"] for gate in body["gates"]] == ["rules"]
    assert body["verdict"]["passed"] is True
    assert body["trial"] is None
    assert [stage["stage"] for stage in body["deployments"]] == ["canary", "promoted"]
    assert body["live_effect"][0]["after"] == 25000.0
    assert body["scheduler_afterwards"]["state"] == "disabled"
    assert services.made.asked == [
        "open",
        "load service",
        "pursue cut the p99",
        "approved 9f31 --yes",
        "rollback",
        "close",
    ]


def test_goal_stream_is_json_lines_and_the_document_last() -> None:
    call = goal(ScriptedServices(), json=True, stream=True, yes=True)
    kinds = [line.get("event") for line in call.lines]
    assert kinds[0] == "StageStarted"
    assert kinds[-2:] == ["Finished", None]
    assert call.lines[-1]["summary"] == "deployed"


def test_goal_tells_people_its_stages_and_keeps_stdout_for_data() -> None:
    call = goal(ScriptedServices(), yes=True)
    assert call.out == ""
    for said in ("Observation", "oversubscribed_service", "gate", "fifo_rtc on sandbox: promoted"):
        assert said in call.talk
    assert call.talk.count("canary") == 2  # in the question, and once when it began
    assert "cpu.weight is not honoured" in call.talk
    assert "the command ends: kernel default (EEVDF) is in charge" in call.talk


def test_goal_without_terminal_and_yes_is_no() -> None:
    services = ScriptedServices()
    call = goal(services, json=True)
    assert call.code == 1
    assert "run it again with --yes" in call.talk
    assert call.document["approval"]["approved"] is False
    assert "rollback" not in services.made.asked


@pytest.mark.parametrize(("typed", "code"), [("9f31\n", 0), ("y\n", 1), ("", 1), ("9f31 0", 1)])
def test_goal_is_approved_by_the_typed_hash_alone(typed: str, code: int) -> None:
    services = ScriptedServices(keyboard=ScriptedTerminal(present=True, answer=typed))
    assert goal(services).code == code
    assert "9f31" in services.keyboard.questions[0]


def test_rejected_goal_is_one_with_the_finding() -> None:
    call = goal(ScriptedServices(made=ScriptedEngine(rejects=True)), yes=True)
    assert call.code == 1
    assert "SRC003 error: line 7: no loop bound" in call.talk


def test_hold_watches_and_rolls_back() -> None:
    services = ScriptedServices()
    call = goal(services, yes=True, hold_s=0.2)
    assert call.code == 0
    assert "holding fifo_rtc for 0.2 s" in call.talk
    assert "request_p99_us=134,000" in call.talk
    assert services.made.asked[-2:] == ["rollback", "close"]


@pytest.mark.parametrize(
    ("stage", "code"), [(Stage.EJECTED, 1), (Stage.GUARDED, 1), (Stage.ROLLED_BACK, 0)]
)
def test_what_ends_a_deployment_while_it_is_held(stage: Stage, code: int) -> None:
    services = ScriptedServices(made=ScriptedEngine(ends_while_held=stage))
    call = goal(services, yes=True, hold_s=5.0, json=True)
    assert call.code == code
    assert call.document["exit_code"] == code
    assert call.document["deployments"][-1]["stage"] == stage


@pytest.mark.parametrize("options", [{"stream": True}, {"yes": True, "target": "local"}])
def test_goal_refuses_options_that_do_not_fit(options: dict[str, Any]) -> None:
    services = ScriptedServices()
    assert goal(services, **options).code == 2
    assert services.made.asked == []


# errors --------------------------------------------------------------------------------------


def test_what_is_missing_is_three_with_the_fix() -> None:
    services = ScriptedServices(made=ScriptedEngine(opening_error=EngineError("no QEMU", "get it")))
    call = goal(services, json=True)
    assert call.code == 3
    assert call.document == {"error": {"sentence": "no QEMU", "fix": "get it"}}
    assert "fix: get it" in call.talk
    assert services.made.asked == ["open", "close"]


def test_a_fault_is_four_without_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCHEDTUI_DEBUG", raising=False)
    services = ScriptedServices(fault=ZeroDivisionError("bang\x1b[2J"))
    call = Call(services, verb="policies", action="list")
    assert call.code == 4
    assert "SCHEDTUI_DEBUG=1" in call.talk
    assert "Traceback" not in call.talk
    assert "\x1b" not in call.talk


def test_a_fault_shows_its_place_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEDTUI_DEBUG", "1")
    services = ScriptedServices(fault=ZeroDivisionError("bang"))
    assert "Traceback" in Call(services, verb="policies", action="list").talk


class ClosedPipe(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_closed_pipe_is_silent_and_closes_the_engine() -> None:
    services, talk = ScriptedServices(), io.StringIO()
    code = run(Options("watch"), services, Output(ClosedPipe(), talk, json=False))
    assert code == 141
    assert services.made.asked[-1] == "close"
    assert "Traceback" not in talk.getvalue()


# the others ----------------------------------------------------------------------------------


def test_watch_rows_and_json_lines() -> None:
    readable = Call(ScriptedServices(made=ScriptedEngine(ticks=2)), verb="watch", per_cpu=True)
    assert readable.code == 0
    assert "procfs (BPF is not to be had)" in readable.talk
    assert "wake p99" in readable.out
    assert "[bold]x[/]" in readable.out
    lines = Call(ScriptedServices(made=ScriptedEngine(ticks=3)), verb="watch", json=True).lines
    assert [line["seq"] for line in lines] == [0, 1, 2]


def test_watch_ends_after_its_seconds() -> None:
    services = ScriptedServices()
    call = Call(services, verb="watch", seconds=0.1, load="service", hz=2.0)
    assert call.code == 0
    assert services.made.asked == ["open", "load service", "rate 2", "close"]


@pytest.mark.parametrize("verb", ["watch", "goal", "verify"])
def test_an_unknown_load_is_usage_before_anything_starts(verb: str) -> None:
    services = ScriptedServices()
    call = Call(services, verb=verb, subject="x", load="nothing")
    assert call.code == 2
    assert "known: service" in call.talk
    assert services.made.asked == []


def test_a_watch_without_a_sample_is_no() -> None:
    assert Call(ScriptedServices(made=ScriptedEngine(ticks=0)), verb="watch").code == 1


@pytest.mark.parametrize(("passes", "code"), [(True, 0), (False, 1)])
def test_verify_answers_with_gates_and_findings(tmp_path: Path, passes: bool, code: int) -> None:
    file = tmp_path / "mine.bpf.c"
    file.write_text("int x;\n")
    checker = ScriptedVerifier(passes=passes)
    services = ScriptedServices(checker=checker)
    call = Call(services, verb="verify", subject=str(file), json=True, load="service")
    assert call.code == code
    assert call.document["passed"] is passes
    told = {k: v for k, v in call.document.items() if k not in {"file", "chain"}}
    assert call.document["chain"] == verdict_chain(from_json(Verdict, told))[-1]
    assert checker.seen == [("mine.bpf.c", "int x;\n", "service")]
    if not passes:
        (finding,) = call.document["gates"][0]["findings"]
        assert finding == {
            "code": "SRC003",
            "severity": "error",
            "sentence": "no loop bound",
            "hint": "bound the loop",
            "line": 7,
        }


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * ((1 << 20) + 1), None])
def test_verify_of_an_unreadable_file_is_usage(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "bad.c"
    if content is not None:
        file.write_bytes(content)
    call = Call(ScriptedServices(), verb="verify", subject=str(file), json=True)
    assert call.code == 2
    assert "bad.c" in call.document["error"]["sentence"]


def test_a_verifier_without_verdict_is_no_pass(tmp_path: Path) -> None:
    file = tmp_path / "x.c"
    file.write_text("int x;")
    services = ScriptedServices(checker=ScriptedVerifier(complete=False))
    assert Call(services, verb="verify", subject=str(file)).code == 1


def test_policies_are_listed_and_shown_without_opening() -> None:
    services = ScriptedServices()
    (brief,) = Call(services, verb="policies", action="list", json=True).document
    assert brief["name"] == "fifo_rtc"
    assert "source" not in brief
    page = Call(services, verb="policies", action="show", subject="fifo_rtc")
    assert "slice_ns = 100 ns (1 to 1000): longest turn" in page.out
    assert "ignores cpu.weight" in page.out
    whole = Call(services, verb="policies", action="show", subject="fifo_rtc", json=True)
    assert whole.document["source"] == "int x;"
    unknown = Call(services, verb="policies", action="show", subject="nope")
    assert unknown.code == 2
    assert "fifo_rtc" in unknown.talk
    assert services.made.asked == []


def test_loads_are_listed() -> None:
    call = Call(ScriptedServices(), verb="loads", action="list")
    assert "service  an oversubscribed request service" in call.out
    assert Call(ScriptedServices(), verb="loads", action="list", json=True).document[0]["name"]


def test_status_without_a_session_boots_no_sandbox() -> None:
    services = ScriptedServices()
    call = Call(services, verb="status", json=True)
    assert call.code == 0
    assert call.document["session"] is False
    assert "no session runs" in call.document["sentence"]
    assert services.made.asked == []


def test_status_of_this_host_reads_its_kernel() -> None:
    services = ScriptedServices()
    call = Call(services, verb="status", target="local")
    assert "local: kernel default (EEVDF)" in call.out
    assert services.made.asked == ["open", "close"]


def test_rollback_without_a_session_is_done() -> None:
    call = Call(ScriptedServices(), verb="rollback")
    assert call.code == 0
    assert call.out == "nothing to roll back: no session runs on sandbox\n"


def test_set_needs_a_session_and_whole_numbers() -> None:
    call = Call(ScriptedServices(), verb="set", subject="slice_us=700")
    assert call.code == 3
    assert "no session runs on sandbox" in call.talk
    for wrong in ("slice_us", "slice_us=", "slice_us=-1", "Slice=1", "slice_us=1 slice_us=2"):
        assert Call(ScriptedServices(), verb="set", subject=wrong).code == 2


def test_lab_setup_prepares_and_tells_its_steps() -> None:
    services = ScriptedServices(sandbox=ScriptedLab(NOT_READY))
    call = Call(services, verb="lab", action="setup", json=True)
    assert call.code == 0
    assert call.document["ready"] is True
    assert "fetching a kernel" in call.talk
    assert services.sandbox.prepared == 1


@pytest.mark.parametrize("action", ["status", "shell"])
def test_again_goes_with_setup_only(action: str) -> None:
    lab = ScriptedLab()
    call = Call(ScriptedServices(sandbox=lab), verb="lab", action=action, again=True)
    assert call.code == 2
    assert "--again goes with lab setup" in call.talk


def test_lab_status_names_the_fix() -> None:
    call = Call(ScriptedServices(sandbox=ScriptedLab(NOT_READY)), verb="lab", action="status")
    assert call.code == 3
    assert "there is no kernel yet" in call.out
    assert "schedtui lab setup" in call.out


def test_lab_setup_that_fails_is_three() -> None:
    lab = ScriptedLab(NOT_READY, EngineError("no network", "connect"))
    assert Call(ScriptedServices(sandbox=lab), verb="lab", action="setup").code == 3


def test_lab_externals_says_where_they_are_and_what_to_do_with_them() -> None:
    call = Call(ScriptedServices(), verb="lab", action="externals")
    assert call.code == 0
    line = "sudo install -m 755 /cache/bin/scx_bpfland /cache/bin/scx_cosmos /usr/local/bin"
    assert call.out.splitlines()[-1] == f"  {line}"
    document = Call(ScriptedServices(), verb="lab", action="externals", json=True).document
    assert document == {"programs": ["/cache/bin/scx_bpfland", "/cache/bin/scx_cosmos"]}
    lab = ScriptedLab(error=EngineError("cargo is not installed", "install it"))
    missing = Call(ScriptedServices(sandbox=lab), verb="lab", action="externals")
    assert (missing.code, "fix: install it" in missing.talk) == (3, True)


def test_lab_shell_returns_its_code() -> None:
    assert Call(ScriptedServices(), verb="lab", action="shell").code == 0


def test_screen_without_terminal_is_usage_and_points_on() -> None:
    services = ScriptedServices()
    call = Call(services, verb="")
    assert call.code == 2
    assert "schedtui watch" in call.talk
    assert services.shown == []


def test_screen_gets_its_options() -> None:
    services = ScriptedServices(tty=True)
    assert Call(services, verb="", theme="dusk", ascii=True).code == 0
    assert services.shown[0].theme == "dusk"


# doctor --------------------------------------------------------------------------------------

WHOLE = {"qemu-system-x86_64": "QEMU emulator version 7.2.17 (Debian)"}


def test_doctor_is_content_with_a_whole_host() -> None:
    services = ScriptedServices(host=ScriptedHost(programs=WHOLE))
    call = Call(services, verb="doctor", json=True)
    assert call.code == 0
    checks = {check["name"]: check for check in call.document["checks"]}
    assert call.document["ready"] is True
    assert checks["qemu"]["found"] == "7.2"
    assert checks["host sched_ext"]["finding"] == "note"
    assert checks["local sched_ext"]["fix"] == "boot another"


@pytest.mark.parametrize(
    ("host", "name", "fix"),
    [
        (ScriptedHost(), "qemu", "lab setup"),
        (ScriptedHost(programs={"qemu-system-x86_64": "version 6.1"}), "qemu", "lab setup"),
        (ScriptedHost(programs={"qemu-system-x86_64": ""}), "qemu", "lab setup"),
        (ScriptedHost(programs=WHOLE, modules=()), "compiler", "ziglang"),
        (ScriptedHost(programs=WHOLE, version=(3, 10, 0)), "python", "3.11"),
    ],
)
def test_doctor_names_what_is_missing(host: ScriptedHost, name: str, fix: str) -> None:
    call = Call(ScriptedServices(host=host), verb="doctor", json=True)
    assert call.code == 3
    (missing,) = [check for check in call.document["checks"] if check["finding"] == "missing"]
    assert missing["name"] == name
    assert fix in missing["fix"]
    assert missing["why"]


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [
        ("search", "optuna", "tune"),
        ("agents", "mcp", "mcp"),
        ("model", "anthropic", "model"),
    ],
)
@pytest.mark.parametrize("finding", ["ok", "note"])
def test_doctor_only_notes_that_an_extra_is_missing(
    name: str, module: str, extra: str, finding: str
) -> None:
    there = module if finding == "ok" else "other"
    host = ScriptedHost(programs=WHOLE, modules=("ziglang", there))
    call = Call(ScriptedServices(host=host), verb="doctor", json=True)
    (check,) = [check for check in call.document["checks"] if check["name"] == name]
    assert (call.code, check["finding"]) == (0, finding)
    assert (f"schedtui[{extra}]" in check["fix"]) is (finding == "note")


def test_doctor_for_this_host_does_not_need_the_sandbox() -> None:
    services = ScriptedServices(sandbox=ScriptedLab(NOT_READY), host=ScriptedHost())
    assert Call(services, verb="doctor", target="local").code == 0
    assert Call(services, verb="doctor", target="sandbox").code == 3


@pytest.mark.parametrize(("line", "code"), [("clang version 19.1.0", 0), ("clang version 14", 3)])
def test_doctor_wants_a_new_enough_clang_when_asked(line: str, code: int) -> None:
    host = ScriptedHost(programs=WHOLE | {"clang": line}, modules=())
    call = Call(ScriptedServices(host=host), verb="doctor", compiler="clang")
    assert call.code == code
    assert ("MISSING" in call.out) is (code == 3)


def test_doctor_survives_a_node_that_does_not_start() -> None:
    engine = ScriptedEngine(opening_error=EngineError("no node", "reinstall"))
    services = ScriptedServices(made=engine, host=ScriptedHost(programs=WHOLE))
    call = Call(services, verb="doctor")
    assert call.code == 0
    assert "no node" in call.out


def test_a_missing_python_package_is_three_with_the_fix() -> None:
    fault = ModuleNotFoundError("No module named 'zstandard'", name="zstandard")
    call = Call(ScriptedServices(fault=fault), verb="policies", action="list")
    assert call.code == 3
    assert "zstandard is not installed" in call.talk
    assert "make run" in call.talk


def test_a_missing_room_of_our_own_is_a_fault() -> None:
    fault = ModuleNotFoundError("gone", name="schedtui.policy")
    assert Call(ScriptedServices(fault=fault), verb="policies", action="list").code == 4


def test_the_error_of_a_lower_room_keeps_its_words() -> None:
    class CompilerError(Exception):
        sentence = "there is no compiler"
        fix = "install one"

    call = Call(ScriptedServices(fault=CompilerError()), verb="policies", action="list", json=True)
    assert call.code == 3
    assert call.document["error"] == {"sentence": "there is no compiler", "fix": "install one"}


class HastyEngine(ScriptedEngine):
    """Asks in a task of its own, while what led to the question still waits to be shown."""

    async def pursue(self, text: str, approver: Approver) -> AsyncIterator[ev.Event]:
        asking = asyncio.ensure_future(approver(REQUEST))
        await asyncio.sleep(0.02)
        yield ev.Verified(REQUEST.verdict)
        yield ev.ApprovalAsked(REQUEST)
        answer = await asking
        yield ev.Finished(0 if answer else 1, "done")


def test_the_question_comes_after_what_led_to_it() -> None:
    keyboard = ScriptedTerminal(present=True, answer="9f31")
    talk = goal(ScriptedServices(made=HastyEngine(), keyboard=keyboard)).talk
    assert talk.index("verdict   pass") < talk.index("Approve fifo_rtc?")


# keys ----------------------------------------------------------------------------------------


def test_keys_are_listed_with_those_of_the_user(tmp_path: Path) -> None:
    own = tmp_path / "keys.toml"
    own.write_text('[keys]\nzoom = "x"\nrollback = "enter"\n')
    call = Call(ScriptedServices(own_keys=own), verb="keys")
    assert call.code == 0
    assert "x              zoom " in call.out
    assert "share it again.  (your key)" in call.out
    assert call.talk == "schedtui: not used: keys.toml: enter (rollback) has a fixed meaning\n"
    assert call.out.endswith(f"your own keys: {own}\n")


def test_keys_as_a_document() -> None:
    document = Call(ScriptedServices(), verb="keys", json=True).document
    assert document["faults"] == []
    rollback = next(row for row in document["commands"] if row["id"] == "rollback")
    assert rollback["keys"] == ["r"]
    assert rollback["possible"] == "while something of ours is deployed"
    assert (rollback["everywhere"], rollback["origin"]) == (True, "built-in")
    assert {row["place"] for row in document["fixed"]} >= {"review", "menus"}


# themes --------------------------------------------------------------------------------------


def test_themes_are_listed_with_where_they_come_from(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "mine"\ntitle = "Mine"\nbase = "light"\n')
    (tmp_path / "bad.toml").write_text("name = \x1b")
    call = Call(ScriptedServices(own_themes=tmp_path), verb="themes")
    assert call.code == 0
    assert f"  Mine (light; yours, {tmp_path / 'mine.toml'})\n" in call.out
    assert "(dark; built-in, " in call.out
    assert call.talk.startswith("schedtui: not used: bad.toml: ")
    assert "\x1b" not in call.talk


def test_themes_as_a_document(tmp_path: Path) -> None:
    document = Call(ScriptedServices(own_themes=tmp_path), verb="themes", json=True).document
    assert (document["folder"], document["faults"]) == (str(tmp_path), [])
    mono = next(row for row in document["themes"] if row["name"] == "mono")
    assert (mono["native"], mono["origin"]) == (True, "built-in")
    assert Path(mono["file"]).is_file()


def test_keys_and_themes_of_the_user_are_in_the_configuration_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "schedtui"
    (folder / "themes").mkdir(parents=True)
    (folder / "keys.toml").write_text('[keys]\nzoom = "x"\n')
    (folder / "themes" / "a.toml").write_text('name = "mine"\ntitle = "Mine"\nbase = "mono"\n')
    services = RealServices()
    assert [row.id for row in services.keys().commands if row.keys == ("x",)] == ["zoom"]
    assert "mine" in {row.name for row in services.themes().themes}
    asked = services.screen_options(Options(verb="", theme="mine", mouse=False, ascii=True))
    assert (asked.own_keys, asked.own_themes) == (folder / "keys.toml", folder / "themes")
    assert (asked.theme, asked.mouse, asked.ascii_only) == ("mine", False, True)
