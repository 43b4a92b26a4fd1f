"""Pictures of a terminal, and the ones that the README shows."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from schedtui.ui.theme_shelf import ThemeShelf
from tests.e2e.picture import picture
from tests.e2e.program import HERE

DARK = ThemeShelf().themes["dark"]
SVG = "{http://www.w3.org/2000/svg}"
SHOWN = sorted((HERE / "screenshots").glob("*.svg"))


def words(svg: str) -> list[str]:
    """Return the texts below the title."""
    found = ET.fromstring(svg).iter(f"{SVG}text")  # noqa: S314 - made by us
    return [element.text or "" for element in found][1:]


def test_text_stands_in_its_colour_and_place() -> None:
    svg = picture("ab \x1b[1;38;2;1;2;3mcd\x1b[0m\n  ef", (10, 2), DARK)
    assert words(svg) == ["ab", "cd", "ef"]
    assert re.search(r'<text x="25\.2" y="13\.0"[^>]*fill="#010203" font-weight="bold">cd<', svg)
    assert re.search(r'<text x="16\.8" y="30\.0"[^>]*>ef<', svg)


def test_blocks_and_backgrounds_are_areas_without_gaps() -> None:
    svg = picture("\x1b[38;2;9;9;9m██▄\x1b[0m\x1b[48;2;7;7;7m   \x1b[0m", (10, 1), DARK)
    assert words(svg) == []
    assert '<rect x="0.0" y="0.00" width="16.8" height="17.00" fill="#090909"/>' in svg
    assert '<rect x="16.8" y="8.50" width="8.4" height="8.50" fill="#090909"/>' in svg
    assert '<rect x="25.2" y="0.00" width="25.2" height="17.00" fill="#070707"/>' in svg


def test_markup_is_text() -> None:
    assert words(picture("[bold]x[/] <b>&", (20, 1), DARK)) == ["[bold]x[/] <b>&"]


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path.stem)
def test_shown_pictures_stand_alone(path: Path) -> None:
    svg = path.read_text()
    told = " ".join(words(svg))
    assert "schedtui" in told or "Review" in told
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", svg)
    assert "/home/" not in svg
    assert "root" not in svg
    assert len(svg) < 200_000


def test_readme_shows_pictures_that_exist() -> None:
    named = re.findall(r"\((screenshots/[^)]+)\)", (HERE / "README.md").read_text())
    assert len(named) >= 2
    assert all((HERE / name).is_file() for name in named)
