"""Rows of a change as styled lines: numbers, signs, words, and light colours for C."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from schedtui.ui.paint.diff import Kind, Row
from schedtui.ui.paint.glyphs import Glyphs
from schedtui.ui.paint.text import Line, Run, cells, fitted

GUTTER: Final = 13
"""Cells of both line numbers and the sign."""

_C: Final = re.compile(
    r"(?P<comment>//.*|/\*.*?(?:\*/|$)|^\s*\*(?:\s.*|/)?$)"
    r"|(?P<text>\"(?:[^\"\\]|\\.)*\"|\b\d[\w.]*\b)"
    r"|(?P<word>\b(?:static|const|volatile|struct|enum|union|void|bool|char|int|unsigned|long"
    r"|[us](?:8|16|32|64)|if|else|for|while|do|return|switch|case|default|break|continue|goto"
    r"|sizeof|typedef|extern|inline|true|false|NULL)\b|^\s*#\s*\w+)"
)
_WORDS: Final = re.compile(r"\s+|[\w.>-]+|.", re.DOTALL)
_STYLES: Final = {"comment": "code_comment", "text": "code_text", "word": "code_word"}


def coloured(text: str) -> Line:
    """Return one line of C with comments, literals and keywords told apart."""
    runs: list[Run] = []
    at = 0
    for match in _C.finditer(text):
        if match.start() > at:
            runs.append((text[at : match.start()], "code"))
        runs.append((match.group(), _STYLES[match.lastgroup or "word"]))
        at = match.end()
    if at < len(text):
        runs.append((text[at:], "code"))
    return tuple(runs)


def row_lines(row: Row, width: int, glyphs: Glyphs) -> list[Line]:
    """Return a row as lines of exactly ``width`` cells; long text goes on in further lines."""
    if row.kind is Kind.GAP:
        words = f"{' ' * (GUTTER - 2)}{glyphs.dot * 3} {row.text}"
        return [fitted(((words, "faint"),), width)]
    room = max(8, width - GUTTER)
    pieces = _pieces(_styled(row), room)
    fill = {Kind.ADD: "add", Kind.REMOVE: "remove"}.get(row.kind, "text")
    told: list[Line] = []
    for index, piece in enumerate(pieces):
        gutter = _gutter(row, glyphs) if index == 0 else _continued(row, glyphs)
        told.append(fitted((*gutter, *piece), width, fill))
    return told


def _gutter(row: Row, glyphs: Glyphs) -> Line:
    old = f"{row.old:>4}" if row.old else "    "
    new = f"{row.new:>4}" if row.new else "    "
    return ((f"{old} {new} ", "gutter"), _sign(row, glyphs))


def _continued(row: Row, glyphs: Glyphs) -> Line:
    return ((f"{'':9}{glyphs.dot}", "gutter"), _sign(row, glyphs))


def _sign(row: Row, glyphs: Glyphs) -> Run:
    if row.kind is Kind.ADD:
        return " + ", "add"
    if row.kind is Kind.REMOVE:
        return f" {glyphs.minus} ", "remove"
    return "   ", "code"


def _styled(row: Row) -> Line:
    if row.strange:
        return _strange(row)
    if row.kind is Kind.SAME:
        return coloured(row.text) or (("", "code"),)
    plain = "add" if row.kind is Kind.ADD else "remove"
    runs: list[Run] = []
    at = 0
    for start, end in row.words:
        runs += [(row.text[at:start], plain), (row.text[start:end], f"{plain}_word")]
        at = end
    return (*runs, (row.text[at:], plain))


def _strange(row: Row) -> Line:
    """Everything that is not plain ASCII, and every escape made of it, stands out."""
    plain = {Kind.ADD: "add", Kind.REMOVE: "remove"}.get(row.kind, "code")
    parts = re.split(r"(\\u\{[0-9a-f]+\}|\\x[0-9a-f]{2}|[^\x00-\x7f]+)", row.text)
    return tuple(
        (part, "badge_bad" if index % 2 else plain) for index, part in enumerate(parts) if part
    )


def _pieces(line: Line, room: int) -> list[Line]:
    """Break a line into pieces of at most ``room`` cells, between words where that is possible."""
    pieces: list[Line] = []
    piece: list[Run] = []
    used = 0
    for text, style in line:
        for word in _words(text, room):
            if used + cells(word) > room:
                pieces.append(tuple(piece))
                piece, used = [], 0
            piece.append((word, style))
            used += cells(word)
    return [*pieces, tuple(piece)]


def _words(text: str, room: int) -> Iterable[str]:
    """Words with the space around them; a word wider than ``room`` comes in parts."""
    for word in _WORDS.findall(text):
        if cells(word) <= room:
            yield word
        else:
            yield from _chunks(word, room)


def _chunks(text: str, room: int) -> Iterable[str]:
    chunk, taken = "", 0
    for char in text:
        wide = cells(char)
        if taken + wide > room:
            yield chunk
            chunk, taken = "", 0
        chunk += char
        taken += wide
    yield chunk
