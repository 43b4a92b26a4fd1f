"""dispatch always tries to take a task, of every queue that is filled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.duties import reaches, serving, serving_one
from schedtui.verify.source.guards import guards
from schedtui.verify.source.queue_use import described
from schedtui.verify.source.spans import Span, holds
from schedtui.verify.source.suspects import IDENTITY, TIME

_TAKING: Final = frozenset(
    {"scx_bpf_dsq_move_to_local", "scx_bpf_dsq_move_to_local___v2", "scx_bpf_consume"}
)


def every_path_takes(subject: Subject) -> Iterator[Finding]:
    """SRC033 and SRC034: on every way out of dispatch a queue was tried."""
    unit = subject.unit
    function = unit.operation("dispatch")
    if function is None:
        return
    paths = serving(unit)
    lines = sorted({e.line for e in paths.exits(function) if not e.done})
    if not lines:
        yield from _every_queue_is_tried(subject)
        return
    deciding = (n for n in subject.flow.reached_by("dispatch") if n in unit.functions)
    suspect = subject.suspects.in_conditions(n for n in deciding if not paths.deed(n).regardless)
    for line in lines:
        yield finding("SRC034", line, what=suspect) if suspect else finding("SRC033", line)


def _every_queue_is_tried(subject: Subject) -> Iterator[Finding]:
    """Find queues that are passed over, while another is tried, by name, size or chance."""
    function = subject.unit.operation("dispatch")
    for span in subject.queues.single_queues:
        if function is None or span[1] is None:
            continue
        skipped = [e for e in serving_one(subject.queues, span).exits(function) if not e.done]
        what = _passing_over(subject, span) if skipped else ""
        if what:
            words = f"{what}, from queue {described((span,))}"
            yield finding("SRC034", skipped[0].line, what=words)


def _passing_over(subject: Subject, span: Span) -> str:
    """Return on what all taking from a queue depends.

    Dependence on time alone is a budget, unless who goes into the queue is picked by identity.
    """
    found = set[str]()
    harmless = set() if _picked(subject, span) else {TIME}
    for take in subject.queues.takes:
        if holds(take.queues, span) and not take.call.ours:
            body = subject.body(take.call.owner)
            deciding = [condition for condition, _ in guards(take.call.node, body)]
            deciding += subject.leaves[take.call.owner].before(take.call.node)
            here = {m for c in deciding for m in subject.suspects.meanings(c, take.call.owner)}
            if not here - harmless:
                return ""
            found |= here - harmless
    return min(found, default="")


def _picked(subject: Subject, span: Span) -> bool:
    """Tell whether tasks go into a queue by name, process id or cgroup."""
    return any(
        what in IDENTITY
        for insert in subject.queues.own_inserts
        if holds(insert.queues, span)
        for place in [insert.part(insert.places.queue)]
        if place is not None
        for node in (
            place,
            *(c for c, _ in guards(insert.call.node, subject.body(insert.call.owner))),
        )
        for what in subject.suspects.meanings(node, insert.call.owner)
    )


def only_dispatch_takes(subject: Subject) -> Iterator[Finding]:
    """SRC042: no other operation takes tasks out of queues."""
    for operation, name in subject.flow.operations.items():
        call = reaches(subject.flow, name, _TAKING)
        if call and operation != "dispatch":
            line = subject.unit.functions[name].line
            yield finding("SRC042", line, operation=operation, call=call)


RULES: Final = (
    Rule("dispatch takes on every path", ("SRC033", "SRC034"), every_path_takes),
    Rule("only dispatch takes", ("SRC042",), only_dispatch_takes),
)
