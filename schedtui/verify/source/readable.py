"""Rewrites the macros of our own header so that the parser sees ordinary C, line for line.

Only macros of ``bpf/include`` are known here. A candidate's own macros are restricted to
expressions by the rules, and anything else that is not C shows up as a parse error.
"""

from __future__ import annotations

from typing import Final

from schedtui.verify.source.lexer import Kind, Lexeme

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
_TYPE_ARGUMENT_PREFIX: Final = "bpf_core_"


def readable(code: tuple[Lexeme, ...]) -> str:
    """Return parseable C with the same line numbers. Unbalanced brackets are left alone."""
    plain = [_without_comment(x) for x in code]
    return "".join(_Rewriter(plain).run())


def _without_comment(lexeme: Lexeme) -> Lexeme:
    if lexeme.kind not in {Kind.COMMENT, Kind.SPLICE}:
        return lexeme
    return Lexeme(Kind.SPACE, " " + "\n" * lexeme.text.count("\n"), lexeme.line)


class _Rewriter:
    """One pass over the lexemes."""

    def __init__(self, code: list[Lexeme]) -> None:
        self._code = code

    def run(self) -> list[str]:
        out: list[str] = []
        at = 0
        while at < len(self._code):
            text, at = self._step(at)
            out.append(text)
        return out

    def _step(self, at: int) -> tuple[str, int]:
        lexeme = self._code[at]
        if lexeme.kind is not Kind.WORD:
            return lexeme.text, at + 1
        if lexeme.text in _ATTRIBUTES:
            return " ", at + 1
        inner, end = self._arguments(at + 1)
        if end > at + 1:
            rewritten = self._macro(lexeme.text, inner)
            if rewritten is not None:
                return rewritten, end
        return lexeme.text, at + 1

    def _arguments(self, at: int) -> tuple[list[Lexeme], int]:
        """Return the lexemes between the brackets that open at or after ``at``."""
        start = at
        while at < len(self._code) and self._code[at].kind in {Kind.SPACE, Kind.NEWLINE}:
            at += 1
        if at >= len(self._code) or self._code[at].text != "(":
            return [], start
        depth = 0
        for end in range(at, len(self._code)):
            depth += {"(": 1, ")": -1}.get(self._code[end].text, 0)
            if depth == 0:
                return self._code[at + 1 : end], end + 1
        return [], start

    def _macro(self, name: str, inner: list[Lexeme]) -> str | None:
        if name == "SEC":
            return _lines(inner)
        if name in _MAP_MEMBERS:
            return f"int {_first_word(inner)}{_lines(inner)}"
        if name in OPERATION_MACROS:
            head, tail = _split_comma(inner)
            first = [SLEEPABLE_MARK] if OPERATION_MACROS[name] else []
            rest = "".join(_Rewriter(tail).run())
            return f"{_text(head)}({','.join([*first, rest] if rest else first)})"
        if name == SCHEDULER_MACRO:
            head, tail = _split_comma(inner)
            return f"struct sched_ext_ops {_text(head)} = {{{''.join(_Rewriter(tail).run())}}}"
        if name.startswith(_TYPE_ARGUMENT_PREFIX):
            kept = [x for x in inner if x.text not in {"struct", "enum", "union"}]
            return f"{name}({''.join(_Rewriter(kept).run())})"
        return None


def _lines(inner: list[Lexeme]) -> str:
    return " " + "\n" * sum(x.text.count("\n") for x in inner)


def _text(inner: list[Lexeme]) -> str:
    return "".join(x.text for x in inner)


def _first_word(inner: list[Lexeme]) -> str:
    return next((x.text for x in inner if x.kind is Kind.WORD), "unnamed")


def _split_comma(inner: list[Lexeme]) -> tuple[list[Lexeme], list[Lexeme]]:
    depth = 0
    for at, lexeme in enumerate(inner):
        depth += {"(": 1, ")": -1}.get(lexeme.text, 0)
        if lexeme.text == "," and depth == 0:
            return inner[:at], inner[at + 1 :]
    return inner, []
