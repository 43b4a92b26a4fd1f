"""Every size works; nothing is lost by resizing; no key sequence breaks or approves anything."""

from __future__ import annotations

import random

import pytest

from schedtui.ui.layout import Shape, shape_for
from schedtui.ui.options import ScreenOptions
from schedtui.ui.screens.review import ReviewScreen
from schedtui.ui.widgets.bars import GoalInput
from tests.fakes import samples
from tests.fakes.engine import FakeEngine
from tests.ui.stage import MIDDLE, NARROW, WIDE, lines_of, opened, text_of, until


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((59, 40), Shape.TOO_SMALL),
        ((200, 14), Shape.TOO_SMALL),
        ((60, 15), Shape.ONE),
        (NARROW, Shape.ONE),
        (MIDDLE, Shape.TWO),
        (WIDE, Shape.THREE),
    ],
)
def test_shapes(size: tuple[int, int], shape: Shape) -> None:
    assert shape_for(*size) is shape


@pytest.mark.parametrize("size", [(60, 15), NARROW, MIDDLE, WIDE, (240, 70)])
async def test_the_fixed_lines_are_always_there(size: tuple[int, int]) -> None:
    async with opened(size=size) as (app, _):
        lines = lines_of(app)
        assert "sandbox" in lines[0]
        assert "kernel default" in lines[1]
        assert "nothing of ours is deployed" in lines[-4]
        assert size < NARROW or "should do well" in lines[-4]
        assert "goal" in lines[-2]
        assert "q quit" in lines[-1]
        assert all(len(line) == size[0] for line in lines)


@pytest.mark.parametrize("size", [(20, 5), (1, 1), (59, 14)])
async def test_too_small_is_one_sentence(size: tuple[int, int]) -> None:
    async with opened(size=size) as (app, pilot):
        assert app.live.query_one("#small").display
        await pilot.press("l", "escape", "g", "escape", "question_mark", "escape")
        await pilot.resize_terminal(*NARROW)
        await pilot.pause()
        assert "CPUs" in text_of(app)


async def test_resizing_loses_nothing() -> None:
    async with opened(size=WIDE) as (app, pilot):
        await pilot.press("g", *"half", "escape", "3")
        for size in [(40, 10), NARROW, (61, 16), MIDDLE, (300, 90), NARROW]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert app.live.query_one(GoalInput).value == "half"
        assert app.live.current is app.live.tasks
        assert app.live.tasks.display


async def test_one_pane_at_a_time_with_tab_and_digits() -> None:
    async with opened(size=NARROW, engine=FakeEngine(hello=samples.hello(32))) as (app, pilot):
        for key, pane in zip("12345", app.live.panes, strict=True):
            await pilot.press(key)
            await pilot.pause()
            assert [p for p in app.live.panes if p.display and p is not app.live.tasks] in (
                [pane],
                [],
            )
            assert pane.display
        await pilot.press("tab")
        assert app.live.current is app.live.cpus


async def test_512_cpus_as_a_heatmap_with_a_cursor() -> None:
    engine = FakeEngine(hello=samples.hello(512))
    async with opened(engine, WIDE) as (app, pilot):
        await pilot.press("1", "end")
        await pilot.pause()
        assert "CPU 511" in text_of(app)
        assert "node 31 llc 63" in text_of(app)
        await pilot.press("m", "v", "v", "v", "home")
        await pilot.pause()
        assert "CPU 0" in text_of(app)


async def test_themes_cycle_through_all() -> None:
    async with opened() as (app, pilot):
        seen = set()
        for _ in app.looks.shelf.themes:
            await pilot.press("t")
            await pilot.pause()
            seen.add(app.palette.theme.name)
        assert seen == set(app.looks.shelf.themes)


async def test_ascii_draws_ascii_only() -> None:
    options = ScreenOptions(ascii_only=True)
    async with opened(size=WIDE, options=options) as (app, pilot):
        await pilot.press("l", "1")
        await pilot.pause(0.6)
        assert text_of(app).isascii()
        await pilot.press("question_mark")
        await pilot.pause()
        assert text_of(app).isascii()


_WORDS = (
    "g l r c a d h t m v z q escape enter tab shift+tab space up down left right pageup home end "
    "1 2 3 4 5 9 f 3 1 ctrl+y question_mark plus minus left_square_bracket right_square_bracket "
    "x y n w backspace ctrl+p"
)
KEYS = _WORDS.split()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_hundred_random_keys_never_break_or_approve(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a repeatable walk, no secret
    engine = FakeEngine()
    async with opened(engine, rng.choice([NARROW, MIDDLE, WIDE])) as (app, pilot):
        app.pursue("cut p99")
        await until(lambda: isinstance(app.screen, ReviewScreen))
        for _ in range(100):
            key = rng.choice([key for key in KEYS if key != "q"])
            await pilot.press(key)
        assert not engine.approvals
        assert app.is_running
