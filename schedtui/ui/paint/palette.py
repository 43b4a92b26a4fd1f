"""Style names to Rich styles, on the background of the theme. A style is never None."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

from schedtui.ui.paint.text import Line, cells
from schedtui.ui.themes import Theme


class Palette:
    """All styles of one theme, ready for segments.

    NO_COLOR crashes Textual 8.2.8 on a segment without style, so every run gets a whole one.
    """

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._base = _base_style(theme)
        self._styles = {name: self._base + style for name, style in theme.styles.items()}
        for step, style in enumerate(theme.heat):
            self._styles[f"heat{step}"] = self._base + style

    def style(self, name: str) -> Style:
        """Return the style called ``name``. Raises KeyError for a name no theme has."""
        return self._styles[name]

    def strip(self, line: Line, width: int, fill: str = "text") -> Strip:
        """Return ``line`` as a strip of exactly ``width`` cells."""
        segments = [Segment(text, self._styles[name]) for text, name in line if text]
        used = sum(cells(text) for text, _ in line)
        if used < width:
            segments.append(Segment(" " * (width - used), self._styles[fill]))
            used = width
        strip = Strip(segments, used)
        return strip if used == width else strip.crop(0, width)


def _base_style(theme: Theme) -> Style:
    if theme.ansi:
        return Style.parse("default on default")
    foreground = Color.parse(theme.screen["foreground"])
    background = Color.parse(theme.screen["background"])
    return Style(color=foreground.rich_color, bgcolor=background.rich_color)
