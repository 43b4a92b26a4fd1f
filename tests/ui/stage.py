"""The real application on a fake engine, at a chosen size."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from textual.pilot import Pilot

from schedtui.ui.app import SchedtuiApp
from schedtui.ui.options import ScreenOptions
from schedtui.ui.screens.review import ReviewScreen
from tests.fakes.engine import FakeEngine

NARROW = (80, 24)
MIDDLE = (120, 32)
WIDE = (200, 50)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def opened(
    engine: FakeEngine | None = None,
    size: tuple[int, int] = MIDDLE,
    options: ScreenOptions | None = None,
) -> AsyncIterator[tuple[SchedtuiApp, Pilot[int]]]:
    """The application, live, with its first snapshot painted."""
    chosen = replace(options or ScreenOptions(user="ada"), monotonic=Clock())
    app = SchedtuiApp(engine or FakeEngine(), options=chosen)
    async with app.run_test(size=size) as pilot:
        await until(lambda: app.screen is app.live and app.desk.timeline.newest is not None)
        await pilot.pause()
        yield app, pilot


async def until(met: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait for a condition; fail when it does not come."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "the screen never got there"
        await asyncio.sleep(0.02)


async def type_goal(pilot: Pilot[int], text: str) -> None:
    """Type a goal as a person does, and press Enter."""
    await pilot.press("g")
    await pilot.press(*("space" if char == " " else char for char in text), "enter")


async def to_review(app: SchedtuiApp, pilot: Pilot[int], text: str = "cut p99") -> ReviewScreen:
    """Follow a goal to its review, still on hold."""
    await type_goal(pilot, text)
    await until(lambda: isinstance(app.screen, ReviewScreen))
    screen = app.screen
    assert isinstance(screen, ReviewScreen)
    await pilot.pause()
    await until(lambda: screen.hold_left() <= 1.0 and screen.is_mounted)
    return screen


async def released(screen: ReviewScreen) -> None:
    """Let the time pass in which no key counts."""
    wait(screen, 1.01)
    await until(lambda: not screen.on_hold)


def wait(screen: ReviewScreen, seconds: float) -> None:
    """Move the clock of the hold."""
    clock = screen.schedtui.options.monotonic
    assert isinstance(clock, Clock)
    clock.now += seconds


def text_of(app: SchedtuiApp) -> str:
    """What the terminal shows, as text."""
    width, height = app.size
    return "\n".join(
        "".join(segment.text for segment in line)
        for line in app.screen._compositor.render_strips()[:height]
    ).ljust(width)


def lines_of(app: SchedtuiApp) -> list[str]:
    """What the terminal shows, line by line."""
    return text_of(app).split("\n")
