"""No name means two things."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from tree_sitter import Node

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.preprocessor import split_define
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.unit import descendants, header_unit, line_of, text_of

_KEYWORDS: Final = {
    *("if", "else", "for", "while", "do", "switch", "case", "default", "return", "break"),
    *("continue", "goto", "static", "struct", "enum", "union", "sizeof", "const", "volatile"),
    *("inline", "void", "char", "short", "int", "long", "signed", "unsigned", "bool", "true"),
    *("false", "NULL", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64"),
}
_RESERVED_PREFIXES: Final = ("__", "bpf_", "BPF_", "scx_", "SCX_", "SCHEDTUI_", "schedtui_")
_DECLARATORS: Final = ("init_declarator", "parameter_declaration", "declaration")


def one_meaning(subject: Subject) -> Iterator[Finding]:
    """SRC011: no name is taken already, and no local variable hides another."""
    yield from _taken(subject)
    yield from _hiding(subject)


def _taken(subject: Subject) -> Iterator[Finding]:
    functions = set(subject.unit.functions)
    taken = header_names() | _KEYWORDS
    for name, line, is_function in _declared(subject):
        clash = name in taken or name.startswith(_RESERVED_PREFIXES)
        if clash or (name in functions and not is_function):
            yield finding("SRC011", line, name=name)


@cache
def header_names() -> frozenset[str]:
    """Return the names of all functions and macros of the public headers."""
    unit = header_unit()
    macros = {split_define(d)[0] for d in unit.directives if d.name == "define"}
    declarators = (
        node.child_by_field_name("declarator")
        for node in descendants(unit.root, "function_declarator")
    )
    declared = {text_of(d) for d in declarators if d is not None and d.type == "identifier"}
    return frozenset(macros | declared | set(unit.functions)) - {""}


def _declared(subject: Subject) -> Iterator[tuple[str, int, bool]]:
    """Yield name, line, and whether it is a function or macro of file level."""
    for directive in subject.unit.directives:
        if directive.name == "define":
            yield split_define(directive)[0], directive.line, False
    for function in subject.unit.functions.values():
        yield function.name, function.line, True
    for node in descendants(subject.unit.root, *_DECLARATORS):
        for declarator in node.children_by_field_name("declarator"):
            name = _declared_name(declarator)
            if name and not any(descendants(declarator, "function_declarator")):
                yield name, line_of(declarator), False


def _declared_name(declarator: Node) -> str:
    if declarator.type == "init_declarator":
        return ""
    return text_of(next(descendants(declarator, "identifier"), None))


def _hiding(subject: Subject) -> Iterator[Finding]:
    outer = {name for node in subject.unit.root.children for name in _variables(node)}
    for function in subject.unit.functions.values():
        hidden = outer | set(function.parameters)
        for node in descendants(function.body, "declaration"):
            for name in hidden.intersection(_variables(node)):
                yield finding("SRC011", line_of(node), name=name)


def _variables(node: Node) -> Iterator[str]:
    """Yield the names that a declaration declares."""
    if node.type == "declaration":
        for declarator in node.children_by_field_name("declarator"):
            target = declarator.child_by_field_name("declarator") or declarator
            yield text_of(next(descendants(target, "identifier"), None))


RULES: Final = (Rule("names have one meaning", ("SRC011",), one_meaning),)
