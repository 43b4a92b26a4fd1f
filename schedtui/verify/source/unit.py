"""A candidate's source as a parse tree with its functions and its scheduler definition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import tree_sitter_c
from tree_sitter import Language, Node, Parser

from schedtui.resources import resource_dir
from schedtui.verify.source.lexer import Directive, Kind, Lexeme, lex, split_directives
from schedtui.verify.source.readable import SLEEPABLE_MARK, readable

_OPS_TYPE: Final = "sched_ext_ops"
PUBLIC_HEADER: Final = "schedtui.h"


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


@dataclass(frozen=True, slots=True)
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
    return node.start_point.row + 1


def text_of(node: Node | None) -> str:
    """Return the source text of a node, empty for None."""
    return "" if node is None or node.text is None else node.text.decode()


def descendants(node: Node, *kinds: str) -> Iterator[Node]:
    """Yield ``node`` and all below it whose type is one of ``kinds`` (all without kinds)."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if not kinds or found.type in kinds:
            yield found
        waiting.extend(reversed(found.children))


def words_of(node: Node) -> frozenset[str]:
    """Return all identifiers and member names below a node."""
    found = descendants(node, "identifier", "field_identifier", "type_identifier")
    return frozenset(text_of(n) for n in found)


def called(node: Node) -> str:
    """Return the name of the function a call expression calls, empty for a pointer."""
    function = node.child_by_field_name("function")
    return text_of(function) if function is not None and function.type == "identifier" else ""


def read_unit(source: str) -> Unit:
    """Parse a source text. Never raises; errors stay in the tree."""
    lexemes = lex(source)
    code, directives = split_directives(lexemes)
    root = Parser(_language()).parse(readable(code).encode("utf-8", "replace")).root_node
    return Unit(
        source,
        lexemes,
        code,
        directives,
        root,
        {f.name: f for f in _functions(root)},
        tuple(_schedulers(root)),
        dict(_constants(directives)),
    )


@cache
def header_unit() -> Unit:
    """Return all headers of ``bpf/include`` that a scheduler sees, parsed as one."""
    folder = resource_dir("bpf") / "include"
    names = (PUBLIC_HEADER, "schedtui_base.h")
    texts = [(folder / name).read_text("utf-8") for name in names if (folder / name).is_file()]
    return read_unit("\n".join(texts))


@cache
def _language() -> Language:
    return Language(tree_sitter_c.language())


def _functions(root: Node) -> Iterator[Function]:
    for node in descendants(root, "function_definition"):
        declarator = next(descendants(node, "function_declarator"), None)
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


def _constants(directives: tuple[Directive, ...]) -> Iterator[tuple[str, int]]:
    for directive in directives:
        words = [w for w in directive.words if w.kind is not Kind.SPACE and w.text not in "()"]
        if directive.name == "define" and len(words) == 2 and words[1].kind is Kind.NUMBER:
            digits = words[1].text.rstrip("uUlL")
            if digits.isdecimal():
                yield words[0].text, int(digits)
