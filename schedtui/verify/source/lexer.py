"""Splits C into lexemes, so that rules never look into comments or strings by accident.

Nothing is joined or expanded: a line splice is a lexeme of its own, and the rules refuse it
wherever it could glue two halves of a word together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple


class Kind(StrEnum):
    """Kinds of lexemes."""

    WORD = "word"
    NUMBER = "number"
    STRING = "string"
    CHAR = "char"
    MARK = "mark"
    COMMENT = "comment"
    SPACE = "space"
    NEWLINE = "newline"
    SPLICE = "splice"
    STRANGE = "strange"


class Lexeme(NamedTuple):
    """A piece of source; ``line`` is 1-based."""

    kind: Kind
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Directive:
    """A preprocessor line without comments and white space around its words."""

    name: str
    """``include``, ``define`` and so on; empty for a lone ``#``."""
    words: tuple[Lexeme, ...]
    """What follows the name, white space included."""
    line: int
    last_line: int

    @property
    def text(self) -> str:
        """What follows the name, as one line."""
        return "".join(w.text for w in self.words).strip()


_MARKS: Final = (
    r"<:|:>|<%|%>|%:|\?\?[=/'()!<>-]|##|->|\.\.\.|[-+*/%&|^=!<>]=|<<=|>>="
    r"|\+\+|--|&&|\|\||<<|>>|[-+*/%&|^=!<>~?:;,.(){}\[\]#]"
)
_PATTERNS: Final = (
    (Kind.SPLICE, r"\\[ \t]*\n"),
    (Kind.NEWLINE, r"\n"),
    (Kind.SPACE, r"[ \t]+"),
    (Kind.COMMENT, r"//(?:[^\n\\]|\\(?![ \t]*\n))*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)"),
    (Kind.STRING, r'"(?:[^"\\\n]|\\[^\n])*"'),
    (Kind.CHAR, r"'(?:[^'\\\n]|\\[^\n])+'"),
    (Kind.WORD, r"[A-Za-z_][A-Za-z_0-9]*"),
    (Kind.NUMBER, r"\.?[0-9](?:[eEpP][+-]|[A-Za-z_0-9.])*"),
    (Kind.MARK, _MARKS),
    # A string without end is taken whole: trying again at each of its quotes would be slow.
    (Kind.STRANGE, r"\"(?:[^\"\\\n]|\\[^\n])*|'(?:[^'\\\n]|\\[^\n])*|[\s\S]"),
)
_LEXER: Final = re.compile("|".join(f"(?P<{kind.value}>{text})" for kind, text in _PATTERNS))
BLANK: Final = {Kind.SPACE, Kind.COMMENT, Kind.SPLICE, Kind.NEWLINE}
_BLANK: Final = BLANK - {Kind.NEWLINE}


_LONG: Final = {Kind.NEWLINE, Kind.SPLICE, Kind.COMMENT, Kind.STRANGE}
_KINDS: Final = {kind.value: kind for kind in Kind}


def lex(source: str) -> tuple[Lexeme, ...]:
    """Split ``source``. Never raises; what is not C becomes a STRANGE lexeme."""
    return tuple(_lexemes(source))


def _lexemes(source: str) -> Iterator[Lexeme]:
    line = 1
    for match in _LEXER.finditer(source):
        text, kind = match.group(), _KINDS[match.lastgroup or "strange"]
        yield Lexeme(kind, text, line)
        if kind in _LONG:
            line += text.count("\n")


def split_directives(
    lexemes: tuple[Lexeme, ...],
) -> tuple[tuple[Lexeme, ...], tuple[Directive, ...]]:
    """Part the preprocessor lines from the rest; the rest keeps its newlines."""
    code: list[Lexeme] = []
    directives: list[Directive] = []
    for line in _logical_lines(lexemes):
        meaningful = [x for x in line if x.kind not in BLANK]
        if meaningful and meaningful[0].text in {"#", "%:", "??="}:
            directives.append(_directive(line))
            code += _newlines(line)
        else:
            code += line
    return tuple(code), tuple(directives)


def _logical_lines(lexemes: tuple[Lexeme, ...]) -> Iterator[list[Lexeme]]:
    line: list[Lexeme] = []
    for lexeme in lexemes:
        line.append(lexeme)
        if lexeme.kind is Kind.NEWLINE:
            yield line
            line = []
    if line:
        yield line


def _directive(line: list[Lexeme]) -> Directive:
    start = next(i for i, x in enumerate(line) if x.kind not in _BLANK)
    rest = [x for x in line[start + 1 :] if x.kind is not Kind.NEWLINE]
    name_at = next((i for i, x in enumerate(rest) if x.kind not in _BLANK), len(rest))
    name = rest[name_at] if name_at < len(rest) else None
    is_word = name is not None and name.kind is Kind.WORD
    words = rest[name_at + 1 :] if is_word else rest[name_at:]
    return Directive(
        name.text if name is not None and is_word else "",
        tuple(x for x in words if x.kind not in {Kind.COMMENT, Kind.SPLICE}),
        line[start].line,
        line[-1].line,
    )


def _newlines(line: list[Lexeme]) -> list[Lexeme]:
    count = sum(x.text.count("\n") for x in line)
    return [Lexeme(Kind.NEWLINE, "\n", line[0].line + i) for i in range(count)]
