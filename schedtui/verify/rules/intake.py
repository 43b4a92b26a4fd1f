"""The text itself: size and characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.lexer import Kind
from schedtui.verify.source.unit import MOST_WORDS

SOURCE_BYTES: Final = 64 * 1024
SOURCE_LINES: Final = 2000

_UNUSUAL: Final = re.compile(r"[^\n\t -~]")
_INVISIBLE: Final = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0")
_BAD_CATEGORIES: Final = {"Cc", "Cf", "Co", "Cn", "Zl", "Zp"}


def encoding(subject: Subject) -> Iterator[Finding]:
    """SRC001: the text can be encoded."""
    try:
        subject.unit.source.encode("utf-8")
    except UnicodeEncodeError as error:
        yield finding("SRC001", subject.unit.source.count("\n", 0, error.start) + 1)


def size(subject: Subject) -> Iterator[Finding]:
    """SRC002: the text is short enough."""
    source = subject.unit.source
    length = len(source.encode("utf-8", "surrogatepass"))
    if length > SOURCE_BYTES:
        yield finding("SRC002", size=f"{length} bytes", limit=SOURCE_BYTES)
    elif source.count("\n") + 1 > SOURCE_LINES:
        yield finding("SRC002", size=f"{source.count(chr(10)) + 1} lines", limit=SOURCE_LINES)
    elif subject.unit.words > MOST_WORDS:
        yield finding("SRC002", size=f"{subject.unit.words} words and marks", limit=MOST_WORDS)


def characters(subject: Subject) -> Iterator[Finding]:
    """SRC003: all characters can be seen as what they are."""
    for number, line in enumerate(subject.unit.source.split("\n"), 1):
        bad = next((c for c in _UNUSUAL.findall(line) if _is_bad(c)), None)
        if bad is not None:
            yield finding("SRC003", number, character=f"U+{ord(bad):04X}")


def _is_bad(character: str) -> bool:
    return unicodedata.category(character) in _BAD_CATEGORIES or character in _INVISIBLE


def alphabet(subject: Subject) -> Iterator[Finding]:
    """SRC004: outside of comments and strings there is only ASCII C."""
    for lexeme in subject.unit.lexemes:
        if lexeme.kind is Kind.STRANGE:
            yield finding("SRC004", lexeme.line, what=f"The text {lexeme.text[:20]!r}")
            return
        if lexeme.kind is Kind.COMMENT and not _is_whole(lexeme.text):
            yield finding("SRC004", lexeme.line, what="A comment without an end")


def _is_whole(comment: str) -> bool:
    return comment.startswith("//") or (comment.endswith("*/") and len(comment) > 3)


RULES: Final = (
    Rule("text is UTF-8", ("SRC001",), encoding),
    Rule("text is short", ("SRC002",), size),
    Rule("characters are visible", ("SRC003",), characters),
    Rule("code is ASCII", ("SRC004",), alphabet),
)
