"""Lines of styled text, before they become strips. Pure functions over plain data.

A line is a tuple of runs; a run is its text and the name of a style of the theme. Text is shown
literally: nothing in it is ever read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size

Run = tuple[str, str]
Line = tuple[Run, ...]

EMPTY: Final[Line] = ()


def cells(text: str) -> int:
    """Return how many terminal cells ``text`` takes."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """Return ``text`` in at most ``width`` cells, a cut shown by ``ellipsis``."""
    if cells(text) <= width:
        return text
    if width <= cells(ellipsis):
        return set_cell_size(text, max(0, width))
    return set_cell_size(text, width - cells(ellipsis)).rstrip() + ellipsis


def left(text: str, width: int) -> str:
    """Return ``text`` in exactly ``width`` cells, aligned left."""
    short = cut(text, width)
    return short + " " * (width - cells(short))


def right(text: str, width: int) -> str:
    """Return ``text`` in exactly ``width`` cells, aligned right."""
    short = cut(text, width)
    return " " * (width - cells(short)) + short


def plain(line: Line) -> str:
    """Return the text of a line without styles."""
    return "".join(text for text, _ in line)


def line_cells(line: Line) -> int:
    """Return how many cells a line takes."""
    return sum(cells(text) for text, _ in line)


def fitted(line: Line, width: int, fill: str = "text") -> Line:
    """Return ``line`` in exactly ``width`` cells: cut at the edge, or filled with spaces."""
    runs: list[Run] = []
    room = width
    for text, style in line:
        if room <= 0:
            break
        shown = text if cells(text) <= room else set_cell_size(text, room)
        runs.append((shown, style))
        room -= cells(shown)
    if room > 0:
        runs.append((" " * room, fill))
    return tuple(runs)


def spread(start: Line, end: Line, width: int, fill: str = "text") -> Line:
    """Return ``start`` at the left edge and ``end`` at the right edge if both fit."""
    gap = width - line_cells(start) - line_cells(end)
    if gap < 1:
        return fitted(start, width, fill)
    return (*start, (" " * gap, fill), *end)


def chosen(parts: Sequence[tuple[int, Line]], width: int, gap: Run = ("  ", "text")) -> Line:
    """Return the parts that fit beside each other, in their order.

    Each part has a rank; the highest ranks are dropped first.
    """
    kept = [part for part in parts if part[1]]
    while kept and _joined_cells(kept, gap) > width and len(kept) > 1:
        worst = max(rank for rank, _ in kept)
        index = max(i for i, (rank, _) in enumerate(kept) if rank == worst)
        del kept[index]
    return joined((line for _, line in kept), gap)


def _joined_cells(parts: Sequence[tuple[int, Line]], gap: Run) -> int:
    return sum(line_cells(line) for _, line in parts) + cells(gap[0]) * (len(parts) - 1)


def joined(lines: Iterable[Line], gap: Run) -> Line:
    """Return all lines as one, with ``gap`` between them."""
    runs: list[Run] = []
    for line in lines:
        if runs:
            runs.append(gap)
        runs.extend(line)
    return tuple(runs)


def merged(runs: Sequence[Run]) -> Line:
    """Return a line in which neighbours of one style are one run: fewer bytes."""
    line: list[Run] = []
    for text, style in runs:
        if line and line[-1][1] == style:
            line[-1] = (line[-1][0] + text, style)
        else:
            line.append((text, style))
    return tuple(line)


def wrapped(text: str, width: int) -> list[str]:
    """Return ``text`` broken at spaces into rows of at most ``width`` cells."""
    rows: list[str] = []
    row = ""
    for word in text.split():
        rest = word
        if row and cells(row) + 1 + cells(rest) <= width:
            row = f"{row} {rest}"
            continue
        if row:
            rows.append(row)
        while cells(rest) > width > 1:
            head = set_cell_size(rest, width).rstrip()
            rows.append(head)
            rest = rest[len(head) :]
        row = rest
    return [*rows, row] if row or not rows else rows


def paragraph(text: str, width: int, style: str, indent: str = "", lead: Line = ()) -> list[Line]:
    """Return wrapped rows: the first after ``lead``, the others (or all) after ``indent``."""
    first = lead or ((indent, style),)
    room = max(8, width - max(cells(indent), line_cells(first)))
    rows = wrapped(text, room)
    head: Line = (*first, (rows[0], style))
    return [head, *(((indent, style), (row, style)) for row in rows[1:])]
