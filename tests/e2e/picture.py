"""What a terminal shows, as an SVG that needs no font and no file from elsewhere."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape

from rich.color import Color, blend_rgb
from rich.color_triplet import ColorTriplet
from rich.console import Console
from rich.style import Style
from rich.text import Text

from schedtui.ui.themes import Theme

TITLE: Final = "schedtui"

_CELL: Final = (8.4, 17.0)
"""Width and height of a cell, at a font size of 14."""
_BASE: Final = 13.0
"""From the top of a cell down to the line that letters stand on."""
_MARGIN: Final = 10.0
_BAR: Final = 28.0
"""Height of the title bar."""
_FONTS: Final = "'DejaVu Sans Mono','JetBrains Mono','Fira Code',Menlo,Consolas,monospace"


@dataclass(frozen=True, slots=True)
class _Area:
    """A part of a cell, in shares of its width and height."""

    left: float = 0.0
    top: float = 0.0
    width: float = 1.0
    height: float = 1.0


_UPRIGHT: Final = _Area(left=0.44, width=0.12)
_TOP: Final = 0.48
_THIN: Final = 0.06
_DRAWN: Final[dict[str, tuple[_Area, ...]]] = {
    **{sign: (_Area(top=1 - n / 8, height=n / 8),) for n, sign in enumerate("▁▂▃▄▅▆▇█", 1)},
    **{sign: (_Area(width=n / 8),) for n, sign in enumerate("▏▎▍▌▋▊▉", 1)},
    "─": (_Area(top=_TOP, height=_THIN),),
    "━": (_Area(top=0.44, height=0.14),),
    "│": (_UPRIGHT,),
    "┤": (_UPRIGHT, _Area(top=_TOP, width=0.5, height=_THIN)),
    "├": (_UPRIGHT, _Area(left=0.5, top=_TOP, width=0.5, height=_THIN)),
}
"""Signs that must meet their neighbours without a gap, whatever font a viewer has."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Cells side by side in one style."""

    row: int
    column: int
    text: str
    style: Style


@dataclass
class _Drawing:
    theme: Theme
    areas: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def add(self, run: _Run) -> None:
        """Draw one run."""
        ink, paper = self._colours(run.style)
        if paper != self.theme.screen["background"]:
            self._area(run.row, run.column, len(run.text), _Area(), paper)
        start = run.column
        for sign, cells in groupby(run.text, lambda sign: sign if sign in _DRAWN else ""):
            part = "".join(cells)
            if sign:
                for area in _DRAWN[sign]:
                    self._area(run.row, start, len(part), area, ink)
            else:
                self._words(run.row, start, part, run.style, ink)
            start += len(part)

    def _colours(self, style: Style) -> tuple[str, str]:
        """Return ink and paper, as they are seen."""
        ink = _seen(style.color, self.theme.screen["foreground"])
        paper = _seen(style.bgcolor, self.theme.screen["background"])
        if style.reverse:
            ink, paper = paper, ink
        if style.dim:
            ink = blend_rgb(ink, paper, 0.45)
        return ink.hex, paper.hex

    def _area(self, row: int, column: int, cells: int, part: _Area, colour: str) -> None:
        wide, high = _CELL
        if part.width < 1 < cells:
            for each in range(column, column + cells):
                self._area(row, each, 1, part, colour)
            return
        width = cells * wide * part.width
        self.areas.append(
            f'<rect x="{(column + part.left) * wide:.1f}" y="{(row + part.top) * high:.2f}" '
            f'width="{width:.1f}" height="{part.height * high:.2f}" fill="{colour}"/>'
        )

    def _words(self, row: int, column: int, text: str, style: Style, ink: str) -> None:
        shown = text.strip(" ")
        if not shown:
            return
        column += len(text) - len(text.lstrip(" "))
        wide, high = _CELL
        looks = "".join(
            f' {name}="{value}"'
            for name, value, on in (
                ("font-weight", "bold", style.bold),
                ("font-style", "italic", style.italic),
                ("text-decoration", "underline", style.underline),
            )
            if on
        )
        self.words.append(
            f'<text x="{column * wide:.1f}" y="{row * high + _BASE:.1f}" '
            f'textLength="{len(shown) * wide:.1f}" fill="{ink}"{looks}>{escape(shown)}</text>'
        )


def picture(coloured: str, size: tuple[int, int], theme: Theme) -> str:
    """Return the SVG of a screen, ``size`` cells, as tmux captures it with colours."""
    drawing = _Drawing(theme)
    for run in _runs(coloured, size):
        drawing.add(run)
    return _framed(drawing, size, theme)


def _seen(colour: Color | None, otherwise: str) -> ColorTriplet:
    if colour is None or colour.is_default:
        colour = Color.parse(otherwise)
    return colour.get_truecolor()


def _runs(coloured: str, size: tuple[int, int]) -> Iterator[_Run]:
    console = Console(
        width=size[0], file=io.StringIO(), force_terminal=True,
        color_system="truecolor", legacy_windows=False,
    )  # fmt: skip
    text = Text.from_ansi(coloured.rstrip("\n"), no_wrap=True)
    for row, line in enumerate(console.render_lines(text, pad=False)):
        column = 0
        for segment in line:
            yield _Run(row, column, segment.text, segment.style or Style.null())
            column += len(segment.text)


def _framed(drawing: _Drawing, size: tuple[int, int], theme: Theme) -> str:
    width = size[0] * _CELL[0] + 2 * _MARGIN
    height = size[1] * _CELL[1] + _BAR + _MARGIN
    paper, ink = theme.screen["background"], theme.screen["foreground"]
    frame = theme.screen["panel"]
    border = f'rx="7" fill="{paper}" stroke="{frame}"'
    title = f'text-anchor="middle" fill="{ink}" opacity="0.7" font-family="sans-serif"'
    place = f'transform="translate({_MARGIN:.0f} {_BAR:.0f})"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}">',
        f'<rect x="0.5" y="0.5" width="{width - 1:.0f}" height="{height - 1:.0f}" {border}/>',
        f'<text x="{width / 2:.0f}" y="19" font-size="13" {title}>{TITLE}</text>',
        f'<g {place} font-family="{_FONTS}" font-size="14">',
        '<g shape-rendering="crispEdges">',
        *drawing.areas,
        "</g>",
        '<g xml:space="preserve" style="white-space:pre">',
        *drawing.words,
        "</g>",
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
