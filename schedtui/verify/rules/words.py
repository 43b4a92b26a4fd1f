"""Words that no scheduler needs, wherever they stand, and sections."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.lexer import BLANK, Kind, Lexeme

_FORBIDDEN: Final = {
    *("asm", "typeof", "__typeof", "__typeof__", "_Pragma", "__pragma", "_Generic", "auto"),
    *("BPF_PROG", "SCHEDTUI_EXIT_RECORD", "section", "defined", "register", "_Noreturn"),
    *("__DATE__", "__TIME__", "__TIMESTAMP__", "__COUNTER__", "__FILE__", "__BASE_FILE__"),
    *("__INCLUDE_LEVEL__", "__attribute__", "__attribute", "__declspec", "__ksym", "__weak"),
    *("extern", "_Alignas", "_Atomic", "_Thread_local", "setjmp", "longjmp"),
    *("__FILE_NAME__", "__VERSION__", "__clang_version__", "__auto_type", "alignas", "constexpr"),
    *("typeof_unqual", "__typeof_unqual__", "__extension__", "__thread", "thread_local"),
}
_FORBIDDEN_PREFIXES: Final = ("__asm", "__has_", "__builtin_", "__c11_", "__sync_", "__atomic_")
_ALLOWED_BUILTINS: Final = {"__builtin_memset", "__builtin_memcpy", "__builtin_memcmp"}
_SECTION_MACRO: Final = "SEC"
_SECTIONS: Final = {'".maps"'}


def forbidden(subject: Subject) -> Iterator[Finding]:
    """SRC009: no assembler, attributes, pragmas, probes of the machine."""
    for lexeme in _words(subject):
        word = lexeme.text
        bad = word in _FORBIDDEN or word.startswith(_FORBIDDEN_PREFIXES)
        if bad and word not in _ALLOWED_BUILTINS:
            yield finding("SRC009", lexeme.line, word=word)
    meaningful = [x for x in subject.unit.lexemes if x.kind not in BLANK]
    for first, second in pairwise(meaningful):
        # An attribute of C23, which compilers take in older C too.
        if first.text == second.text == "[":
            yield finding("SRC009", first.line, word="[[")


def _words(subject: Subject) -> Iterator[Lexeme]:
    yield from (x for x in subject.unit.lexemes if x.kind is Kind.WORD)


def sections(subject: Subject) -> Iterator[Finding]:
    """SRC024: sections are placed by the macros, but for maps."""
    meaningful = [x for x in subject.unit.lexemes if x.kind not in BLANK]
    for at, lexeme in enumerate(meaningful):
        if lexeme.text == _SECTION_MACRO and lexeme.kind is Kind.WORD:
            after = "".join(x.text for x in meaningful[at + 1 : at + 4])
            if after.removeprefix("(").removesuffix(")") not in _SECTIONS:
                yield finding("SRC024", lexeme.line, section=after)


RULES: Final = (
    Rule("no forbidden words", ("SRC009",), forbidden),
    Rule("sections belong to the macros", ("SRC024",), sections),
)
