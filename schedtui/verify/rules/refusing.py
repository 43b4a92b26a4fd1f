"""init_task and the cgroup operations never refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.origins import origins
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import Function, called, descendants, line_of, number, text_of

_CGROUP: Final = "cgroup_"
_INIT_TASK: Final = "init_task"
_MAY_FAIL: Final = frozenset({"scx_bpf_create_dsq"})


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
            for line in sorted(set(_refusals(subject, function, may_fail))):
                yield finding("SRC035", line, operation=operation)


def _refusals(subject: Subject, function: Function, may_fail: frozenset[str]) -> Iterator[int]:
    for node in descendants(function.body, "return_statement"):
        for value in node.named_children[:1]:
            behind = origins(subject.flow, value, function.name)
            # Nothing behind it: a function that returns only what it returns itself.
            if not behind or not all(_is_harmless(n, may_fail) for n, _ in behind):
                yield line_of(node)


def _is_harmless(value: Node, may_fail: frozenset[str]) -> bool:
    return number(text_of(value)) == 0 or called(value) in may_fail


RULES: Final = (Rule("tasks and cgroups are never refused", ("SRC035",), never_refuses),)
