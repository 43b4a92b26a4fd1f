"""Queues are made before they are used, served, and respect affinity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.duties import reaches
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import called, descendants, line_of, text_of, words_of

_CREATE: Final = frozenset({"scx_bpf_create_dsq"})
_INSERTS: Final = {
    "queue_insert",
    "queue_insert_ordered",
    "scx_bpf_dsq_insert",
    "scx_bpf_dsq_insert_vtime",
    "scx_bpf_dispatch",
    "scx_bpf_dispatch_vtime",
}
_BUILT_IN: Final = ("SCX_DSQ_LOCAL", "SCX_DSQ_GLOBAL")
_PARTICULAR: Final = "SCX_DSQ_LOCAL_ON"
_ASKS: Final = {"bpf_cpumask_test_cpu", "is_pinned", "task_can_run_on"}


def _inserts(subject: Subject) -> Iterator[tuple[Node, Node]]:
    """Yield the call and the queue of every insert."""
    for node in descendants(subject.unit.root, "call_expression"):
        arguments = node.child_by_field_name("arguments")
        if called(node) in _INSERTS and arguments is not None and len(arguments.named_children) > 1:
            yield node, arguments.named_children[1]


def own_queues(subject: Subject) -> Iterator[Finding]:
    """SRC036 and SRC037: a queue of its own is made and served."""
    own = [call for call, queue in _inserts(subject) if not _is_built_in(queue)]
    if not own:
        return
    init = subject.unit.operation("init")
    if init is None or not reaches(subject.unit, init.name, _CREATE):
        yield finding("SRC036", line_of(own[0]))
    if subject.unit.operation("dispatch") is None:
        yield finding("SRC037", line_of(own[0]))


def _is_built_in(queue: Node) -> bool:
    return text_of(queue).strip("( ").startswith(_BUILT_IN)


def affinity(subject: Subject) -> Iterator[Finding]:
    """SRC041: a particular CPU is asked for only after asking whether the task may run there."""
    for function in subject.unit.functions.values():
        words = words_of(function.body)
        if _PARTICULAR in words and not words & _ASKS:
            node = next(
                n for n in descendants(function.body, "identifier") if text_of(n) == _PARTICULAR
            )
            yield finding("SRC041", line_of(node))


RULES: Final = (
    Rule("own queues are made and served", ("SRC036", "SRC037"), own_queues),
    Rule("affinity is respected", ("SRC041",), affinity),
)
