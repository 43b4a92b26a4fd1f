"""Rewrites the macros of our own header so that the parser sees ordinary C, line for line.

Only macros of ``bpf/include`` are known here. A candidate's own macros are restricted to
expressions by the rules, and anything else that is not C shows up as a parse error.
"""

from __future__ import annotations

from typing import Final

from schedtui.verify.source.lexer import BLANK, Kind, Lexeme
from schedtui.verify.source.macros import closing_brackets

OPERATION_MACROS: Final = {"SCHEDTUI_OP": False, "SCHEDTUI_SLEEPABLE_OP": True, "BPF_PROG": False}
"""Macros that define a program, and whether it may sleep."""

SCHEDULER_MACRO: Final = "SCHEDTUI_OPS"

SLEEPABLE_MARK: Final = "schedtui_sleepable"
"""Stands as first parameter of a sleepable program in the rewritten text."""

_ATTRIBUTES: Final = {
    "__always_inline",
    "__noinline",
    "__weak",
    "__hidden",
    "__unused",
    "__ksym",
    "__preserve",
}
_MAP_MEMBERS: Final = {"__uint", "__type", "__array", "__ulong"}
_SCALARS: Final = {
    f"{mark}{sign}{bits}": f"{'u' * (sign == 'u')}int{bits}_t"
    for mark in ("", "__")
    for sign in "us"
    for bits in (8, 16, 32, 64)
}
"""Names that the parser does not know for types: it takes ``(u64)-1`` for a subtraction."""

_TYPE_ARGUMENT_PREFIX: Final = "bpf_core_"


def readable(code: tuple[Lexeme, ...]) -> str:
    """Return parseable C with the same line numbers. Unbalanced brackets are left alone."""
    plain = [_without_comment(x) for x in code]
    closing = closing_brackets(plain)
    return _Rewriter(plain, closing).run(0, len(plain))


def _without_comment(lexeme: Lexeme) -> Lexeme:
    if lexeme.kind not in {Kind.COMMENT, Kind.SPLICE}:
        return lexeme
    return Lexeme(Kind.SPACE, " " + "\n" * lexeme.text.count("\n"), lexeme.line)


class _Rewriter:
    """Rewrites a range of lexemes; what stands in brackets is a range of its own."""

    def __init__(self, code: list[Lexeme], closing: dict[int, int]) -> None:
        self._code = code
        self._closing = closing

    def run(self, start: int, end: int) -> str:
        out: list[str] = []
        while start < end:
            text, start = self._step(start, end)
            out.append(text)
        return "".join(out)

    def _step(self, at: int, end: int) -> tuple[str, int]:
        lexeme = self._code[at]
        if lexeme.kind is not Kind.WORD:
            return lexeme.text, at + 1
        if lexeme.text in _ATTRIBUTES:
            return " ", at + 1
        if lexeme.text in _SCALARS and self._stands_alone(at):
            return _SCALARS[lexeme.text], at + 1
        opening = at + 1
        while opening < end and self._code[opening].kind in {Kind.SPACE, Kind.NEWLINE}:
            opening += 1
        if opening < end and self._code[opening].text == "(" and opening in self._closing:
            close = self._closing[opening]
            rewritten = self._macro(lexeme.text, opening + 1, close)
            if rewritten is not None:
                return rewritten, close + 1
        return lexeme.text, at + 1

    def _stands_alone(self, at: int) -> bool:
        """Tell whether brackets hold nothing but this word, as in a cast."""
        before, after = at - 1, at + 1
        while before >= 0 and self._code[before].kind in BLANK:
            before -= 1
        while after < len(self._code) and self._code[after].kind in BLANK:
            after += 1
        return self._text_at(before) == "(" and self._text_at(after) == ")"

    def _text_at(self, at: int) -> str:
        return self._code[at].text if 0 <= at < len(self._code) else ""

    def _macro(self, name: str, start: int, end: int) -> str | None:
        inner = self._code[start:end]
        if name == "SEC":
            return _lines(inner)
        if name in _MAP_MEMBERS:
            return f"int {_first_word(inner)}{_lines(inner)}"
        if name in OPERATION_MACROS:
            head, rest = self._split(start, end)
            first = [SLEEPABLE_MARK] if OPERATION_MACROS[name] else []
            return f"{head}({','.join([*first, rest] if rest else first)})"
        if name == SCHEDULER_MACRO:
            head, rest = self._split(start, end)
            return f"struct sched_ext_ops {head} = {{{rest}}}"
        if name.startswith(_TYPE_ARGUMENT_PREFIX):
            return f"{name}({self._without_tags(start, end)})"
        return None

    def _split(self, start: int, end: int) -> tuple[str, str]:
        """Return the first argument and, rewritten, all after it."""
        at = start
        while at < end and self._code[at].text != ",":
            at = self._closing.get(at, at) + 1
        return _text(self._code[start:at]), self.run(at + 1, end)

    def _without_tags(self, start: int, end: int) -> str:
        parts = []
        while start < end:
            text, start = self._step(start, end)
            parts.append("" if text in {"struct", "enum", "union"} else text)
        return "".join(parts)


def _lines(inner: list[Lexeme]) -> str:
    return " " + "\n" * sum(x.text.count("\n") for x in inner)


def _text(inner: list[Lexeme]) -> str:
    return "".join(x.text for x in inner)


def _first_word(inner: list[Lexeme]) -> str:
    return next((x.text for x in inner if x.kind is Kind.WORD), "unnamed")
