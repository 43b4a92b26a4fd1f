from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from schedtui.commands.terminal import OwnTerminal


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    keyboard, entry = os.openpty()
    yield keyboard, entry
    os.close(keyboard)
    os.close(entry)


async def test_the_answer_is_the_line_typed_after_the_question(ends: tuple[int, int]) -> None:
    keyboard, entry = ends
    terminal = OwnTerminal(entry, entry)
    assert terminal.present
    os.write(keyboard, b"9f31\n")  # typed ahead
    await asyncio.sleep(0.05)
    asking = asyncio.ensure_future(terminal.ask("really? "))
    await asyncio.sleep(0.1)
    assert not asking.done()
    os.write(keyboard, b"no\n")
    assert await asyncio.wait_for(asking, 2) == "no\n"


async def test_end_of_input_is_no_answer(ends: tuple[int, int]) -> None:
    keyboard, entry = ends
    asking = asyncio.ensure_future(OwnTerminal(entry, entry).ask("really? "))
    await asyncio.sleep(0.05)
    os.write(keyboard, b"\x04")
    assert await asyncio.wait_for(asking, 2) == ""


async def test_asking_can_be_cancelled(ends: tuple[int, int]) -> None:
    asking = asyncio.ensure_future(OwnTerminal(ends[1], ends[1]).ask("really? "))
    await asyncio.sleep(0.02)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


def test_a_pipe_is_nobody() -> None:
    reading, writing = os.pipe()
    try:
        assert not OwnTerminal(reading, writing).present
    finally:
        os.close(reading)
        os.close(writing)
