"""The guest that is opened while the cheap gates work is gone whatever becomes of them."""

from __future__ import annotations

import asyncio
import os

import pytest

from schedtui.engine.throwaway import GuestInspector
from schedtui.model.events import Event, Verified
from schedtui.model.verdict import GateName
from schedtui.target.sandbox.lab import Lab
from tests.fakes.schedulers import compiled
from tests.fakes.verifying import up_to_the_kernel
from tests.processes import guests
from tests.unit.verify.sources import scheduler, with_dispatch

pytestmark = pytest.mark.vm


async def said_of(lab: Lab, source: str) -> list[Event]:
    return [event async for event in up_to_the_kernel(lab).verify_source("", source, "")]


async def until_there_is_a_guest() -> None:
    async with asyncio.timeout(10):
        # The kernel tells nobody when a process has been started.
        while not guests(os.getpid()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_sound_source_gets_its_answer(lab: Lab) -> None:
    last = (await said_of(lab, scheduler()))[-1]
    assert isinstance(last, Verified)
    assert last.verdict.passed
    assert last.verdict.gates[-1].gate is GateName.KERNEL
    assert not guests(os.getpid())


async def test_a_source_that_does_not_compile_leaves_no_guest(lab: Lab) -> None:
    last = (await said_of(lab, with_dispatch("queue_take(0, nothing_like_it);")))[-1]
    assert isinstance(last, Verified)
    assert last.verdict.gates[-1].gate is GateName.COMPILE
    assert not guests(os.getpid())


async def test_who_gives_up_leaves_no_guest(lab: Lab) -> None:
    asking = asyncio.create_task(said_of(lab, scheduler()))
    await until_there_is_a_guest()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not guests(os.getpid())


async def test_an_inspector_that_is_not_asked_leaves_no_guest(lab: Lab) -> None:
    for wait_s in (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0):
        inspector = GuestInspector(lab)
        inspector.open_ahead()
        await asyncio.sleep(wait_s)
        await inspector.close()
        assert not guests(os.getpid())


async def test_an_inspector_can_be_asked_again(lab: Lab) -> None:
    data = await compiled("vtime_fair")
    inspector = GuestInspector(lab)
    inspector.open_ahead()
    first, second = await inspector.inspect(data), await inspector.inspect(data)
    assert (first.ok, second.ok) == (True, True)
    assert not guests(os.getpid())
