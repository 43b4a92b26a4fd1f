"""dispatch always tries to take a task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.duties import reaches, serving
from schedtui.verify.source.suspects import Suspects

_TAKING: Final = frozenset({"scx_bpf_dsq_move_to_local", "scx_bpf_consume"})


def every_path_takes(subject: Subject) -> Iterator[Finding]:
    """SRC033 and SRC034: on every way out of dispatch a queue was tried."""
    unit = subject.unit
    function = unit.operation("dispatch")
    if function is None:
        return
    lines = sorted({e.line for e in serving(unit).exits(function) if not e.done})
    suspect = Suspects(unit.root, unit.functions).in_conditions(function.body) if lines else ""
    for line in lines:
        yield finding("SRC034", line, what=suspect) if suspect else finding("SRC033", line)


def only_dispatch_takes(subject: Subject) -> Iterator[Finding]:
    """SRC042: no other operation takes tasks out of queues."""
    for scheduler in subject.unit.schedulers:
        for operation, name in scheduler.operations.items():
            call = reaches(subject.unit, name, _TAKING)
            if call and operation != "dispatch":
                line = subject.unit.functions[name].line
                yield finding("SRC042", line, operation=operation, call=call)


RULES: Final = (
    Rule("dispatch takes on every path", ("SRC033", "SRC034"), every_path_takes),
    Rule("only dispatch takes", ("SRC042",), only_dispatch_takes),
)
