"""The node link treats everything it receives as hostile."""

from __future__ import annotations

import asyncio

import pytest

from schedtui.model.protocol import LINE_LIMIT, Nothing
from schedtui.model.telemetry import SchedulerState
from schedtui.target.link import LinkError
from tests.fakes.node import link_and_far_end

STATE = {"state": "disabled"}


async def test_an_answer_reaches_its_caller() -> None:
    link, far = await link_and_far_end()
    asking = asyncio.create_task(link.call("state", Nothing(), SchedulerState))
    await far.answer(await far.request(), STATE)
    assert (await asking).in_charge == "kernel default (EEVDF)"
    await link.close()
    far.close()


async def test_a_refusal_is_told_apart_and_made_printable() -> None:
    link, far = await link_and_far_end()
    asking = asyncio.create_task(link.call("state", Nothing(), SchedulerState))
    request = await far.request()
    await far.say({"id": request["id"], "nonce": "", "error": {"sentence": "no \x1b[31m"}})
    with pytest.raises(LinkError) as caught:
        await asking
    assert caught.value.refused
    assert caught.value.sentence == "no \\x1b[31m"
    await link.close()
    far.close()


@pytest.mark.parametrize(
    "line",
    [
        b"not json\n",
        b"[1, 2]\n",
        b'{"id": 1, "nonce": "forged", "ok": {"state": "enabled"}}\n',
        b'{"event": "sample", "data": {}}\n' * 2 + b'{"event": "sample", "nonce": "x"}\n',
        b"x" * (LINE_LIMIT * 2 + 10) + b"\n",
    ],
    ids=["garbage", "list", "wrong nonce", "bad sample", "endless line"],
)
async def test_nonsense_ends_the_conversation_and_fails_who_waits(line: bytes) -> None:
    link, far = await link_and_far_end()
    link.on_sample(lambda _: None)
    asking = asyncio.create_task(link.call("state", Nothing(), SchedulerState, seconds=5))
    await far.request()
    sending = asyncio.create_task(far.raw(line))
    with pytest.raises(LinkError):
        await asking
    assert link.closed.is_set()
    sending.cancel()
    await link.close()
    far.close()


async def test_an_answer_of_the_wrong_shape_is_an_error() -> None:
    link, far = await link_and_far_end()
    asking = asyncio.create_task(link.call("state", Nothing(), SchedulerState))
    await far.answer(await far.request(), {"state": 7})
    with pytest.raises(LinkError, match="nonsense"):
        await asking
    await link.close()
    far.close()


async def test_a_silent_node_is_given_up() -> None:
    link, far = await link_and_far_end()
    with pytest.raises(LinkError, match="did not answer"):
        await link.call("state", Nothing(), SchedulerState, seconds=0.05)
    await link.close()
    far.close()


async def test_a_node_that_leaves_fails_later_calls_too() -> None:
    link, far = await link_and_far_end()
    far.close()
    await asyncio.wait_for(link.closed.wait(), 2)
    with pytest.raises(LinkError):
        await link.tell("state")
    await link.close()
