"""``record``, ``replay`` and ``--target replay:FILE``."""

from __future__ import annotations

import asyncio
import io
import json
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from schedtui.cli import read_options
from schedtui.commands import record
from schedtui.commands.context import Context
from schedtui.commands.options import Options
from schedtui.commands.output import Output
from schedtui.commands.run import run
from schedtui.commands.services import Services
from schedtui.commands.wiring import RealServices
from schedtui.engine.port import EngineError
from schedtui.engine.replay import Replay
from schedtui.engine.served import ServedEngine
from schedtui.model import events as ev
from schedtui.model.deployment import Approval, ApprovalRequest
from schedtui.store.recording import Recording
from tests.fakes.cli_services import OBJECT, ScriptedEngine, ScriptedServices
from tests.fakes.recordings import recorded
from tests.ui.stage import until


def call(services: Services, **options: Any) -> tuple[int, str, str]:
    out, talk = io.StringIO(), io.StringIO()
    chosen = Options(**options)
    return run(chosen, services, Output(out, talk, chosen.json)), out.getvalue(), talk.getvalue()


def test_a_target_is_recorded_for_as_long_as_asked(tmp_path: Path) -> None:
    services, path = ScriptedServices(), tmp_path / "a.rec"
    code, out, talk = call(
        services, verb="record", subject=str(path), seconds=0.3, load="service", json=True
    )
    assert code == 0, talk
    document = json.loads(out)
    assert document["file"] == str(path)
    assert document["samples"] > 3
    assert services.made.asked == ["open", "load service", "rate 2", "close"]
    with closing(Recording(path)) as found:
        assert found.index.end == document["samples"]


def test_a_file_that_is_there_is_not_touched(tmp_path: Path) -> None:
    services, path = ScriptedServices(), tmp_path / "a.rec"
    path.write_text("mine")
    code, _, talk = call(services, verb="record", subject=str(path))
    assert code == 2
    assert "is there already" in talk
    assert services.made.asked == []
    assert path.read_text() == "mine"


async def test_a_running_session_is_recorded_with_its_goal(tmp_path: Path) -> None:
    name, path = f"test-{uuid.uuid4().hex}", tmp_path / "a.rec"

    async def yes(_: ApprovalRequest) -> Approval:
        return Approval(OBJECT, "ada", "screen", 0)

    session = ServedEngine(ScriptedEngine(), name)
    await session.open(lambda _: None)
    events = session.pursue("cut the p99", yes)
    assert isinstance(await anext(events), ev.StageStarted)
    services, silent = ScriptedServices(session=name), io.StringIO()
    chosen = Options(verb="record", subject=str(path), seconds=20)
    context = Context(chosen, Output(silent, silent, json=False), services)
    recording = asyncio.create_task(record.run(context))
    await until(path.exists)
    await asyncio.sleep(0.1)
    async for _ in events:
        pass
    await session.close()
    assert await asyncio.wait_for(recording, 10) == 0
    assert services.made.asked == []
    with closing(Recording(path)) as found:
        kinds = [type(told.event) for told in found.past.told]
        assert kinds[0] is ev.StageStarted
        assert kinds[-1] is ev.Finished
        assert found.hello.target == "local"
        assert found.index.end > 1
        assert any(mark.text == "fifo_rtc promoted" for mark in found.past.marks)


def test_a_recording_is_read_out_by_watch(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.rec", 30)
    code, out, _ = call(RealServices(), verb="watch", target=f"replay:{path}", json=True)
    assert code == 0
    assert [json.loads(line)["seq"] for line in out.splitlines()] == list(range(1, 31))


@pytest.mark.parametrize("verb", ["goal", "status", "rollback", "record"])
def test_what_a_recording_cannot_do_is_said(verb: str) -> None:
    code, out, talk = call(RealServices(), verb=verb, subject="x", target="replay:x")
    assert (code, out) == (2, "")
    assert f"a recording can only be looked at; {verb} needs a target" in talk


def test_what_is_no_recording_is_said(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("hello")
    code, _, talk = call(RealServices(), verb="watch", target=f"replay:{tmp_path / 'x'}")
    assert code == 3
    assert "cannot be used as a recording" in talk


def test_replay_is_the_screen_on_a_recording() -> None:
    options = read_options(["replay", "a b.rec", "--ascii"])
    assert (options.verb, options.target, options.ascii) == ("", "replay:a b.rec", True)
    services = ScriptedServices(tty=True)
    assert run(options, services) == 0
    assert services.shown == [options]
    assert RealServices().screen_options(options).alternative is None
    assert read_options(["--target", "replay:x", "watch"]).target == "replay:x"
    with pytest.raises(SystemExit):
        read_options(["--target", "replay:", "watch"])


async def test_a_replay_refuses_whatever_would_change_something(tmp_path: Path) -> None:
    engine = Replay(recorded(tmp_path / "a.rec", 20))
    with pytest.raises(EngineError):
        engine.past()
    hello = await engine.open(lambda _: None)
    assert hello.target == "recording of sandbox"
    assert [hello.can(name) for name in ("psi", "deploy", "loads")] == [True, False, False]
    assert "this is a recording" in (hello.lack("deploy") or hello.capabilities[0]).reason

    async def pursued() -> None:
        async for _ in engine.pursue("x", _no):
            pass

    for refused in (engine.start_load("x"), engine.stop_load(), engine.rollback(), pursued()):
        with pytest.raises(EngineError, match="this is a recording"):
            await refused
    assert (await engine.state()).ended == "asked by the user"
    assert engine.loads() == ()
    assert engine.policies() == ()
    assert engine.deployment() is None
    await engine.close()


async def _no(_: ApprovalRequest) -> None:
    return None
