"""init_task and the cgroup operations never refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import (
    Function,
    Unit,
    called,
    descendants,
    line_of,
    text_of,
    words_of,
)

_CGROUP: Final = "cgroup_"
_INIT_TASK: Final = "init_task"
_MAY_FAIL: Final = frozenset({"scx_bpf_create_dsq"})
_CHANGES: Final = {"update_expression", "pointer_expression"}
_TRANSPARENT: Final = {"parenthesized_expression", "cast_expression"}


def never_refuses(subject: Subject) -> Iterator[Finding]:
    """SRC035: what they return is 0, or for a cgroup the making of its queue."""
    unit = subject.unit
    for scheduler in unit.schedulers:
        for operation, name in scheduler.operations.items():
            function = unit.functions.get(name)
            if function is None or not operation.startswith((_CGROUP, _INIT_TASK)):
                continue
            # A queue for a cgroup is worth an error; nothing is worth refusing a task.
            may_fail = _MAY_FAIL if operation.startswith(_CGROUP) else frozenset[str]()
            for line in sorted(set(_refusals(unit, function, may_fail))):
                yield finding("SRC035", line, operation=operation)


def _refusals(unit: Unit, function: Function, may_fail: frozenset[str]) -> Iterator[int]:
    for node in descendants(function.body, "return_statement"):
        value = next(iter(node.named_children), None)
        if value is not None and not _is_harmless(unit, function, value, may_fail):
            yield line_of(node)


def _is_harmless(unit: Unit, function: Function, value: Node, may_fail: frozenset[str]) -> bool:
    while value.type in _TRANSPARENT:
        value = value.child_by_field_name("value") or value.named_children[0]
    if value.type == "number_literal":
        return text_of(value) == "0"
    if value.type == "conditional_expression":
        sides = (value.child_by_field_name(s) for s in ("consequence", "alternative"))
        return all(s is not None and _is_harmless(unit, function, s, may_fail) for s in sides)
    if value.type == "call_expression":
        return _is_harmless_call(unit, called(value), may_fail)
    if value.type == "identifier":
        sources = _sources(function, text_of(value))
        return bool(sources) and all(_is_harmless(unit, function, s, may_fail) for s in sources)
    return False


def _is_harmless_call(unit: Unit, name: str, may_fail: frozenset[str]) -> bool:
    own = unit.functions.get(name)
    if own is None:
        return name in may_fail
    # Only a function that calls no other one of the source is followed.
    calls = any(unit.functions.keys() & words_of(own.body))
    return not calls and not any(_refusals(unit, own, may_fail))


def _sources(function: Function, name: str) -> list[Node]:
    """Return everything a local variable is set to; nothing if that cannot be told."""
    found: list[Node] = []
    for node in descendants(function.body):
        target = node.child_by_field_name("declarator") or node.child_by_field_name("left")
        if node.type in {"init_declarator", "assignment_expression"} and text_of(target) == name:
            value = node.child_by_field_name("value") or node.child_by_field_name("right")
            operator = text_of(node.child_by_field_name("operator"))
            if value is None or operator not in {"", "="}:
                return []
            found.append(value)
        elif node.type in _CHANGES and text_of(node.child_by_field_name("argument")) == name:
            return []
    return found


RULES: Final = (Rule("tasks and cgroups are never refused", ("SRC035",), never_refuses),)
