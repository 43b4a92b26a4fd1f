"""Constructs that would escape the path analysis or the lists of calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.deeds import UnreadableStatementError
from schedtui.verify.source.paths import Paths
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import descendants, line_of, text_of

_EXPRESSION_BLOCKS: Final = {"parenthesized_expression", "argument_list", "init_declarator"}


def followable(subject: Subject) -> Iterator[Finding]:
    """SRC025: no statements in expressions, pointers to functions, or unknown statements."""
    for node in descendants(subject.unit.root):
        what = _unfollowable(node)
        if what:
            yield finding("SRC025", line_of(node), what=what)
    paths = Paths(subject.unit.functions, {}, {})
    for function in subject.unit.functions.values():
        try:
            paths.exits(function)
        except UnreadableStatementError as error:
            yield finding("SRC025", error.line, what=f"This {error}")


def _unfollowable(node: Node) -> str:
    parent = node.parent.type if node.parent is not None else ""
    if node.type == "compound_statement" and parent in _EXPRESSION_BLOCKS:
        return "A block inside of an expression"
    if node.type == "function_declarator" and parent in {"pointer_declarator", "declaration"}:
        return "" if _is_prototype(node) else "A pointer to a function"
    if node.type == "function_declarator" and _declares_pointer(node):
        return "A pointer to a function"
    if node.type == "pointer_expression" and text_of(node).startswith("&&"):
        return "The address of a label"
    if node.type == "call_expression":
        called = node.child_by_field_name("function")
        if called is not None and called.type != "identifier":
            return "A call through a pointer"
    return ""


def _is_prototype(node: Node) -> bool:
    return not _declares_pointer(node)


def _declares_pointer(node: Node) -> bool:
    inner = node.child_by_field_name("declarator")
    return inner is not None and inner.type == "parenthesized_declarator"


RULES: Final = (Rule("everything can be followed", ("SRC025",), followable),)
