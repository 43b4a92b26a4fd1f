"""Expands the macros that a candidate defines, so that the rules see what the compiler will see.

Rules restrict such macros to balanced expressions without ``#`` and ``##``; macros that are more
are refused there and what comes out here does not matter. Macros of our own headers stay: the
rules know them by name. Everything a macro brings stands on the line that calls it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from schedtui.verify.source.lexer import BLANK, Directive, Kind, Lexeme

MOST_EXPANDED: Final = 20_000
"""Most lexemes that all macros of a source together may bring."""

_DEEPEST: Final = 40
"""Most macros inside of each other."""

_VARIADIC: Final = "__VA_ARGS__"


@dataclass(frozen=True, slots=True)
class Macro:
    """One ``#define``."""

    name: str
    """Empty when the line has none."""
    parameters: tuple[str, ...] | None
    """None for a macro without brackets."""
    body: tuple[Lexeme, ...]
    """Without white space."""
    line: int


@dataclass(frozen=True, slots=True)
class Expansion:
    """A text with its macros replaced."""

    code: tuple[Lexeme, ...]
    too_much_at: int = 0
    """Line at which more than MOST_EXPANDED was reached, 0 for never."""


def read_macro(directive: Directive) -> Macro:
    """Return the macro that a ``#define`` line defines."""
    words = list(directive.words)
    while words and words[0].kind is Kind.SPACE:
        words.pop(0)
    if not words or words[0].kind is not Kind.WORD:
        return Macro("", None, (), directive.line)
    name = words.pop(0).text
    parameters: tuple[str, ...] | None = None
    if words and words[0].text == "(":
        closing = next((i for i, w in enumerate(words) if w.text == ")"), len(words) - 1)
        named = words[1:closing]
        parameters = tuple(w.text for w in named if w.kind is Kind.WORD or w.text == "...")
        del words[: closing + 1]
    body = tuple(w for w in words if w.kind not in BLANK)
    return Macro(name, parameters, body, directive.line)


def expand(
    code: tuple[Lexeme, ...], directives: Iterable[Directive], but: frozenset[str]
) -> Expansion:
    """Replace all macros in ``code`` except those whose name is in ``but``."""
    macros = [read_macro(d) for d in directives if d.name == "define"]
    known = {m.name: m for m in reversed(macros) if m.name and m.name not in but}
    if not known:
        return Expansion(code)
    expander = _Expander(known)
    try:
        return Expansion(tuple(expander.run(code, frozenset())))
    except _TooMuchError as error:
        return Expansion(code, error.line)


class _TooMuchError(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Expander:
    def __init__(self, macros: dict[str, Macro]) -> None:
        self._macros = macros
        self._left = MOST_EXPANDED
        self._depth = 0

    def run(self, code: Sequence[Lexeme], inside: frozenset[str]) -> Iterator[Lexeme]:
        """Yield ``code`` expanded; macros named in ``inside`` are being expanded already."""
        closing = closing_brackets(code)
        at = 0
        while at < len(code):
            lexeme = code[at]
            macro = self._macro(lexeme, inside)
            end = _end_of_call(code, at, closing, macro) if macro is not None else None
            if macro is None or end is None:
                yield lexeme
                at += 1
                continue
            yield from self._body(macro, code[at:end], inside)
            # Lines that a call stretches over are kept, or all later ones would shift.
            yield from (x for x in code[at + 1 : end] if x.kind is Kind.NEWLINE)
            at = end

    def _macro(self, lexeme: Lexeme, inside: frozenset[str]) -> Macro | None:
        if lexeme.kind is not Kind.WORD or lexeme.text in inside:
            return None
        macro = self._macros.get(lexeme.text)
        return macro if macro is not None and macro.line < lexeme.line else None

    def _body(
        self, macro: Macro, call: Sequence[Lexeme], inside: frozenset[str]
    ) -> Iterator[Lexeme]:
        line = call[0].line
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _TooMuchError(line)
        filled = [x._replace(line=line) for x in self._filled(macro, call, inside)]
        self._left -= 1 + len(filled)
        if self._left < 0:
            raise _TooMuchError(line)
        for lexeme in list(self.run(filled, inside | {macro.name})):
            yield lexeme
            yield Lexeme(Kind.SPACE, " ", line)
        self._depth -= 1

    def _filled(
        self, macro: Macro, call: Sequence[Lexeme], inside: frozenset[str]
    ) -> Iterator[Lexeme]:
        given = _arguments(call, macro) if macro.parameters is not None else []
        # As in C, an argument is expanded before it is put in.
        expanded = [list(self.run(argument, inside)) for argument in given]
        named = dict(zip(macro.parameters or (), expanded, strict=False))
        for lexeme in macro.body:
            put = named.get("..." if lexeme.text == _VARIADIC else lexeme.text)
            if put is None or lexeme.kind is not Kind.WORD:
                yield lexeme
            else:
                yield from (x for x in put if x.kind not in BLANK)


def closing_brackets(code: Sequence[Lexeme]) -> dict[int, int]:
    """Return the place of ``)`` for that of each ``(`` that has one."""
    closing: dict[int, int] = {}
    waiting: list[int] = []
    for at, lexeme in enumerate(code):
        if lexeme.text == "(":
            waiting.append(at)
        elif lexeme.text == ")" and waiting:
            closing[waiting.pop()] = at
    return closing


def _end_of_call(
    code: Sequence[Lexeme], at: int, closing: dict[int, int], macro: Macro
) -> int | None:
    """Return the place after the macro called at ``at``, None when it is not called."""
    at += 1
    if macro.parameters is None:
        return at
    while at < len(code) and code[at].kind in BLANK:
        at += 1
    return closing[at] + 1 if at in closing else None


def _arguments(call: Sequence[Lexeme], macro: Macro) -> list[list[Lexeme]]:
    opening = next(i for i, x in enumerate(call) if x.text == "(")
    found: list[list[Lexeme]] = [[]]
    depth = 0
    for lexeme in call[opening + 1 : -1]:
        depth += {"(": 1, ")": -1}.get(lexeme.text, 0)
        rest = macro.parameters is not None and (
            len(found) == len(macro.parameters) and macro.parameters[-1:] == ("...",)
        )
        if lexeme.text == "," and depth == 0 and not rest:
            found.append([])
        else:
            found[-1].append(lexeme)
    return found
