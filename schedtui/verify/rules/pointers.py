"""Numbers do not become pointers, and of a task only two members are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.flow import CALL, plain
from schedtui.verify.source.tree import Node
from schedtui.verify.source.types import Types
from schedtui.verify.source.unit import called, descendants, line_of, text_of

_WRITABLE: Final = {("scx", "slice"), ("scx", "dsq_vtime")}
_FILLING: Final = {"__builtin_memset", "__builtin_memcpy"}
_WRITES: Final = ("assignment_expression", "update_expression")


def numbers_as_pointers(subject: Subject) -> Iterator[Finding]:
    """SRC026: no number becomes a pointer."""
    for owner, node in _casts(subject):
        kind = node.child_by_field_name("type")
        is_pointer = kind is not None and any(descendants(kind, "abstract_pointer_declarator"))
        if is_pointer and subject.types.is_number(node.child_by_field_name("value"), owner):
            yield finding("SRC026", line_of(node))


def _casts(subject: Subject) -> Iterator[tuple[str, Node]]:
    for owner, function in subject.unit.functions.items():
        for node in descendants(function.body, "cast_expression"):
            yield owner, node
    for outer in subject.unit.root.children:
        if outer.type != "function_definition":
            for node in descendants(outer, "cast_expression"):
                yield "", node


def tasks_members(subject: Subject) -> Iterator[Finding]:
    """SRC060: only the slice and the virtual time of a task are written."""
    for owner, function in subject.unit.functions.items():
        for target, node in _written(function.body):
            members = _members_of_task(subject.types, target, owner)
            if members and members not in _WRITABLE:
                yield finding("SRC060", line_of(node), member=".".join(members))


def _written(body: Node) -> Iterator[tuple[Node, Node]]:
    for node in descendants(body, *_WRITES):
        target = node.child_by_field_name("left") or node.child_by_field_name("argument")
        if target is not None:
            yield target, node
    for node in descendants(body, CALL):
        arguments = node.child_by_field_name("arguments")
        if called(node) in _FILLING and arguments is not None and arguments.named_children:
            yield arguments.named_children[0], node


def _members_of_task(types: Types, target: Node, owner: str) -> tuple[str, ...]:
    """Return the members from a task to what is written, empty when it is no task's."""
    members: list[str] = []
    node: Node | None = plain(target)
    while node is not None and node.type in {
        "field_expression",
        "subscript_expression",
        "pointer_expression",
    }:
        if node.type == "field_expression":
            members.insert(0, text_of(node.child_by_field_name("field")))
        inner = node.child_by_field_name("argument")
        node = plain(inner) if inner is not None else None
    if node is None or node.type != "identifier":
        return ()
    return tuple(members) if types.is_task(text_of(node), owner) else ()


RULES: Final = (
    Rule("numbers are no pointers", ("SRC026",), numbers_as_pointers),
    Rule("tasks belong to the kernel", ("SRC060",), tasks_members),
)
