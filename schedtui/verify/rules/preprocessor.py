"""Preprocessor lines: one include, and macros that are expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.lexer import Kind, Lexeme
from schedtui.verify.source.macros import MOST_EXPANDED
from schedtui.verify.source.unit import PUBLIC_HEADER

_ALLOWED: Final = {"include", "define"}
_INCLUDES: Final = {f"<{PUBLIC_HEADER}>", f'"{PUBLIC_HEADER}"'}
_SECOND_SPELLINGS: Final = re.compile(r"<:|:>|<%|%>|%:|\?\?[=/'()!<>-]")
_SPLICE: Final = re.compile(r"\\[ \t]*\n")
_NOT_IN_EXPRESSIONS: Final = {"{", "}", ";", "#", "##"}
_STATEMENT_WORDS: Final = {
    *("if", "else", "for", "while", "do", "switch", "case", "default"),
    *("return", "break", "continue", "goto", "static", "extern", "typedef", "struct"),
}


def second_spellings(subject: Subject) -> Iterator[Finding]:
    """SRC006: no digraphs or trigraphs, comments and strings included for the latter."""
    if not _SECOND_SPELLINGS.search(subject.unit.source):
        return
    for lexeme in subject.unit.lexemes:
        if lexeme.kind is Kind.MARK and _SECOND_SPELLINGS.fullmatch(lexeme.text):
            yield finding("SRC006", lexeme.line, mark=lexeme.text)
        elif lexeme.kind in {Kind.STRING, Kind.COMMENT} and "??/" in lexeme.text:
            yield finding("SRC006", lexeme.line, mark="??/")


def splices(subject: Subject) -> Iterator[Finding]:
    """SRC007: continued lines only in a define, and never inside a word or comment."""
    if not _SPLICE.search(subject.unit.source):
        return
    defines = [(d.line, d.last_line) for d in subject.unit.directives if d.name == "define"]
    before: Lexeme | None = None
    for lexeme in subject.unit.lexemes:
        glues = before is None or before.kind not in {Kind.SPACE, Kind.SPLICE}
        joined = lexeme.kind is Kind.SPLICE and (
            glues or not any(first <= lexeme.line <= last for first, last in defines)
        )
        if joined or (lexeme.kind is Kind.COMMENT and _SPLICE.search(lexeme.text)):
            yield finding("SRC007", lexeme.line)
        before = lexeme


def directives(subject: Subject) -> Iterator[Finding]:
    """SRC005 and SRC008: only the public header and defines."""
    for directive in subject.unit.directives:
        if directive.name not in _ALLOWED:
            yield finding("SRC008", directive.line, name=directive.name or directive.text)
        elif directive.name == "include" and directive.text not in _INCLUDES:
            yield finding("SRC005", directive.line, name=directive.text or "without a name")


def macros(subject: Subject) -> Iterator[Finding]:
    """SRC010: a macro is one expression."""
    for macro in subject.unit.macros:
        why = "it has no name" if not macro.name else _more_than_expression(macro.body)
        if why:
            yield finding("SRC010", macro.line, name=macro.name or "here", why=why)


def bounded_macros(subject: Subject) -> Iterator[Finding]:
    """SRC014: macros do not multiply."""
    if subject.unit.too_much_at:
        yield finding("SRC014", subject.unit.too_much_at, limit=MOST_EXPANDED)


def _more_than_expression(body: tuple[Lexeme, ...]) -> str:
    depth = 0
    for lexeme in body:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(lexeme.text, 0)
        if lexeme.text in _NOT_IN_EXPRESSIONS:
            return f"it contains {lexeme.text}"
        if lexeme.text in _STATEMENT_WORDS:
            return f"it contains {lexeme.text}"
        if depth < 0:
            break
    return "its brackets are not balanced" if depth else ""


RULES: Final = (
    Rule("no second spellings", ("SRC006",), second_spellings),
    Rule("no glued lines", ("SRC007",), splices),
    Rule("known directives", ("SRC005", "SRC008"), directives),
    Rule("macros are expressions", ("SRC010",), macros),
    Rule("macros do not multiply", ("SRC014",), bounded_macros),
)
