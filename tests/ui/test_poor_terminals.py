"""ASCII only, and no colour at all: on every screen, over every widget, ours or the framework's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.pilot import Pilot

from schedtui.engine.port import EngineError
from schedtui.ui.app import SchedtuiApp
from schedtui.ui.filters import AsciiOnly, NoColours, ascii_of, colourless
from schedtui.ui.options import ScreenOptions
from schedtui.ui.paint.glyphs import UNICODE
from schedtui.ui.screens.opening import OpeningScreen
from schedtui.ui.screens.review import ReviewScreen
from tests.fakes import samples
from tests.fakes.engine import FakeEngine
from tests.ui.stage import MIDDLE, NARROW, WIDE, opened, released, text_of, to_review, until

NAMES = ("名前", "naïve", "▒rb", "e\u0301x", *samples.HOSTILE_NAMES)
BLACK = Color(0, 0, 0)


def segments(app: SchedtuiApp) -> list[Segment]:
    """What the terminal is sent, as runs with one style each."""
    return [segment for line in app.screen._compositor.render_strips() for segment in line]


def beyond_ascii(app: SchedtuiApp) -> set[str]:
    return {char for segment in segments(app) for char in segment.text if not " " <= char <= "~"}


def coloured(app: SchedtuiApp) -> list[Segment]:
    return [
        segment
        for segment in segments(app)
        if segment.style is None or segment.style.color or segment.style.bgcolor
    ]


POOR = {
    "ascii": (ScreenOptions(user="ada", ascii_only=True), beyond_ascii),
    "no colour": (ScreenOptions(user="ada", no_color=True), coloured),
}


@asynccontextmanager
async def stage(
    kind: str, size: tuple[int, int], cpus: int = 4
) -> AsyncIterator[tuple[SchedtuiApp, Pilot[int]]]:
    """A live screen full of foreign text, all of which was looked at in the end."""
    options, wrong = POOR[kind]
    engine = FakeEngine(hello=samples.hello(cpus), names=NAMES)
    async with opened(engine, size, options) as (app, pilot):
        yield app, pilot
        await pilot.pause()
        assert not wrong(app)


@pytest.mark.parametrize("kind", POOR)
@pytest.mark.parametrize(("size", "cpus"), [(NARROW, 4), (WIDE, 4), (WIDE, 512), ((30, 8), 4)])
async def test_live(kind: str, size: tuple[int, int], cpus: int) -> None:
    async with stage(kind, size, cpus) as (app, pilot):
        await app.engine.start_load("service")
        await pilot.pause(0.6)


@pytest.mark.parametrize("kind", POOR)
@pytest.mark.parametrize("key", ["question_mark", "d", "h", "l", "ctrl+p", "g", "z", "space"])
async def test_what_a_key_opens(kind: str, key: str) -> None:
    async with stage(kind, MIDDLE) as (app, pilot):
        before = text_of(app)
        await pilot.press(key)
        await until(lambda: text_of(app) != before)
        if key == "ctrl+p":
            await until(lambda: "not now:" in text_of(app))


@pytest.mark.parametrize("kind", POOR)
async def test_search_with_hits_and_without(kind: str) -> None:
    async with stage(kind, NARROW) as (app, pilot):
        await pilot.press("colon", *"zoom")
        await until(lambda: "z   Give the screen" in text_of(app))
        assert not POOR[kind][1](app)
        await pilot.press(*"qqq")
        await until(lambda: "No matches" in text_of(app))


@pytest.mark.parametrize("kind", POOR)
@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_review_and_what_follows(kind: str, size: tuple[int, int]) -> None:
    async with stage(kind, size) as (app, pilot):
        screen = await to_review(app, pilot)
        assert isinstance(screen, ReviewScreen)
        assert not POOR[kind][1](app)
        await released(screen)
        for key in ("v", "w", "n", "down", "tab", "9"):
            await pilot.press(key)
            await pilot.pause()
            assert not POOR[kind][1](app)
        await pilot.press("escape")
        await until(lambda: app.screen is app.live)


@pytest.mark.parametrize("kind", POOR)
@pytest.mark.parametrize("script", ["eject", "reject", "refuse", "unclear"])
async def test_stories_that_end_badly(kind: str, script: str) -> None:
    async with stage(kind, WIDE) as (app, pilot):
        app.pursue(f"{script} it")
        if script == "eject":
            await until(lambda: isinstance(app.screen, ReviewScreen))
            await pilot.press("escape")
        else:
            await until(lambda: not app.desk.story.running)


@pytest.mark.parametrize("kind", POOR)
async def test_start_screen_with_a_fault(kind: str) -> None:
    options, wrong = POOR[kind]
    fault = EngineError("/dev/kvm fehlt für 名前", "run: naïve\n[bold]x[/]")
    app = SchedtuiApp(FakeEngine(faults=(fault,)), options=options)
    async with app.run_test(size=NARROW) as pilot:
        await until(lambda: isinstance(app.screen, OpeningScreen) and "To fix it" in text_of(app))
        await pilot.pause()
        assert not wrong(app)


async def test_no_theme_brings_colour_back(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('name = "mono"\ntitle = "Red"\nbase = "high-contrast"\n')
    options = ScreenOptions(theme="light", no_color=True, own_themes=tmp_path)
    async with opened(options=options) as (app, _):
        assert app.palette.theme.title == "Red"
        assert not coloured(app)


async def test_without_colour_no_theme_is_offered() -> None:
    async with opened(options=ScreenOptions(no_color=True)) as (app, pilot):
        await pilot.press("t")
        assert app.palette.theme.name == "mono"
        assert app.desk.view().log[-1].text == "theme: NO_COLOR asks for no colours"


@pytest.mark.parametrize(
    ("text", "ascii_text"),
    [
        ("plain", "plain"),
        ("a→b…", "a>b~"),
        ("名前x", "????x"),
        ("naïve", "naive"),
        ("\u201cx\u201d\u00a0\u2013", '"x" -'),
        ("🔎", "/ "),
        ("½", "?"),
    ],
)
def test_other_signs_take_the_same_cells(text: str, ascii_text: str) -> None:
    assert ascii_of(text) == ascii_text
    assert len(ascii_text) == cell_len(text)


def test_every_glyph_of_ours_has_one_in_ascii() -> None:
    signs = UNICODE.bars + UNICODE.spinner + UNICODE.yes + UNICODE.micro + UNICODE.ellipsis
    assert "?" not in ascii_of(signs)


def test_a_segment_without_style_is_no_fault() -> None:
    runs = [Segment("é"), Segment("x", Style.parse("bold red on blue"))]
    assert NoColours().apply(runs, BLACK) == [
        Segment("é", Style.null()),
        Segment("x", Style(bold=True)),
    ]
    assert AsciiOnly().apply(runs, BLACK) == [Segment("e"), runs[1]]


def test_what_a_click_means_stays_without_colour() -> None:
    style = Style.parse("red") + Style.from_meta({"option": 3})
    assert colourless(style).meta == {"option": 3}
    assert colourless(style).color is None
