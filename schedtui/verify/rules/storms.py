"""Nobody is interrupted at every turn, and flags are those of the running kernel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.flow import Call
from schedtui.verify.source.guards import guards
from schedtui.verify.source.queue_use import INSERTING
from schedtui.verify.source.unit import called, descendants, line_of, text_of, words_of

_KICK: Final = "scx_bpf_kick_cpu"
_PREEMPT: Final = {"SCX_KICK_PREEMPT", "SCX_ENQ_PREEMPT"}
_WAIT: Final = "SCX_KICK_WAIT"
_EVERY_TURN: Final = ("enqueue", "running", "stopping", "tick", "runnable", "dispatch")
_FLAGS: Final = ("SCX_ENQ_", "SCX_KICK_", "SCX_WAKE_", "SCX_DEQ_")
_READERS: Final = {"SCX_FLAG", "bpf_core_enum_value", "bpf_core_enum_value_exists"}


def storms(subject: Subject) -> Iterator[Finding]:
    """SRC064: no task is interrupted at every enqueue or turn."""
    for operation in _EVERY_TURN:
        start = subject.flow.operations.get(operation, "")
        for call in _always_called(subject, start):
            if _interrupts(call):
                yield finding("SRC064", line_of(call.node), operation=operation)


def _always_called(subject: Subject, start: str) -> Iterator[Call]:
    """Yield the calls of a function, and of functions it calls, that nothing decides over."""
    waiting, seen = [start], set[str]()
    while waiting:
        name = waiting.pop()
        function = subject.unit.functions.get(name)
        if function is None or name in seen:
            continue
        seen.add(name)
        for call in subject.flow.calls_in(name):
            matters = _interrupts(call) or call.name in subject.unit.functions
            if matters and not _decided_over(subject, call):
                yield call
                waiting.append(call.name)


def _interrupts(call: Call) -> bool:
    if call.name != _KICK and call.name not in INSERTING:
        return False
    return bool(call.arguments) and bool(words_of(call.arguments[-1]) & _PREEMPT)


def _decided_over(subject: Subject, call: Call) -> bool:
    above = (condition.parent for condition, _ in guards(call.node, subject.body(call.owner)))
    if any(statement is not None and statement.type != "for_statement" for statement in above):
        return True
    # What leaves early because the task is queued already is the exception, not the rule.
    leaves = subject.leaves[call.owner].before(call.node)
    conditions = (leave.child_by_field_name("condition") for leave in leaves)
    return any(c is not None and not any(descendants(c, "call_expression")) for c in conditions)


def waiting_kicks(subject: Subject) -> Iterator[Finding]:
    """SRC065: no CPU waits for another."""
    for node in descendants(subject.unit.root, "identifier"):
        if text_of(node) == _WAIT:
            yield finding("SRC065", line_of(node))


def baked_flags(subject: Subject) -> Iterator[Finding]:
    """SRC066: flags are read from the running kernel."""
    for node in descendants(subject.unit.root, "identifier"):
        name = text_of(node)
        if name.startswith(_FLAGS) and not any(called(n) in _READERS for n in node.above()):
            yield finding("SRC066", line_of(node), flag=name, group=_group(name))


def _group(flag: str) -> str:
    return {"ENQ": "enq", "KICK": "kick", "WAKE": "wake", "DEQ": "deq"}[flag.split("_")[1]]


RULES: Final = (
    Rule("nobody is interrupted at every turn", ("SRC064",), storms),
    Rule("no CPU waits for another", ("SRC065",), waiting_kicks),
    Rule("flags are the kernel's own", ("SRC066",), baked_flags),
)
