"""enqueue never forgets a task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.duties import PUSH, queueing
from schedtui.verify.source.suspects import Suspects
from schedtui.verify.source.unit import called, descendants, line_of


def every_path_queues(subject: Subject) -> Iterator[Finding]:
    """SRC030 and SRC031: on every way out of enqueue the task is in a queue."""
    unit = subject.unit
    function = unit.operation("enqueue")
    if function is None:
        return
    lines = sorted({e.line for e in queueing(unit).exits(function) if not e.done})
    suspect = Suspects(unit.root, unit.functions).in_conditions(function.body) if lines else ""
    for line in lines:
        yield finding("SRC031", line, what=suspect) if suspect else finding("SRC030", line)


def pushes_are_checked(subject: Subject) -> Iterator[Finding]:
    """SRC032: the result of a push is looked at."""
    for node in descendants(subject.unit.root, "expression_statement"):
        if any(called(n) == PUSH for n in node.named_children if n.type == "call_expression"):
            yield finding("SRC032", line_of(node))


RULES: Final = (
    Rule("enqueue queues on every path", ("SRC030", "SRC031"), every_path_queues),
    Rule("pushes are checked", ("SRC032",), pushes_are_checked),
)
