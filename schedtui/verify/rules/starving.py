"""Nobody waits for ever: no strict priority without ageing, no order that never changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.deeds import NOT_DONE
from schedtui.verify.source.duties import serving_one, trying_any
from schedtui.verify.source.flow import counter, first_of
from schedtui.verify.source.guards import guards
from schedtui.verify.source.queue_use import MOVING, described, own
from schedtui.verify.source.spans import Spans, constant, holds, union
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import descendants, line_of, words_of

_HEAD: Final = "SCX_ENQ_HEAD"
_KERNEL_THREADS: Final = {"is_kthread", "PF_KTHREAD"}


def strict_priority(subject: Subject) -> Iterator[Finding]:
    """SRC052: no queue waits until all others are empty, unless tasks change queues."""
    dispatch = subject.unit.operation("dispatch")
    queues = subject.queues.single_queues
    if dispatch is None or len(queues) < 2 or _ages(subject):
        return
    first = union(*_first(subject))
    for low, high in queues:
        if holds(first, (low, high)) or not _skipped(subject, (low, high)):
            continue
        tries = [n for n, _, taken in subject.queues.tries if holds(taken, (low, high))]
        if tries:
            queue = described(((low, high),))
            yield finding("SRC052", line_of(tries[0]), queue=queue, first=described(first))


def _ages(subject: Subject) -> bool:
    """Tell whether tasks may change queues while they wait, or by what they did before."""
    if any(call.name in MOVING for call in subject.flow.calls_by()):
        return True
    reached = subject.flow.reached_by("enqueue", "select_cpu")
    names = [name for name in reached if name in subject.unit.functions]
    chosen = (
        subject.moving.meaning(argument, insert.call.owner)
        for insert in subject.queues.own_inserts
        for argument in [insert.part(insert.places.queue)]
        if argument is not None
    )
    return bool(subject.moving.in_conditions(names)) or any(chosen) or _for_the_kernel(subject)


def _for_the_kernel(subject: Subject) -> bool:
    """Tell whether what sets queues apart is work of the kernel, which takes little time."""
    reached = subject.flow.reached_by("enqueue")
    bodies = (subject.unit.functions[n].body for n in reached if n in subject.unit.functions)
    return any(words_of(body) & _KERNEL_THREADS for body in bodies)


def _first(subject: Subject) -> Iterator[Spans]:
    """Yield the queues that some way through dispatch tries before any other."""
    paths = trying_any(subject.queues)
    tries = {node.index: (node, owner) for node, owner, _ in subject.queues.tries}
    waiting, seen = [subject.flow.operations["dispatch"]], set[str]()
    while waiting:
        name = waiting.pop()
        function = subject.unit.functions.get(name)
        if function is None or name in seen:
            continue
        seen.add(name)
        later = {node.index for node in paths.repeated(function)}
        for call in subject.flow.calls_in(name):
            if call.node.index in tries and call.node.index not in later:
                yield _in_first_round(subject, call.node, name)
            elif call.node.index not in later:
                waiting.append(call.name)


def _in_first_round(subject: Subject, node: Node, owner: str) -> Spans:
    """Return the queues of a call with the counters of loops around it at their first values."""
    bound = {}
    for loop in _loops(node):
        first = first_of(loop)
        if first is not None:
            bound[counter(loop)] = subject.values.of(first[1], owner)
    return subject.queues.tried_by(node, owner, bound)


def _loops(node: Node) -> list[Node]:
    return [above for above in node.above() if counter(above)]


def _skipped(subject: Subject, span: tuple[int, int | None]) -> bool:
    """Tell whether some way through dispatch does not try a queue."""
    function = subject.unit.operation("dispatch")
    paths = serving_one(subject.queues, span, NOT_DONE)
    if function is not None and any(not e.done for e in paths.exits(function)):
        return True
    # A loop that ends at the first success skips the queues behind it.
    tries = [n for n, _, taken in subject.queues.tries if holds(taken, span)]
    loops = [loop for node in tries for loop in _loops(node)]
    return any(any(descendants(n, "return_statement", "break_statement")) for n in loops)


def order_changes(subject: Subject) -> Iterator[Finding]:
    """SRC053: what tasks are ordered by changes while they wait or run."""
    for insert in subject.queues.own_inserts:
        key = insert.part(insert.places.key)
        if key is None or constant(subject.defaults.of(key, insert.call.owner)) is not None:
            continue
        if not subject.moving.meaning(key, insert.call.owner):
            yield finding("SRC053", line_of(insert.call.node), what="by a key that never changes")


def newest_last(subject: Subject) -> Iterator[Finding]:
    """SRC053 as well: not everything goes to the head of a queue."""
    for insert in subject.queues.own_inserts:
        flags = insert.part(insert.places.flags)
        body = subject.body(insert.call.owner)
        always = not any(guards(insert.call.node, body)) and own(insert.queues)
        if flags is not None and always and _HEAD in words_of(flags):
            yield finding("SRC053", line_of(insert.call.node), what="newest first")


def _orders(subject: Subject) -> Iterator[Finding]:
    yield from order_changes(subject)
    yield from newest_last(subject)


RULES: Final = (
    Rule("no strict priority without ageing", ("SRC052",), strict_priority),
    Rule("orders change", ("SRC053",), _orders),
)
