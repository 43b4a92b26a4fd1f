"""Themes: what ships is whole and survives poor terminals; what users write is taken as it is."""

from __future__ import annotations

import os
import re
from itertools import pairwise
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem
from rich.style import Style

from schedtui.resources import resource_dir
from schedtui.ui.app import SchedtuiApp
from schedtui.ui.keymap import parse_keymap
from schedtui.ui.options import ScreenOptions
from schedtui.ui.paint.palette import Palette
from schedtui.ui.theme_shelf import ThemeShelf
from schedtui.ui.themes import STYLE_NAMES, Theme, ThemeError, theme_data, theme_of
from tests.ui.stage import opened, text_of, until

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ThemeShelf().themes
COLOURED = sorted(name for name, theme in SHIPPED.items() if not theme.ansi)
NATIVE = sorted(name for name, theme in SHIPPED.items() if theme.ansi)
LEAST_STEP = 2.5
"""Least distance of two neighbouring steps in CIE lightness; about 1 can be told apart at best."""
LEAST_CONTRAST = 3.0


def linear(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def luminance(color: Color | None) -> float:
    assert color is not None
    red, green, blue = color.get_truecolor()
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def lightness(color: Color | None) -> float:
    """CIE L*, 0 to 100."""
    light = luminance(color)
    return 116 * light ** (1 / 3) - 16 if light > 0.008856 else 903.3 * light


def in_256(color: Color | None) -> Color:
    assert color is not None
    return color.downgrade(ColorSystem.EIGHT_BIT)


def contrast(style: Style, *, poor: bool) -> float:
    colours = (style.color, style.bgcolor)
    low, high = sorted(luminance(in_256(one) if poor else one) for one in colours)
    return (high + 0.05) / (low + 0.05)


def test_at_least_eight_ship_and_the_promised_ones_are_there() -> None:
    promised = {"dark", "light", "ansi", "high-contrast", "mono", "okabe-ito-dark",
                "okabe-ito-light", "high-contrast-light", "ansi-light"}  # fmt: skip
    assert promised <= set(SHIPPED)
    assert len(SHIPPED) >= 8
    files = {path.stem for path in resource_dir("themes").glob("*.toml")}
    assert files == set(SHIPPED)


@pytest.mark.parametrize("name", COLOURED)
@pytest.mark.parametrize("poor", [False, True])
def test_ramps_climb_evenly_also_in_256_colours(name: str, poor: bool) -> None:
    theme = SHIPPED[name]
    grounds = [in_256(s.bgcolor) if poor else s.bgcolor for s in theme.heat]
    levels = [lightness(ground) for ground in grounds]
    climb = levels if theme.dark else levels[::-1]
    steps = [after - before for before, after in pairwise(climb)]
    assert min(steps) >= LEAST_STEP, [round(level, 1) for level in levels]
    assert len({ground.name if ground else "" for ground in grounds}) == len(theme.heat)


@pytest.mark.parametrize("name", COLOURED)
@pytest.mark.parametrize("poor", [False, True])
def test_figures_on_a_ramp_can_be_read(name: str, poor: bool) -> None:
    worst = min(contrast(step, poor=poor) for step in SHIPPED[name].heat)
    assert worst >= LEAST_CONTRAST


@pytest.mark.parametrize("name", NATIVE)
def test_ramps_of_native_themes_gain_weight(name: str) -> None:
    weights = [(bool(step.reverse), bool(step.bold), not step.dim) for step in SHIPPED[name].heat]
    assert weights == sorted(weights)
    assert len({str(step) for step in SHIPPED[name].heat}) >= 8


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_text_of_every_theme_can_be_read(name: str) -> None:
    palette = Palette(SHIPPED[name])
    styles = [palette.style(word) for word in STYLE_NAMES]
    if SHIPPED[name].ansi:
        assert all(style.color and style.color.triplet is None for style in styles)
        return
    quiet = {"rule", "faint", "gutter", "p50_on_p99", "p99", "p50", "spark"}
    for word, style in zip(STYLE_NAMES, styles, strict=True):
        if word not in quiet:
            assert contrast(style, poor=False) >= LEAST_CONTRAST, word


def example(page: str) -> str:
    (found,) = re.findall(
        r"```toml\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL
    )
    return str(found)


def test_the_page_names_every_theme_and_its_example_is_one(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "themes.md").read_text("utf-8")
    assert [name for name in SHIPPED if f"`{name}`" not in text] == []
    (tmp_path / "mine.toml").write_text(example("themes.md"))
    shelf = ThemeShelf(tmp_path)
    assert shelf.faults == ()
    assert shelf.themes["mine"].screen["background"] == "#000000"


def test_the_example_of_the_page_of_keys_is_a_key_file() -> None:
    keymap = parse_keymap(example("keys.md"), "keys.toml")
    assert keymap.faults == ()
    assert set(keymap.own) == {"zoom", "theme"}


# -- the user's own ---------------------------------------------------------------------------

RED = 'name = "red"\ntitle = "Red"\nbase = "dark"\n[styles]\ngood = "#ff0000"\n'


def changed(path: Path, text: str) -> None:
    """Write a file so that its stamp differs whatever the clock of the file system."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    os.utime(path, ns=(before + 10**9, before + 10**9))


def test_an_own_theme_may_say_only_what_differs(tmp_path: Path) -> None:
    (tmp_path / "red.toml").write_text(RED)
    shelf = ThemeShelf(tmp_path)
    assert shelf.faults == ()
    red, dark = shelf.themes["red"], shelf.themes["dark"]
    assert red.styles["good"] == Style.parse("#ff0000")
    assert {**red.styles, "good": dark.styles["good"]} == dark.styles
    assert (red.heat, red.screen) == (dark.heat, dark.screen)
    assert shelf.is_own("red")
    assert not shelf.is_own("dark")


def test_an_own_theme_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(RED.replace('"red"', '"light"'))
    shelf = ThemeShelf(tmp_path)
    assert shelf.themes["light"].title == "Red"
    assert shelf.files["light"] == path
    path.unlink()
    shelf.look()
    assert shelf.themes == SHIPPED


def test_a_change_is_read_once_it_has_settled(tmp_path: Path) -> None:
    path = tmp_path / "red.toml"
    path.write_text(RED)
    shelf = ThemeShelf(tmp_path)
    before = shelf.themes["red"]
    changed(path, RED.replace("#ff0000", "#ee0000"))
    assert shelf.look() == ()
    assert shelf.themes["red"] is before
    assert shelf.look() == ()
    after = shelf.themes["red"]
    assert after.styles["good"] == Style.parse("#ee0000")
    shelf.look()
    assert shelf.themes["red"] is after


def test_a_file_that_breaks_is_told_once_and_leaves_what_was(tmp_path: Path) -> None:
    path = tmp_path / "red.toml"
    path.write_text(RED)
    shelf = ThemeShelf(tmp_path)
    before = shelf.themes["red"]
    changed(path, "name = ")
    told = [fault for _ in range(4) for fault in shelf.look()]
    assert len(told) == 1
    assert told[0].startswith("red.toml: ")
    assert shelf.themes["red"] is before
    assert shelf.faults == tuple(told)


def test_what_is_no_theme_is_named_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("name = ")
    (tmp_path / "b.toml").write_text('name = "b"\ntitle = "B"\ndark = true\nansi = false\n')
    (tmp_path / "c.toml").write_text(RED.replace('"dark"', '"darkk"'))
    (tmp_path / "d.toml").write_bytes(b"\xff")
    os.mkfifo(tmp_path / "e.toml")
    (tmp_path / "f.toml").mkdir()
    (tmp_path / "g.toml").symlink_to("nowhere")
    (tmp_path / "h.txt").write_text(RED)
    (tmp_path / "i.toml").write_text(RED.replace("#ff0000", "rgb(,,)"))
    (tmp_path / "j.toml").write_text(f"name = {'1' * 5000}")
    (tmp_path / "k.toml").write_text('base = "dark"\n[screen]\nbackground = "#ff0000"\n')
    shelf = ThemeShelf(tmp_path)
    assert shelf.themes == SHIPPED
    assert [fault[:6] for fault in shelf.faults] == [f"{sign}.toml" for sign in "abcdefijk"]
    assert "[screen]" in shelf.faults[1]
    assert "base must be one of: ansi, ansi-light, dark" in shelf.faults[2]
    assert shelf.faults[-1] == "k.toml: name must be text"


def test_no_folder_is_no_fault(tmp_path: Path) -> None:
    shelf = ThemeShelf(tmp_path / "none")
    assert (shelf.look(), shelf.faults, shelf.themes) == ((), (), SHIPPED)


def read(text: str) -> Theme:
    return theme_of(theme_data(text, "x.toml"), "x.toml")


def test_a_theme_nested_beyond_reading_is_named() -> None:
    with pytest.raises(ThemeError, match=r"x\.toml"):
        read("name = " + "[" * 100_000)


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('good = "', 'goood = "', "good"),
        ('good = "#6cc58a"', 'good = "no such colour"', "good"),
        ('good = "#6cc58a"', 'good = "link http://x"', "link"),
        ('good = "#6cc58a"', 'good = "\\u001b[31m"', "good"),
        ('good = "#6cc58a"', "good = 3", "good"),
        ('good = "#6cc58a"', 'good = "rgb(,,)"', "good"),
        ('good = "#6cc58a"', f"good = {'1' * 5000}", r"x\.toml: "),
        ('accent = "#5fb3e6"\ns', 'accent = "#5fb3e"\ns', "is not a colour"),
        ("dark = true", 'dark = "yes"', "dark"),
        ('steps = ["#6f7d90 on #171f2b", ', "steps = [", "steps"),
        ('steps = ["#6f7d90 on #171f2b", ', "steps = [3, ", "step 0"),
    ],
)
def test_faults_of_a_theme_are_named(old: str, new: str, word: str) -> None:
    text = (resource_dir("themes") / "dark.toml").read_text("utf-8")
    assert old in text
    with pytest.raises(ThemeError, match=word):
        read(text.replace(old, new))


def colours(app: SchedtuiApp) -> set[str]:
    lines = app.screen._compositor.render_strips()
    styles = [segment.style for line in lines for segment in line if segment.style]
    return {style.bgcolor.name for style in styles if style.bgcolor}


async def test_a_changed_file_is_shown_at_once_and_a_bad_one_is_one_message(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    mine = 'name = "my own"\ntitle = "Mine"\nbase = "dark"\n[screen]\nbackground = "#300000"\n'
    path.write_text(mine)
    options = ScreenOptions(theme="my own", own_themes=tmp_path)
    async with opened(options=options) as (app, pilot):
        assert "#300000" in colours(app)
        changed(path, mine.replace("#300000", "#003000"))
        await until(lambda: "theme: Mine, as it was just changed" in text_of(app))
        await pilot.pause()
        assert "#003000" in colours(app)
        assert "#300000" not in colours(app)
        changed(path, mine + "x")
        await until(lambda: "theme not used: mine.toml" in text_of(app))
        await pilot.pause(1.2)
        told = [entry for entry in app.desk.view().log if "not used" in entry.text]
        assert len(told) == 1
        assert "#003000" in colours(app)


async def test_a_theme_that_goes_is_worn_until_another_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "red.toml"
    path.write_text(RED)
    async with opened(options=ScreenOptions(theme="red", own_themes=tmp_path)) as (app, pilot):
        path.unlink()
        await until(lambda: "red" not in app.looks.shelf.themes)
        assert app.palette.theme.name == "red"
        await pilot.press("t")
        assert app.palette.theme.name == "ansi"
