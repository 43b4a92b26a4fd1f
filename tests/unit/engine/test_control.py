from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from schedtui.engine.control import (
    CALL_LIMIT,
    CLIENTS,
    ControlServer,
    address,
    call,
    follow,
)
from schedtui.engine.port import EngineError
from schedtui.engine.served import ServedEngine
from schedtui.model.deployment import Approval, ApprovalRequest, Deployment, Stage
from schedtui.model.telemetry import Snapshot
from schedtui.model.wire import Json, from_json, to_json
from tests.fakes.cli_services import OBJECT, REQUEST, ScriptedEngine


@pytest.fixture
def name() -> str:
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine(current=Deployment("fifo_rtc", Stage.PROMOTED, OBJECT, "sandbox"))


@pytest.fixture
async def server(engine: ScriptedEngine, name: str) -> AsyncIterator[ControlServer]:
    async with ControlServer(engine, name) as serving:
        assert serving.serving
        yield serving


async def say(name: str, raw: bytes) -> bytes:
    """Write raw bytes and return all that comes back until the end."""
    reader, writer = await asyncio.open_unix_connection(address(name))
    with contextlib.suppress(ConnectionError):
        writer.write(raw)
        writer.write_eof()
    try:
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_nobody_there_is_none(name: str) -> None:
    assert await call(name, "status") is None
    assert [answer async for answer in follow(name)] == []


async def test_status_is_read_from_the_kernel(server: ControlServer, name: str) -> None:
    answer = await call(name, "status")
    assert answer is not None
    assert answer["in_charge"] == "fifo_rtc"
    assert answer["pid"] == os.getpid()
    deployment = answer["deployment"]
    assert isinstance(deployment, dict)
    assert deployment["stage"] == "promoted"


async def test_rollback_reaches_the_engine_once(
    server: ControlServer, engine: ScriptedEngine, name: str
) -> None:
    first = await call(name, "rollback")
    second = await call(name, "rollback")
    assert first is not None
    assert second is not None
    assert first["rolled_back"] is True
    assert first["in_charge"] == "kernel default (EEVDF)"
    assert second["rolled_back"] is False
    assert engine.current is not None
    assert engine.current.stage is Stage.ROLLED_BACK


async def test_live_parameters_are_set_or_the_reason_comes_back(
    server: ControlServer, engine: ScriptedEngine, name: str
) -> None:
    answer = await call(name, "set", parameters={"slice_us": 700})
    assert answer is not None
    assert answer["parameters"] == {"slice_us": 700, "brief_us": 500}
    assert engine.live["slice_us"] == 700
    with pytest.raises(EngineError, match="no live parameter turn_us"):
        await call(name, "set", parameters={"turn_us": 1})
    nonsense: tuple[Json, ...] = ({"slice_us": 0.5}, {"slice_us": True}, [], None)
    for given in nonsense:
        with pytest.raises(EngineError, match=r"has no parameters|is set to a whole number"):
            await call(name, "set", parameters=given)


async def test_two_clients_at_once(server: ControlServer, name: str) -> None:
    async with contextlib.aclosing(follow(name)) as stream:
        seen = []
        async for answer in stream:
            seen.append(from_json(Snapshot, answer).seq)
            status = await call(name, "status")
            assert status is not None
            if len(seen) == 3:
                break
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\x00\xfe\n",
        b"[]\n",
        b"{}\n",
        b'{"call": 7}\n',
        b'{"call": "destroy"}\n',
        b"[" * 4000 + b"\n",
        b'{"call": "status"',
        b"x" * (CALL_LIMIT * 3),
        b"",
    ],
)
async def test_garbage_gets_an_error_and_harms_nobody(
    server: ControlServer, name: str, garbage: bytes
) -> None:
    answer = await say(name, garbage)
    if answer:
        assert "sentence" in json.loads(answer)["error"]
    assert await call(name, "status") is not None


async def test_an_unknown_call_is_refused_in_words(server: ControlServer, name: str) -> None:
    with pytest.raises(EngineError, match="does not know that call"):
        await call(name, "destroy")


async def test_one_client_too_many_is_told(server: ControlServer, name: str) -> None:
    idle = [await asyncio.open_unix_connection(address(name)) for _ in range(CLIENTS)]
    await asyncio.sleep(0.05)
    with pytest.raises(EngineError, match="already serves"):
        await call(name, "status")
    for _, writer in idle:
        writer.close()
    await asyncio.sleep(0.05)
    assert await call(name, "status") is not None


async def test_the_end_does_not_wait_for_a_client_that_reads_nothing(
    engine: ScriptedEngine, name: str
) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stuck:
        async with ControlServer(engine, name):
            stuck.connect(address(name))
            stuck.send(b'{"call": "watch"}\n')
            await asyncio.sleep(0.5)
            started = loop.time()
        assert loop.time() - started < 3  # far less than the patience with a client
        assert await call(name, "status") is None


async def test_a_watch_ends_with_the_session(engine: ScriptedEngine, name: str) -> None:
    server = ControlServer(engine, name)
    await server.__aenter__()
    async with contextlib.aclosing(follow(name)) as stream:
        await anext(stream)
        await server.__aexit__(None, None, None)
        rest = [answer async for answer in stream]
    assert len(rest) < 1000


async def test_a_second_session_goes_without(server: ControlServer, name: str) -> None:
    said: list[str] = []
    second = ServedEngine(ScriptedEngine(), name)
    await second.open(said.append)
    assert any("another session" in sentence for sentence in said)
    await second.close()
    assert await call(name, "status") is not None


async def test_an_engine_error_travels_with_its_fix(name: str) -> None:
    broken = ScriptedEngine(state_error=EngineError("the node is gone", "start again"))
    async with ControlServer(broken, name):
        with pytest.raises(EngineError, match="the node is gone") as raised:
            await call(name, "status")
    assert raised.value.fix == "start again"


NESTED = b"[" * 100_000 + b"\n"


@pytest.mark.parametrize(
    "answer", [b"nonsense\n", b"[1]\n", b'{"result": 4}\n', b'{"error": 1}\n', NESTED]
)
async def test_a_session_that_talks_nonsense_is_an_error(name: str, answer: bytes) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answer)
        writer.close()

    other = await asyncio.start_unix_server(babble, address(name))
    async with other:
        with pytest.raises(EngineError):
            await call(name, "status")


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to become another user")
async def test_another_user_is_neither_served_nor_believed(
    server: ControlServer, name: str
) -> None:
    program = (
        "import os, socket, sys\n"
        "os.setuid(65534)\n"
        "s = socket.socket(socket.AF_UNIX)\n"
        "s.settimeout(5)\n"
        "s.connect(chr(0) + sys.argv[1])\n"
        'try:\n    s.sendall(b\'{"call": "rollback"}\\n\')\n    got = s.recv(10)\n'
        "except OSError: got = b''\n"
        "print(len(got))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, address(name)[1:], stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert out.strip() == b"0"


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to become another user")
async def test_a_foreign_holder_of_the_name_is_not_asked(name: str) -> None:
    program = (
        "import os, socket, sys, time\n"
        "os.setuid(65534)\n"
        "s = socket.socket(socket.AF_UNIX)\n"
        "s.bind(chr(0) + sys.argv[1])\n"
        "s.listen()\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        address(name)[1:],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    await process.stdout.readline()
    try:
        with pytest.raises(EngineError, match="another user"):
            await call(name, "rollback")
    finally:
        await process.communicate(b"")


@dataclass
class Waiting:
    """One request that waits."""

    asked: ApprovalRequest | None = REQUEST
    answers: list[Approval | None] = field(default_factory=list)

    def request(self) -> ApprovalRequest | None:
        return self.asked

    def answer(self, approval: Approval | None) -> None:
        self.answers.append(approval)


async def test_what_waits_is_shown_whole_and_answered_once(
    engine: ScriptedEngine, name: str
) -> None:
    waiting, approval = Waiting(), Approval(OBJECT, "me", "terminal", 1)
    async with ControlServer(engine, name, waiting):
        shown = await call(name, "request")
        assert shown is not None
        assert from_json(ApprovalRequest, shown["request"]) == REQUEST
        other = to_json(replace(approval, object_sha256="ab" * 32))
        with pytest.raises(EngineError, match="another object"):
            await call(name, "approve", approval=other)
        with pytest.raises(EngineError, match="no approval"):
            await call(name, "approve", approval={"object_sha256": OBJECT})
        assert await call(name, "approve", approval=to_json(approval)) == {"approved": True}
        assert await call(name, "approve", approval=None) == {"approved": False}
        waiting.asked = None
        with pytest.raises(EngineError, match="nothing waits"):
            await call(name, "approve", approval=to_json(approval))
    assert waiting.answers == [approval, None]


async def test_a_session_without_approvals_has_none(server: ControlServer, name: str) -> None:
    assert await call(name, "request") == {"request": None}
    with pytest.raises(EngineError, match="nothing waits"):
        await call(name, "approve", approval=None)
