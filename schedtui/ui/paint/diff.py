"""A change as rows: unified, numbered, with the changed words marked. Nothing is hidden.

Tabs are expanded, every control, direction and invisible character is shown as an escape, and
long lines are wrapped by the view, so that what a person reads is all there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from schedtui.model.text import safe_text

CONTEXT: Final = 3
WORDS_UP_TO: Final = 400
"""Longest line, in characters, whose changed words are looked for."""
ALIKE_FROM: Final = 0.4
"""Similarity below which marking words would only confuse."""
_LINE_LIMIT: Final = 20_000
_TOKENS: Final = re.compile(r"\w+|\s+|.", re.DOTALL)


class Kind(StrEnum):
    """What a row is."""

    SAME = " "
    ADD = "+"
    REMOVE = "-"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the change.

    Attributes:
        old: Line number before, 0 when the line is new.
        new: Line number after, 0 when the line goes.
        words: Spans of changed words in ``text``.
        strange: True when the source holds characters that could deceive a reader.
    """

    kind: Kind
    old: int
    new: int
    text: str
    words: tuple[tuple[int, int], ...] = ()
    strange: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """All rows with their counts."""

    rows: tuple[Row, ...]
    added: int
    removed: int
    strange_lines: tuple[int, ...]
    """Line numbers after the change with characters that could deceive."""


def change(before: str, after: str, context: int | None = CONTEXT) -> Change:
    """Return the change from ``before`` to ``after``; all lines when ``context`` is None."""
    old, new = _shown(before), _shown(after)
    rows = list(_all_rows(old, new))
    added = sum(row.kind is Kind.ADD for row in rows)
    removed = sum(row.kind is Kind.REMOVE for row in rows)
    strange = tuple(row.new for row in rows if row.strange and row.new)
    if context is not None and before:
        rows = list(_near_changes(rows, context))
    return Change(tuple(rows), added, removed, strange)


def _shown(source: str) -> list[tuple[str, bool]]:
    """Lines as they are drawn, and whether each holds something that could deceive.

    Only the line feed ends a line: a form feed or U+2028 is shown, not obeyed.
    """
    lines = source.removesuffix("\n").split("\n") if source else []
    return [_shown_line(line.expandtabs(4)) for line in lines]


def _shown_line(line: str) -> tuple[str, bool]:
    shown = safe_text(line, _LINE_LIMIT)
    return shown, shown != line or not line.isascii()


def _all_rows(old: Sequence[tuple[str, bool]], new: Sequence[tuple[str, bool]]) -> Iterable[Row]:
    matcher = SequenceMatcher(None, [text for text, _ in old], [text for text, _ in new])
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
                yield Row(Kind.SAME, i + 1, j + 1, new[j][0], strange=new[j][1])
            continue
        gone = [Row(Kind.REMOVE, i + 1, 0, old[i][0], strange=old[i][1]) for i in range(i1, i2)]
        come = [Row(Kind.ADD, 0, j + 1, new[j][0], strange=new[j][1]) for j in range(j1, j2)]
        if len(gone) == len(come):
            pairs = [_with_words(a, b) for a, b in zip(gone, come, strict=True)]
            gone, come = [a for a, _ in pairs], [b for _, b in pairs]
        yield from gone
        yield from come


def _with_words(gone: Row, come: Row) -> tuple[Row, Row]:
    """Mark the words that differ, when the two lines are short and alike enough."""
    if max(len(gone.text), len(come.text)) > WORDS_UP_TO:
        return gone, come
    before, after = _TOKENS.findall(gone.text), _TOKENS.findall(come.text)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < ALIKE_FROM:
        return gone, come
    changed = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        replace(gone, words=_spans(before, [(i1, i2) for _, i1, i2, _, _ in changed])),
        replace(come, words=_spans(after, [(j1, j2) for _, _, _, j1, j2 in changed])),
    )


def _spans(tokens: Sequence[str], ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    starts = [0]
    for token in tokens:
        starts.append(starts[-1] + len(token))
    return tuple((starts[a], starts[b]) for a, b in ranges if b > a)


def _near_changes(rows: Sequence[Row], context: int) -> Iterable[Row]:
    changed = [i for i, row in enumerate(rows) if row.kind is not Kind.SAME]
    kept = {j for i in changed for j in range(i - context, i + context + 1)}
    hidden = 0
    for index, row in enumerate(rows):
        if index in kept:
            if hidden:
                yield _gap(hidden)
            hidden = 0
            yield row
        else:
            hidden += 1
    if hidden:
        yield _gap(hidden)


def _gap(lines: int) -> Row:
    return Row(Kind.GAP, 0, 0, "1 unchanged line" if lines == 1 else f"{lines} unchanged lines")


def hunk_starts(rows: Sequence[Row]) -> list[int]:
    """Return the indexes of rows at which a block of changes begins."""
    changed = {Kind.ADD, Kind.REMOVE}
    return [
        i
        for i, row in enumerate(rows)
        if row.kind in changed and (i == 0 or rows[i - 1].kind not in changed)
    ]
