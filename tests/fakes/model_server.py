"""A model server with a script: the Messages API over loopback, with server-sent events.

A scenario is a TOML file with one ``[[turn]]`` after the other, see ``scenarios/README.md``. Run
by hand: ``python -m tests.fakes.model_server tests/fakes/scenarios/configure.toml``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

SCENARIOS: Final = Path(__file__).with_name("scenarios")
MODEL: Final = "scripted"
"""Who answers, as the server says: nobody should take it for a model."""

_KINDS: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it came in."""

    path: str
    authorization: str
    body: dict[str, Any]

    @property
    def last(self) -> str:
        """The last message, as JSON."""
        return json.dumps(self.body["messages"][-1], ensure_ascii=False)


@dataclass(slots=True)
class ModelServer:
    """Answers with the turns of a scenario, in order; a request too many is an error 400."""

    turns: list[Mapping[str, Any]]
    counts: bool = True
    """Whether it counts tokens; a server that does not, answers 404."""
    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a turn was asked for."""
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when somebody who asked went away before the end."""

    @property
    def asked(self) -> list[Heard]:
        """The requests for a turn, retries among them."""
        return [one for one in self.heard if one.path == "/v1/messages"]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request; the connection ends with it."""
        with contextlib.suppress(asyncio.IncompleteReadError, asyncio.CancelledError):
            try:
                await self._answer(await _read(reader), writer)
                await writer.drain()
            except ConnectionError:
                self.left.set()
        writer.close()

    async def _answer(self, heard: Heard, writer: asyncio.StreamWriter) -> None:
        self.heard.append(heard)
        if heard.path.endswith("/count_tokens"):
            size = len(json.dumps(heard.body)) // 4
            _send(writer, 200 if self.counts else 404, {"input_tokens": size})
            return
        self.reached.set()
        turn = self._next(heard)
        if "error" in turn:
            kind = _KINDS[turn["error"]]
            body = {"type": kind, "message": turn.get("message", "as the script says")}
            _send(writer, turn["error"], {"type": "error", "error": body})
            return
        await self._stream(turn, writer)

    def _next(self, heard: Heard) -> Mapping[str, Any]:
        if not self.turns:
            return {"error": 400, "message": "no turn is left"}
        turn = self.turns.pop(0)
        wanted = turn.get("expect", "")
        if wanted not in heard.last:
            return {"error": 400, "message": f"the script expects {wanted!r}"}
        return turn

    async def _stream(self, turn: Mapping[str, Any], writer: asyncio.StreamWriter) -> None:
        _head(writer, 200, "text/event-stream")
        events = turn["events"] if "events" in turn else list(_events(turn))
        if "truncate" in turn:
            events = events[: turn["truncate"]]
        for number, event in enumerate(events):
            if number and "slow_s" in turn:
                await asyncio.sleep(turn["slow_s"])
            if writer.is_closing():
                raise ConnectionResetError
            line = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
            writer.write(line.encode())
            await writer.drain()


@asynccontextmanager
async def serving(*turns: Mapping[str, Any], counts: bool = True) -> AsyncIterator[ModelServer]:
    """Serve these turns on a free port of loopback."""
    served = ModelServer(list(turns), counts)
    listening = await asyncio.start_server(served.serve, "127.0.0.1", 0, limit=2**22)
    served.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield served
    finally:
        listening.close()
        await listening.wait_closed()


def scenario(name: str) -> Sequence[Mapping[str, Any]]:
    """Return the turns of a scenario that ships with the tests."""
    return turns_of(SCENARIOS / f"{name}.toml")


def turns_of(path: Path) -> Sequence[Mapping[str, Any]]:
    """Return the turns of a scenario file."""
    turns: list[Mapping[str, Any]] = tomllib.loads(path.read_text("utf-8"))["turn"]
    return turns


async def _read(reader: asyncio.StreamReader) -> Heard:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:])}
    body = await reader.readexactly(int(fields.get("content-length", "0")))
    sent = fields.get("authorization", "") or fields.get("x-api-key", "")
    return Heard(head[0].split(" ")[1].partition("?")[0], sent, json.loads(body))


def _head(writer: asyncio.StreamWriter, status: int, kind: str) -> None:
    writer.write(
        f"HTTP/1.1 {status} said\r\ncontent-type: {kind}\r\nrequest-id: req_script\r\n"
        "retry-after-ms: 5\r\nconnection: close\r\n\r\n".encode()
    )


def _send(writer: asyncio.StreamWriter, status: int, body: object) -> None:
    _head(writer, status, "application/json")
    writer.write(json.dumps(body).encode())


def _events(turn: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    usage = {"input_tokens": 100, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    usage |= turn.get("usage", {})
    said = usage.pop("output_tokens", 50)
    message: dict[str, Any] = {"id": "msg_script", "type": "message", "role": "assistant"}
    message |= {
        "content": [],
        "model": turn.get("model", MODEL),
        "stop_reason": None,
        "stop_sequence": None,
    }
    yield {"type": "message_start", "message": message | {"usage": usage | {"output_tokens": 1}}}
    for index, (block, deltas) in enumerate(_blocks(turn)):
        yield {"type": "content_block_start", "index": index, "content_block": block}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    usual = "tool_use" if turn.get("tool") else "end_turn"
    ending: dict[str, Any] = {"stop_reason": turn.get("stop", usual), "stop_sequence": None}
    if "category" in turn:
        details = {"type": "refusal", "category": turn["category"], "explanation": None}
        ending["stop_details"] = details
    yield {"type": "message_delta", "delta": ending, "usage": {"output_tokens": said}}
    yield {"type": "message_stop"}


def _blocks(turn: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    if "thinking" in turn:
        thinking = {"type": "thinking", "thinking": "", "signature": ""}
        deltas: list[dict[str, Any]] = [
            {"type": "thinking_delta", "thinking": part} for part in _halves(turn["thinking"])
        ]
        yield thinking, [*deltas, {"type": "signature_delta", "signature": "c2lnbmVk"}]
    if "text" in turn:
        text = [{"type": "text_delta", "text": part} for part in _halves(turn["text"])]
        yield {"type": "text", "text": ""}, text
    for number, call in enumerate(turn.get("tool", ())):
        block = {"type": "tool_use", "id": f"toolu_{number}", "name": call["name"], "input": {}}
        given = call.get("input", {})
        sent = given if isinstance(given, str) else json.dumps(given)
        parts = [{"type": "input_json_delta", "partial_json": part} for part in _halves(sent)]
        yield block, parts


def _halves(text: str) -> tuple[str, str]:
    """Text in two parts, as a stream never keeps to words."""
    middle = len(text) // 2
    return text[:middle], text[middle:]


async def _by_hand(path: Path) -> None:
    async with serving(*turns_of(path)) as served:
        print(f"export ANTHROPIC_BASE_URL={served.url} ANTHROPIC_API_KEY=scripted-key", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_by_hand(Path(sys.argv[1])))
