"""Last word over every cell, also of the framework's own widgets: ASCII only, or no colour."""

from __future__ import annotations

import unicodedata
from dataclasses import fields
from functools import lru_cache
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from schedtui.ui.paint.glyphs import ASCII, UNICODE

_SIGNS: Final = dict(
    zip(
        "─━│┃┌┐└┘├┤┬┴┼╭╮╰╯▔▏▎▍▌▋▊▉▐▕\u2013\u2014\u2018\u2019“”•\u00d7\u00a0🔎",
        "--||+++++++++++++-|||||||||--''\"\"*x /",
        strict=True,
    )
)
"""What the framework draws besides our own glyphs, and common marks of foreign text."""


def _replacements() -> dict[str, str]:
    found = dict(_SIGNS)
    for row in fields(UNICODE):
        ours, plain = getattr(UNICODE, row.name), getattr(ASCII, row.name)
        if not ours.isascii():
            found |= dict(zip(ours, plain, strict=True))
    return found


_REPLACED: Final = _replacements()


@lru_cache(maxsize=4096)
def ascii_of(text: str) -> str:
    """Return ``text`` in ASCII, in as many cells as before."""
    return "".join(char if char.isascii() else _sign(char) for char in text)


def _sign(char: str) -> str:
    width = cell_len(char)
    if char in _REPLACED:
        return _REPLACED[char].ljust(width)
    letters = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode("ascii")
    return letters if len(letters) == width else "?" * width


@lru_cache(maxsize=4096)
def colourless(style: Style) -> Style:
    """Return ``style`` without any colour; what a click on it means stays."""
    bare = style.without_color
    return bare + Style.from_meta(style.meta) if style.meta else bare


class AsciiOnly(LineFilter):
    """Lets no character through that is not ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - the framework gives it to every filter
        """Return the segments with other signs in the same cells."""
        return [
            segment if segment.text.isascii() else Segment(ascii_of(segment.text), segment.style)
            for segment in segments
        ]


class NoColours(LineFilter):
    """Lets no colour through, not even the terminal's usual one."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - the framework gives it to every filter
        """Return the segments with bold, dim, underline and reverse only."""
        return [
            Segment(segment.text, colourless(segment.style or Style.null())) for segment in segments
        ]
