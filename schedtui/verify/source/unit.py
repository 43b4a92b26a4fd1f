"""A candidate's source as a parse tree with its functions and its scheduler definition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import tree_sitter_c
from tree_sitter import Language, Parser

from schedtui.resources import resource_dir
from schedtui.verify.source.lexer import BLANK, Directive, Kind, Lexeme, lex, split_directives
from schedtui.verify.source.macros import Expansion, Macro, expand, read_macro
from schedtui.verify.source.readable import SLEEPABLE_MARK, readable
from schedtui.verify.source.tree import DEEPEST, Node, Tree

_OPS_TYPE: Final = "sched_ext_ops"
PUBLIC_HEADER: Final = "schedtui.h"

KEYWORDS: Final = frozenset(
    {
        *("if", "else", "for", "while", "do", "switch", "case", "default", "return", "break"),
        *("continue", "goto", "static", "struct", "enum", "union", "sizeof", "const", "volatile"),
        *("inline", "void", "char", "short", "int", "long", "signed", "unsigned", "bool", "true"),
        *("false", "NULL", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "typedef"),
    }
)
"""Words that a candidate may not give another meaning."""

MOST_WORDS: Final = 16_000
"""Words and marks of a source. A text of ordinary C reaches the limit of bytes before."""

_BRACKETS: Final = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_MOST_DIGITS: Final = 66
_FUNCTION: Final = "function_declarator"


@dataclass(frozen=True, slots=True)
class Function:
    """A function or BPF program with its body."""

    name: str
    body: Node
    parameters: tuple[str, ...]
    line: int
    sleepable: bool


@dataclass(frozen=True, slots=True)
class Scheduler:
    """One definition of a sched_ext_ops."""

    name: str
    line: int
    operations: dict[str, str]
    """Operation and the function it names."""


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """Everything the rules look at."""

    source: str
    lexemes: tuple[Lexeme, ...]
    code: tuple[Lexeme, ...]
    """Lexemes outside of preprocessor lines."""
    directives: tuple[Directive, ...]
    root: Node
    functions: dict[str, Function]
    schedulers: tuple[Scheduler, ...]
    words: int = 0
    """Lexemes but for white space and comments. Above MOST_WORDS nothing is parsed."""
    too_deep_at: int = 0
    """Line at which brackets became too deep to parse anything, 0 for never."""
    macros: tuple[Macro, ...] = ()
    too_much_at: int = 0
    """Line at which the macros became too much to expand, 0 for never."""
    constants: dict[str, int] = field(default_factory=dict)
    """Macros whose body is one number."""

    def operation(self, name: str) -> Function | None:
        """Return the function behind an operation such as ``enqueue``, or None."""
        for scheduler in self.schedulers:
            if name in scheduler.operations:
                return self.functions.get(scheduler.operations[name])
        return None


def line_of(node: Node) -> int:
    """Return the 1-based line a node starts on."""
    return node.line


def text_of(node: Node | None) -> str:
    """Return the source text of a node, empty for None."""
    return "" if node is None else node.text


def descendants(node: Node, *kinds: str) -> Iterator[Node]:
    """Yield ``node`` and all below it whose type is one of ``kinds`` (all without kinds)."""
    return node.below(*kinds)


def words_of(node: Node) -> frozenset[str]:
    """Return all identifiers and member names below a node."""
    found = descendants(node, "identifier", "field_identifier", "type_identifier")
    return frozenset(text_of(n) for n in found)


def called(node: Node) -> str:
    """Return the name of the function a call expression calls, empty for a pointer."""
    function = node.child_by_field_name("function")
    return text_of(function) if function is not None and function.type == "identifier" else ""


def read_unit(source: str) -> Unit:
    """Parse a candidate. Never raises; errors stay in the tree.

    The candidate's own macros are expanded, so that nothing hides behind a name.
    """
    return _read(source, header_words())


def _read(source: str, known: frozenset[str] | None) -> Unit:
    """Parse a text; its macros are expanded but for ``known`` names, None expands nothing."""
    lexemes = lex(source)
    code, directives = split_directives(lexemes)
    words = sum(x.kind not in BLANK for x in lexemes)
    too_deep_at = _too_deep_at(code)
    expansion = Expansion(())
    if words <= MOST_WORDS and not too_deep_at:
        expansion = Expansion(code) if known is None else expand(code, directives, known)
    text = readable(expansion.code).encode("utf-8", "replace")
    root = Tree(text, Parser(_language()).parse(text).root_node).nodes[0]
    macros = tuple(read_macro(d) for d in directives if d.name == "define")
    return Unit(
        source,
        lexemes,
        code,
        directives,
        root,
        {f.name: f for f in _functions(root)},
        tuple(_schedulers(root)),
        words,
        too_deep_at,
        macros,
        expansion.too_much_at,
        dict(_constants(macros)),
    )


def _too_deep_at(code: tuple[Lexeme, ...]) -> int:
    depth = 0
    for lexeme in code:
        if lexeme.text in _BRACKETS:
            depth = max(0, depth + _BRACKETS[lexeme.text])
            if depth > DEEPEST:
                return lexeme.line
    return 0


@cache
def header_unit() -> Unit:
    """Return all headers of ``bpf/include`` that a scheduler sees, parsed as one."""
    folder = resource_dir("bpf") / "include"
    names = (PUBLIC_HEADER, "schedtui_base.h")
    texts = [(folder / name).read_text("utf-8") for name in names if (folder / name).is_file()]
    return _read("\n".join(texts), None)


def read_header_text(text: str) -> Unit:
    """Parse a text of our own; its macros stay as they are."""
    return _read(text, None)


@cache
def header_words() -> frozenset[str]:
    """Return the names of all functions and macros of the public headers, and C's own words."""
    unit = header_unit()
    declarators = (d.child_by_field_name("declarator") for d in unit.root.below(_FUNCTION))
    declared = {text_of(d) for d in declarators if d is not None and d.type == "identifier"}
    macros = {m.name for m in unit.macros}
    return frozenset(macros | declared | set(unit.functions) | KEYWORDS) - {""}


@cache
def _language() -> Language:
    return Language(tree_sitter_c.language())


def _functions(root: Node) -> Iterator[Function]:
    for node in descendants(root, "function_definition"):
        declarator = next(descendants(node, _FUNCTION), None)
        body = node.child_by_field_name("body")
        if declarator is None or body is None:
            continue
        parameters = tuple(_parameters(declarator))
        name = text_of(declarator.child_by_field_name("declarator"))
        sleepable = SLEEPABLE_MARK in parameters
        kept = tuple(p for p in parameters if p != SLEEPABLE_MARK)
        yield Function(name, body, kept, line_of(node), sleepable)


def _parameters(declarator: Node) -> Iterator[str]:
    for parameter in descendants(declarator, "parameter_declaration"):
        *_, last = descendants(parameter, "identifier", "type_identifier", "primitive_type")
        yield text_of(last)


def _schedulers(root: Node) -> Iterator[Scheduler]:
    for node in root.children:
        kind = node.child_by_field_name("type")
        declarator = node.child_by_field_name("declarator")
        if kind is None or declarator is None or kind.type != "struct_specifier":
            continue
        value = declarator.child_by_field_name("value")
        if text_of(kind.child_by_field_name("name")) == _OPS_TYPE and value is not None:
            name = text_of(declarator.child_by_field_name("declarator"))
            yield Scheduler(name, line_of(node), dict(_operations(value)))


def _operations(value: Node) -> Iterator[tuple[str, str]]:
    for pair in descendants(value, "initializer_pair"):
        designator = pair.child_by_field_name("designator")
        assigned = pair.child_by_field_name("value")
        if designator is not None and assigned is not None:
            names = [text_of(n) for n in descendants(assigned, "identifier")]
            yield text_of(designator).lstrip("."), names[-1] if names else text_of(assigned)


def _constants(macros: tuple[Macro, ...]) -> Iterator[tuple[str, int]]:
    for macro in macros:
        words = [w for w in macro.body if w.text not in "()"]
        if macro.parameters is None and len(words) == 1 and words[0].kind is Kind.NUMBER:
            value = number(words[0].text)
            if value is not None:
                yield macro.name, value


def number(text: str) -> int | None:
    """Return the value of an integer literal, with the sign the parser reads with it."""
    digits = text.lstrip("+-").strip().rstrip("uUlL")
    if not digits.isascii() or not digits.isalnum() or len(digits) > _MOST_DIGITS:
        return None
    octal = digits.startswith("0") and digits.isdecimal()
    try:
        value = int(digits, 8 if octal else 0)
    except ValueError:
        return None
    return -value if text.startswith("-") else value
