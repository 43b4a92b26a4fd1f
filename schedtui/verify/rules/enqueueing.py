"""enqueue never forgets a task, and never queues it twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.duties import PUSH, inserting, queueing
from schedtui.verify.source.flow import Call, plain
from schedtui.verify.source.queue_use import INSERTING
from schedtui.verify.source.unit import called, descendants, line_of, text_of


def every_path_queues(subject: Subject) -> Iterator[Finding]:
    """SRC030 and SRC031: on every way out of enqueue the task is in a queue."""
    unit = subject.unit
    function = unit.operation("enqueue")
    if function is None:
        return
    paths = queueing(unit)
    lines = sorted({e.line for e in paths.exits(function) if not e.done})
    if not lines:
        return
    # Where the task is forgotten in a helper, the helper's conditions decide.
    deciding = (n for n in subject.flow.reached_by("enqueue") if n in unit.functions)
    suspect = subject.suspects.in_conditions(n for n in deciding if not paths.deed(n).regardless)
    for line in lines:
        yield finding("SRC031", line, what=suspect) if suspect else finding("SRC030", line)


def queued_once(subject: Subject) -> Iterator[Finding]:
    """SRC051: no path inserts the same task twice."""
    unit = subject.unit
    paths = inserting(unit)
    lines = set[int]()
    for operation in ("enqueue", "select_cpu", "dispatch"):
        names = [n for n in subject.flow.reached_by(operation) if n in unit.functions]
        if _has_one_task(subject, operation, names):
            lines |= {n.line for name in names for n in paths.repeated(unit.functions[name])}
    for line in sorted(lines):
        yield finding("SRC051", line)


def _has_one_task(subject: Subject, operation: str, names: list[str]) -> bool:
    """Tell whether all inserts of an operation are of the task that it was given."""
    calls = [c for name in names for c in subject.flow.calls_in(name) if c.name in INSERTING]
    if not all(_is_own_task(subject, call) for call in calls):
        return False
    # dispatch may be handed one task and look up others.
    tasks = {(c.owner, text_of(plain(c.arguments[0]))) for c in calls if c.arguments}
    return operation != "dispatch" or len(tasks) == 1


def _is_own_task(subject: Subject, call: Call) -> bool:
    """Tell whether a call that inserts does so with the task that the operation was given."""
    if call.name not in INSERTING or not call.arguments:
        return True
    return text_of(plain(call.arguments[0])) in subject.unit.functions[call.owner].parameters


def pushes_are_checked(subject: Subject) -> Iterator[Finding]:
    """SRC032: the result of a push is looked at."""
    for node in descendants(subject.unit.root, "expression_statement"):
        if any(called(n) == PUSH for n in node.named_children if n.type == "call_expression"):
            yield finding("SRC032", line_of(node))


RULES: Final = (
    Rule("enqueue queues on every path", ("SRC030", "SRC031"), every_path_queues),
    Rule("a task is queued once", ("SRC051",), queued_once),
    Rule("pushes are checked", ("SRC032",), pushes_are_checked),
)
