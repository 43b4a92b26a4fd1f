"""The real client against the scripted server: what comes back, and what never does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from schedtui.agent.backends.credentials import Credentials
from schedtui.agent.backends.opening import open_messages
from schedtui.agent.backends.port import Backend, BackendError, Request, Tool
from schedtui.agent.backends.speech import MOST
from schedtui.model.spending import Usage
from tests.fakes.model_server import ModelServer, serving

SECRET = "sk-very-secret-0815"
LOOK = Tool("look", "Look at something.", {"what": {"type": "string"}}, 100)


def request(**changes: Any) -> Request:
    usual: dict[str, Any] = {
        "model": "claude-sonnet-5-5",
        "effort": "medium",
        "system": "You propose.",
        "messages": ({"role": "user", "content": "Look."},),
        "tools": (LOOK,),
        "seconds": 5.0,
    }
    return Request(**usual | changes)


@asynccontextmanager
async def asking(
    *turns: Mapping[str, Any], counts: bool = True
) -> AsyncIterator[tuple[Backend, ModelServer]]:
    async with serving(*turns, counts=counts) as served:
        backend = open_messages(Credentials(key=SECRET, base_url=served.url))
        try:
            yield backend, served
        finally:
            await backend.close()


def deaf(_aloud: bool, _line: str) -> None:
    return None


async def test_thinking_text_and_calls_come_back_whole_and_are_told_as_they_come() -> None:
    lines: list[tuple[bool, str]] = []
    turn = {
        "thinking": "First.\nThen \x1b[31mred.",
        "text": "I look.",
        "tool": [{"name": "look", "input": {"what": "load"}}],
        "usage": {"input_tokens": 7, "cache_creation_input_tokens": 11,
                  "cache_read_input_tokens": 13, "output_tokens": 17},
    }  # fmt: skip
    async with asking(turn) as (backend, _):
        reply = await backend.turn(request(), lambda aloud, line: lines.append((aloud, line)))
    assert lines == [(False, "First."), (False, "Then \\x1b[31mred."), (True, "I look.")]
    assert (reply.stop, reply.text, reply.model) == ("tool_use", "I look.", "scripted")
    assert [(c.name, c.input) for c in reply.calls] == [("look", {"what": "load"})]
    assert reply.usage == Usage(7, 11, 13, 17)
    kinds = [block["type"] for block in reply.content if isinstance(block, dict)]
    assert kinds == ["thinking", "text", "tool_use"]
    assert reply.content[0] == {
        "type": "thinking",
        "thinking": "First.\nThen \x1b[31mred.",
        "signature": "c2lnbmVk",
    }


async def test_a_request_is_strict_cached_and_thinks_aloud() -> None:
    async with asking({"text": "yes"}) as (backend, served):
        await backend.turn(request(schema={"type": "object"}), deaf)
    body = served.asked[0].body
    assert body["tools"][0]["strict"] is True
    assert body["tools"][0]["input_schema"]["additionalProperties"] is False
    assert body["tools"][0]["input_schema"]["required"] == ["what"]
    assert body["cache_control"] == {"type": "ephemeral"}
    assert body["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert body["output_config"]["effort"] == "medium"
    assert body["output_config"]["format"]["type"] == "json_schema"
    assert "tool_choice" not in body
    assert served.asked[0].authorization.endswith(SECRET)


async def test_a_model_that_is_not_known_is_asked_for_nothing_special() -> None:
    async with asking({"text": "yes"}) as (backend, served):
        await backend.turn(request(effort=""), deaf)
    assert not {"thinking", "output_config"} & served.asked[0].body.keys()


async def test_what_was_said_can_be_sent_again_as_it_was() -> None:
    first = {"thinking": "Hm.", "tool": [{"name": "look", "input": {"what": "a"}}]}
    async with asking(first, {"text": "done"}) as (backend, served):
        begun = request()
        reply = await backend.turn(begun, deaf)
        answer: dict[str, Any] = {"type": "tool_result", "tool_use_id": "toolu_0", "content": "b"}
        messages = (
            *begun.messages,
            {"role": "assistant", "content": list(reply.content)},
            {"role": "user", "content": [answer]},
        )
        await backend.turn(request(messages=messages), deaf)
    earlier, later = (heard.body["messages"] for heard in served.asked)
    assert later[: len(earlier)] == earlier
    assert later[1]["content"][0]["signature"] == "c2lnbmVk"


@pytest.mark.parametrize("status", [429, 500, 529])
async def test_a_passing_error_is_tried_again(status: int) -> None:
    turns = {"error": status}, {"error": status}, {"text": "there"}
    async with asking(*turns) as (backend, served):
        reply = await backend.turn(request(), deaf)
    assert (reply.text, len(served.asked)) == ("there", 3)


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "does not accept the key"), (404, "does not have this model"),
     (529, "overloaded"), (429, "too many requests"), (500, "fault of its own"),
     (400, "does not accept the request")],
)  # fmt: skip
async def test_an_error_is_a_sentence_without_the_key(status: int, words: str) -> None:
    turn = {"error": status, "message": f"key {SECRET} \x1b]0;owned\x07"}
    async with asking(turn, turn, turn) as (backend, _):
        with pytest.raises(BackendError, match=words) as raised:
            await backend.turn(request(), deaf)
    sentence = raised.value.sentence
    assert SECRET not in sentence
    assert "[key]" in sentence
    assert "\x1b" not in sentence
    assert not raised.value.begun


@pytest.mark.parametrize("events", [0, 1, 3, 6])
async def test_an_answer_that_breaks_off_is_no_answer(events: int) -> None:
    turn = {"text": "half of it", "truncate": events}
    async with asking(turn, turn, turn) as (backend, _):
        with pytest.raises(BackendError) as raised:
            await backend.turn(request(), deaf)
    assert raised.value.begun


START = {
    "type": "message_start",
    "message": {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": []},
}
STOP = {"type": "message_stop"}


@pytest.mark.parametrize(
    "events",
    [
        [STOP],
        [START, STOP],
        [START, {"type": "content_block_delta", "index": 7, "delta": {"type": "text_delta"}}, STOP],
        [START, {"type": "content_block_start", "index": 0, "content_block": None}, STOP],
        [START, {"type": "error", "error": {"type": "overloaded_error", "message": SECRET}}],
        [{"type": "message_start", "message": SECRET}, STOP],
        [{"type": "message_start"}, {"type": SECRET}, STOP],
        [START, {"type": "message_delta", "delta": {"stop_reason": 7}, "usage": 7}, STOP],
    ],
)
async def test_events_that_make_no_sense_are_one_sentence(events: list[dict[str, Any]]) -> None:
    async with asking({"events": events}) as (backend, _):
        with pytest.raises(BackendError) as raised:
            await backend.turn(request(), deaf)
    assert SECRET not in raised.value.sentence


@pytest.mark.parametrize(
    "turn",
    [{"text": "x" * (MOST + 1)}, {"tool": [{"name": "look", "input": {"what": "x" * MOST}}]}],
)
async def test_an_answer_without_end_is_ended(turn: Mapping[str, Any]) -> None:
    async with asking(turn) as (backend, _):
        with pytest.raises(BackendError, match="no end"):
            await backend.turn(request(), deaf)


async def test_a_slow_answer_ends_in_time() -> None:
    async with asking({"text": "slow", "slow_s": 0.2}) as (backend, _):
        with pytest.raises(BackendError, match="too long"):
            await backend.turn(request(seconds=0.3), deaf)


async def test_cancelling_lets_go_of_the_server_at_once() -> None:
    async with asking({"text": "slow", "slow_s": 0.05}) as (backend, served):
        turn = asyncio.create_task(backend.turn(request(), deaf))
        await served.reached.wait()
        turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await turn
        await asyncio.wait_for(served.left.wait(), 5.0)


async def test_a_refusal_is_an_answer_with_its_kind() -> None:
    async with asking({"stop": "refusal", "category": "cyber"}) as (backend, _):
        reply = await backend.turn(request(), deaf)
    assert (reply.stop, reply.refusal, reply.calls) == ("refusal", "cyber", ())


async def test_nothing_that_comes_back_has_the_key_in_it() -> None:
    lines: list[str] = []
    turn = {
        "thinking": f"the key is {SECRET}",
        "text": f"x {SECRET} y",
        "tool": [{"name": SECRET, "input": {SECRET: [SECRET]}}],
        "model": SECRET,
    }
    async with asking(turn) as (backend, _):
        reply = await backend.turn(request(), lambda _, line: lines.append(line))
        seen = [*lines, repr(backend), repr(reply), json.dumps(reply.content)]
    assert not [text for text in seen if SECRET in text]
    assert lines == ["the key is [key]", "x [key] y"]


async def test_tokens_are_counted_where_the_server_can() -> None:
    async with asking() as (backend, _):
        assert (await backend.count(request()) or 0) > 10
    async with asking(counts=False) as (backend, _):
        assert await backend.count(request()) is None


async def test_nobody_listening_is_a_sentence() -> None:
    backend = open_messages(Credentials(key=SECRET, base_url="http://127.0.0.1:9"))
    with pytest.raises(BackendError, match="cannot be reached") as raised:
        await backend.turn(request(seconds=20.0), deaf)
    await backend.close()
    assert SECRET not in str(raised.value)
