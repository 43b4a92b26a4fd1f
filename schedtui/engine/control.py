"""The control socket: how another terminal reaches a running session.

A session listens on an abstract Unix socket, which has no file and vanishes with the process.
Both sides check with SO_PEERCRED whom they talk to, since any user may bind an abstract name.
One connection carries one call: a line ``{"call": "status"}`` in, JSON lines out, each either
``{"result": ...}`` or ``{"error": {"sentence": ..., "fix": ...}}``. The call ``approve`` brings the
approval as ``{"call": "approve", "approval": ...}``, the call ``set`` the ``parameters`` (names and
whole numbers).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, Self

from schedtui.engine.port import Engine, EngineError
from schedtui.engine.relay import Relay
from schedtui.model.deployment import Approval, ApprovalRequest
from schedtui.model.machine import Hello
from schedtui.model.protocol import Parameters
from schedtui.model.text import safe_text
from schedtui.model.wire import Json, WireError, from_json, to_json

CALL_LIMIT: Final = 4096
"""Longest line that a client may send, in bytes."""

ANSWER_LIMIT: Final = 4 << 20
"""Longest line that a session may answer, in bytes (a snapshot of 512 CPUs fits)."""

CLIENTS: Final = 8
"""Clients served at one time; one more is told so and sent away."""

_PATIENCE_S: Final = 5.0
_NOTHING: Final[Mapping[str, Json]] = {}
_PEERCRED: Final = struct.Struct("3i")

Answer = dict[str, Json]


class Approvals(Protocol):
    """What waits in a session until a person in another terminal answers."""

    def request(self) -> ApprovalRequest | None:
        """Return what a person has to decide, None when nothing waits."""
        ...

    def answer(self, approval: Approval | None) -> None:
        """Take the answer, None for no."""
        ...


def address(target: str) -> str:
    """Return the abstract socket name of the session that this user runs on ``target``."""
    return f"\0schedtui-{os.getuid()}-{target}"


def error_body(error: EngineError) -> Answer:
    """Return an engine's error as the JSON that every command and the socket use."""
    return {"sentence": error.sentence, "fix": error.fix}


async def status_body(engine: Engine) -> Answer:
    """Return who schedules (read from the kernel now) and this session's deployment."""
    state = await engine.state()
    return {
        "session": True,
        "pid": os.getpid(),
        "in_charge": state.in_charge,
        "scheduler": to_json(state),
        "deployment": to_json(engine.deployment()),
    }


async def rollback_body(engine: Engine) -> Answer:
    """Roll back and return what the kernel says afterwards."""
    before = engine.deployment()
    state = await engine.rollback()
    return {
        "rolled_back": before is not None and before.live,
        "in_charge": state.in_charge,
        "scheduler": to_json(state),
    }


async def set_body(engine: Engine, parameters: Parameters) -> Answer:
    """Set live parameters and return all of them as they are then."""
    now = await engine.set_live(parameters)
    deployment = engine.deployment()
    return {"scheduler": deployment.scheduler if deployment else "", "parameters": dict(now)}


class ControlServer:
    """Answers for one engine while the context is open.

    With ``approvals`` it also shows what waits there, and passes the answer on.

    ``serving`` is False when another process already holds the name; the session then runs
    without a control socket.
    """

    def __init__(self, engine: Engine, target: str, approvals: Approvals | None = None) -> None:
        self._engine = engine
        self._approvals = approvals
        self._target = target
        self._clients: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.relay = Relay()
        self.hello: Hello | None = None
        """What the target said when it was opened."""

    @property
    def serving(self) -> bool:
        """Tell whether other terminals can reach this session."""
        return self._server is not None

    async def __aenter__(self) -> Self:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(address(self._target))
        except OSError:
            listener.close()
            return self
        self._server = await asyncio.start_unix_server(
            self._accept, sock=listener, limit=CALL_LIMIT
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is None:
            return
        self._server.close()
        waiting = list(self._clients)
        for client in waiting:
            client.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not _is_ours(writer):
            writer.close()
            return
        full = len(self._clients) >= CLIENTS
        task = asyncio.ensure_future(_turn_away(writer) if full else self._serve(reader, writer))
        if not full:
            self._clients.add(task)
            task.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(await _read_call(reader), writer)
        except EngineError as error:
            await _quietly_send(writer, {"error": error_body(error)})
        except OSError:
            # The client went away or does not read. A plain close would wait for it to read.
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
            raise
        finally:
            writer.close()

    async def _answer(self, asked: Answer, writer: asyncio.StreamWriter) -> None:
        match asked["call"]:
            case "status":
                await _send(writer, {"result": await status_body(self._engine)})
            case "set":
                await _send(writer, {"result": await set_body(self._engine, _parameters(asked))})
            case "rollback":
                await _send(writer, {"result": await rollback_body(self._engine)})
            case "watch":
                async for snapshot in self._engine.snapshots():
                    await _send(writer, {"result": to_json(snapshot)})
            case "record" if self.hello is not None:
                await self._record(self.hello, writer)
            case "request":
                await _send(writer, {"result": {"request": to_json(self._request())}})
            case "approve":
                await _send(writer, {"result": {"approved": self._approved(asked)}})
            case _:
                raise EngineError("this session does not know that call", missing=False)

    async def _record(self, hello: Hello, writer: asyncio.StreamWriter) -> None:
        stream = self.relay.stream(hello, self._engine.snapshots())
        async with contextlib.aclosing(stream) as parts:
            async for part in parts:
                await _send(writer, {"result": part})

    def _request(self) -> ApprovalRequest | None:
        return self._approvals.request() if self._approvals else None

    def _approved(self, asked: Answer) -> bool:
        """Pass an answer on; an approval must be of the very object that waits."""
        request = self._request()
        try:
            approval = from_json(_Answered, {"approval": asked.get("approval")}).approval
        except WireError as error:
            raise EngineError("that is no approval", missing=False) from error
        if self._approvals is None or request is None:
            raise EngineError("nothing waits for approval any more", missing=False)
        if approval and approval.object_sha256 != request.verdict.object_sha256:
            raise EngineError("another object waits for approval", "look again", missing=False)
        self._approvals.answer(approval)
        return approval is not None


@dataclass(frozen=True, slots=True)
class _Answered:
    approval: Approval | None


def _peer_uid(connection: socket.socket) -> int:
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEERCRED.size)
    return int(_PEERCRED.unpack(raw)[1])


def _is_ours(writer: asyncio.StreamWriter) -> bool:
    return _peer_uid(writer.get_extra_info("socket")) in {os.getuid(), 0}


async def _turn_away(writer: asyncio.StreamWriter) -> None:
    busy = EngineError(
        f"this session already serves {CLIENTS} clients", "close one of them", missing=False
    )
    await _quietly_send(writer, {"error": error_body(busy)})
    writer.close()


def _parameters(asked: Answer) -> Parameters:
    given = asked.get("parameters")
    if not isinstance(given, dict):
        raise EngineError("the call has no parameters", missing=False)
    numbers = [(name, value) for name, value in given.items() if type(value) is int]
    if len(numbers) != len(given):
        raise EngineError("a parameter is set to a whole number", missing=False)
    return tuple(numbers)


async def _read_call(reader: asyncio.StreamReader) -> Answer:
    unreadable = EngineError("the call was not a short JSON line", missing=False)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            line = await reader.readuntil(b"\n")
        data = json.loads(line)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise unreadable from error
    except (ValueError, RecursionError) as error:
        raise unreadable from error
    if not isinstance(data, dict) or not isinstance(data.get("call"), str):
        raise unreadable
    return data


async def _send(writer: asyncio.StreamWriter, message: Answer) -> None:
    writer.write(json.dumps(message).encode() + b"\n")
    async with asyncio.timeout(_PATIENCE_S):
        await writer.drain()


async def _quietly_send(writer: asyncio.StreamWriter, message: Answer) -> None:
    try:
        await _send(writer, message)
    except OSError:
        writer.transport.abort()


async def call(target: str, verb: str, **more: Json) -> Answer | None:
    """Ask the running session on ``target``; None when nobody runs one.

    ``more`` is what the call says besides its name. Raises EngineError with the session's own
    sentence when it refuses, does not answer within five seconds times two, or is not ours.
    """
    patience_s = 2 * _PATIENCE_S
    async with contextlib.aclosing(follow(target, verb, more, patience_s=patience_s)) as answers:
        async for answer in answers:
            return answer
    return None


async def follow(
    target: str,
    verb: str = "watch",
    more: Mapping[str, Json] = _NOTHING,
    *,
    patience_s: float | None = None,
) -> AsyncGenerator[Answer, None]:
    """Yield every answer of the running session; yields nothing when nobody runs one.

    Raises EngineError like :func:`call`. Ends when the session ends.
    """
    connection = await _connect(target)
    if connection is None:
        return
    reader, writer = connection
    try:
        await _send(writer, {**more, "call": verb})
        while (line := await _read_answer(reader, patience_s)) is not None:
            yield line
    except OSError as error:
        raise EngineError("the running session closed the connection", missing=False) from error
    finally:
        writer.close()


async def _connect(
    target: str,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    try:
        reader, writer = await asyncio.open_unix_connection(address(target), limit=ANSWER_LIMIT)
    except OSError:
        return None
    if not _is_ours(writer):
        writer.close()
        raise EngineError(
            "another user's process holds the name of this session's control socket",
            "find it with: ss -xlp | grep schedtui",
            missing=False,
        )
    return reader, writer


async def _read_answer(reader: asyncio.StreamReader, patience_s: float | None) -> Answer | None:
    silent = EngineError("the running session does not answer", missing=False)
    try:
        async with asyncio.timeout(patience_s):
            line = await reader.readuntil(b"\n")
        data = json.loads(line)
    except asyncio.IncompleteReadError:
        return None
    except (TimeoutError, asyncio.LimitOverrunError, ValueError, RecursionError) as error:
        raise silent from error
    return _unpacked(data)


def _unpacked(data: object) -> Answer:
    body = data if isinstance(data, dict) else {}
    result, error = body.get("result"), body.get("error")
    if isinstance(result, dict):
        return result
    detail = error if isinstance(error, dict) else {}
    sentence = safe_text(str(detail.get("sentence", "the running session gave no answer")))
    raise EngineError(sentence, safe_text(str(detail.get("fix", ""))), missing=False)
