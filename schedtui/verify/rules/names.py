"""No name means two things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import descendants, header_words, line_of, text_of

_RESERVED_PREFIXES: Final = ("__", "bpf_", "BPF_", "scx_", "SCX_", "SCHEDTUI_", "schedtui_")
_DECLARATORS: Final = ("init_declarator", "parameter_declaration", "declaration")


def one_meaning(subject: Subject) -> Iterator[Finding]:
    """SRC011: no name is taken already, and no local variable hides another."""
    yield from _taken(subject)
    yield from _hiding(subject)


def _taken(subject: Subject) -> Iterator[Finding]:
    functions = set(subject.unit.functions)
    taken = header_words()
    macros = Counter(macro.name for macro in subject.unit.macros)
    for name, line, is_function in _declared(subject):
        clash = name in taken or name.startswith(_RESERVED_PREFIXES)
        if clash or (name in functions and not is_function) or macros[name] > 1:
            yield finding("SRC011", line, name=name)


def _declared(subject: Subject) -> Iterator[tuple[str, int, bool]]:
    """Yield name, line, and whether it is a function or macro of file level."""
    for macro in subject.unit.macros:
        yield macro.name, macro.line, False
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
