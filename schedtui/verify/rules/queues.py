"""Queues are made before they are used, used in one way, and served."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.duties import POP, PUSH
from schedtui.verify.source.guards import guards
from schedtui.verify.source.queue_use import BUILT_IN, Insert, Use, built_in, described, own
from schedtui.verify.source.spans import Span, Spans, constant, covers, holds
from schedtui.verify.source.unit import line_of, text_of, words_of

_COUNTABLE: Final = 4096


def own_queues(subject: Subject) -> Iterator[Finding]:
    """SRC036 and SRC037: a queue of its own is made and served."""
    used = [insert for insert in subject.queues.own_inserts if own(insert.queues)]
    if not used:
        return
    if not subject.queues.makes:
        yield finding("SRC036", line_of(used[0].call.node))
    if subject.unit.operation("dispatch") is None:
        yield finding("SRC037", line_of(used[0].call.node))


def each_made(subject: Subject) -> Iterator[Finding]:
    """SRC045: every single queue that is used is among those that are made."""
    made = subject.queues.made
    if not made:
        return
    uses: list[Insert | Use] = [*subject.queues.own_inserts, *subject.queues.takes]
    for use in uses:
        for span in () if use.call.ours else own(use.queues):
            if not holds(made, span):
                line = line_of(use.call.node)
                yield finding("SRC045", line, queue=described((span,)), made=described(made))


def each_served(subject: Subject) -> Iterator[Finding]:
    """SRC046: dispatch takes from every queue that is filled."""
    taken = subject.queues.taken
    if not subject.queues.takes:
        return
    for insert in subject.queues.own_inserts:
        for span in own(insert.queues):
            if not _is_served(taken, span):
                words = {"queue": described((span,)), "taken": described(taken)}
                yield finding("SRC046", line_of(insert.call.node), **words)


def _is_served(taken: Spans, span: Span) -> bool:
    low, high = span
    if high is None or high - low > _COUNTABLE:
        return holds(taken, span)
    return covers(taken, span)


def maps_served(subject: Subject) -> Iterator[Finding]:
    """SRC047: what is pushed into a queue map is popped somewhere."""
    popped = set[str]()
    for call in subject.flow.calls_by():
        if call.name in POP and call.arguments:
            popped |= words_of(call.arguments[0])
    for call in subject.flow.calls_by():
        if call.name == PUSH and call.arguments and not words_of(call.arguments[0]) & popped:
            yield finding("SRC047", line_of(call.node), map=text_of(call.arguments[0]).lstrip("&"))


def kernels_queues(subject: Subject) -> Iterator[Finding]:
    """SRC048: the kernel's own queues are first in, first out, and exist already."""
    for insert in subject.queues.own_inserts:
        if insert.ordered and built_in(insert.queues):
            yield finding("SRC048", line_of(insert.call.node), what="An insert by key goes into")
    for made in subject.queues.makes:
        if not made.call.ours and (built_in(made.queues) or (constant(made.queues) or 0) < 0):
            yield finding("SRC048", line_of(made.call.node), what="init makes")


def one_order(subject: Subject) -> Iterator[Finding]:
    """SRC049: a queue is either first in, first out, or ordered by key."""
    inserts = subject.queues.own_inserts
    plain = [insert for insert in inserts if not insert.ordered]
    for insert in inserts:
        if not insert.ordered:
            continue
        other = next(
            (x for x in plain if _same(insert, x) and not _apart(subject, insert, x)), None
        )
        if other is not None:
            words = {"queue": described(own(insert.queues)), "other": line_of(other.call.node)}
            yield finding("SRC049", line_of(insert.call.node), **words)


def _same(one: Insert, other: Insert) -> bool:
    """Tell whether two inserts certainly go into the same queue or range of queues."""
    mine, theirs = own(one.queues), own(other.queues)
    if any(low == high and (low, high) in theirs for low, high in mine):
        return True
    if mine != theirs or not mine or mine[-1][1] is None:
        return False
    return text_of(one.part(one.places.queue)) == text_of(other.part(other.places.queue))


def _apart(subject: Subject, one: Insert, other: Insert) -> bool:
    """Tell whether a parameter decides between two inserts, so that only one ever happens."""
    sides = {id(c): side for c, side in _fixed_guards(subject, one)}
    return any(sides.get(id(c), side) != side for c, side in _fixed_guards(subject, other))


def _fixed_guards(subject: Subject, insert: Insert) -> Iterator[tuple[object, str]]:
    body = subject.body(insert.call.owner)
    for condition, side in guards(insert.call.node, body):
        if words_of(condition) <= parameters(subject):
            yield condition, side


def parameters(subject: Subject) -> set[str]:
    """Return the names of ``const volatile`` variables."""
    found = set()
    for node in subject.unit.root.children:
        words = {text_of(q) for q in node.below("type_qualifier")}
        if node.type == "declaration" and {"const", "volatile"} <= words:
            for declarator in node.children_by_field_name("declarator"):
                found.add(text_of(next(declarator.below("identifier"), None)))
    return found


def made_once(subject: Subject) -> Iterator[Finding]:
    """SRC050: no queue is made twice."""
    seen: dict[int, int] = {}
    for made in subject.queues.makes:
        queue = constant(made.queues)
        if queue is None or made.call.ours or queue >= BUILT_IN:
            continue
        line = line_of(made.call.node)
        looped = any(above.type == "for_statement" for above in made.call.node.above())
        if queue in seen or looped:
            yield finding("SRC050", line, queue=described(made.queues))
        seen[queue] = line


def worked_out(subject: Subject) -> Iterator[Finding]:
    """SRC067: what queues, slices and loops are could be worked out. Asked after all others."""
    if subject.values.exhausted or subject.defaults.exhausted:
        yield finding("SRC067")


LAST_RULES: Final = (Rule("values can be worked out", ("SRC067",), worked_out),)
RULES: Final = (
    Rule("own queues are made and served", ("SRC036", "SRC037"), own_queues),
    Rule("each used queue is made", ("SRC045",), each_made),
    Rule("each filled queue is served", ("SRC046",), each_served),
    Rule("each filled map is emptied", ("SRC047",), maps_served),
    Rule("the kernel's queues are left alone", ("SRC048",), kernels_queues),
    Rule("a queue has one order", ("SRC049",), one_order),
    Rule("queues are made once", ("SRC050",), made_once),
)
