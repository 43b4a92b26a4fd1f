"""Tasks go to CPUs that exist and that they may use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.flow import CALL, counter, plain
from schedtui.verify.source.origins import origins
from schedtui.verify.source.queue_use import TAKING, own
from schedtui.verify.source.spans import constant
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import called, descendants, line_of, text_of, words_of

MOST_CPUS: Final = 8192
"""CONFIG_NR_CPUS of the largest kernels."""

_PARTICULAR: Final = "SCX_DSQ_LOCAL_ON"
_TEST: Final = "bpf_cpumask_test_cpu"
_PICKING: Final = {
    *("scx_bpf_select_cpu_dfl", "scx_bpf_select_cpu_and", "select_idle_cpu", "kick_idle_cpu"),
    *("scx_bpf_pick_idle_cpu", "scx_bpf_pick_any_cpu", "scx_bpf_task_cpu"),
    *("scx_bpf_pick_idle_cpu_node", "scx_bpf_pick_any_cpu_node"),
    *("bpf_cpumask_first", "bpf_cpumask_any_distribute", "bpf_cpumask_any_and_distribute"),
    "bpf_cpumask_first_and",
}
_COMPARING: Final = {"<", "<=", ">", ">=", "==", "!="}
_MAY_FIND_NONE: Final = {"scx_bpf_pick_idle_cpu", "scx_bpf_pick_idle_cpu_node", "kick_idle_cpu"}


def affinity(subject: Subject) -> Iterator[Finding]:
    """SRC041 and SRC061: a particular CPU is one that the task may use, and that exists."""
    for insert in subject.queues.own_inserts:
        queue = insert.part(insert.places.queue)
        for node, owner in origins(subject.flow, queue, insert.call.owner) if queue else ():
            cpu = _cpu_of(node)
            if cpu is None:
                continue
            number = constant(subject.defaults.of(cpu, owner))
            if number is not None and not 0 <= number < MOST_CPUS:
                yield finding("SRC061", line_of(insert.call.node), cpu=number)
            elif not _may_run_there(subject, cpu, owner):
                yield finding("SRC041", line_of(insert.call.node))


def own_queue_of_cpu(subject: Subject) -> Iterator[Finding]:
    """SRC041 as well: where each CPU serves its own queue only, the queue says the CPU."""
    dispatch = subject.unit.operation("dispatch")
    cpu = dispatch.parameters[0] if dispatch is not None and dispatch.parameters else ""
    tries = subject.queues.tries
    if not cpu or not all(_is_by_cpu(subject, node, owner, cpu) for node, owner, _ in tries):
        return
    for insert in subject.queues.own_inserts if tries else ():
        queue = insert.part(insert.places.queue)
        spread = any(high != low for low, high in own(insert.queues))
        if queue is not None and spread and not _knows_cpu(subject, queue, insert.call.owner):
            yield finding("SRC041", line_of(insert.call.node))


def _is_by_cpu(subject: Subject, node: Node, owner: str, cpu: str) -> bool:
    """Tell whether a try is of a queue of this CPU: in dispatch, and with its CPU in the id."""
    place = TAKING.get(called(node))
    if place is None or owner != subject.flow.operations.get("dispatch"):
        return False
    if any(counter(above) for above in node.above()):
        return False  # Other CPUs' queues are gone through as well.
    queue = _arguments(node)[place : place + 1]
    return bool(queue) and cpu in {text_of(w) for w in descendants(queue[0], "identifier")}


def _knows_cpu(subject: Subject, queue: Node, owner: str) -> bool:
    body = subject.body(owner)
    asks = {called(n) for n in descendants(body, CALL)} & {_TEST, "is_pinned"}
    if asks or "nr_cpus_allowed" in words_of(body):
        return True
    parts = (
        (word, where)
        for node, where in origins(subject.flow, queue, owner)
        for word in descendants(node, "identifier")
    )
    return any(
        _is_allowed(behind) or text_of(behind) in _PICKING
        for word, where in parts
        for behind, _ in origins(subject.flow, word, where)
    )


def _cpu_of(queue: Node) -> Node | None:
    """Return the CPU of ``SCX_DSQ_LOCAL_ON | cpu``, None for other queues."""
    left, right = queue.child_by_field_name("left"), queue.child_by_field_name("right")
    if left is None or right is None or queue.type != "binary_expression":
        return None
    if text_of(plain(left)) == _PARTICULAR:
        return right
    return left if text_of(plain(right)) == _PARTICULAR else None


def _may_run_there(subject: Subject, cpu: Node, owner: str) -> bool:
    body = subject.flow.functions[owner].body
    tested = [n for n in descendants(body, CALL) if called(n) == _TEST]
    name = text_of(plain(cpu))
    if any(name in {text_of(plain(a)) for a in _arguments(node)} for node in tested):
        return True
    behind = origins(subject.flow, cpu, owner)
    return all(_is_allowed(node) for node, _ in behind)


def _arguments(node: Node) -> list[Node]:
    arguments = node.child_by_field_name("arguments")
    return arguments.named_children if arguments is not None else []


def _is_allowed(node: Node) -> bool:
    return called(node) in _PICKING or text_of(node) == "prev_cpu"


def selected(subject: Subject) -> Iterator[Finding]:
    """SRC061 and SRC062: select_cpu returns a CPU that exists, and not always the same."""
    function = subject.unit.operation("select_cpu")
    if function is None:
        return
    values = [v for r in descendants(function.body, "return_statement") for v in r.named_children]
    always: set[int | None] = set()
    for value in values:
        behind = origins(subject.flow, value, function.name)
        if any(called(node) in _MAY_FIND_NONE for node, _ in behind) and not _looked_at(
            function.body, value
        ):
            yield finding("SRC063", line_of(value))
        for node, owner in behind:
            number = constant(subject.defaults.of(node, owner))
            always.add(number)
            if number is not None and not 0 <= number < MOST_CPUS:
                yield finding("SRC061", line_of(value), cpu=number)
    number = next(iter(always), None)
    if len(always) == 1 and number is not None and 0 <= number < MOST_CPUS:
        yield finding("SRC062", line_of(values[0]), cpu=number)


def _looked_at(body: Node, value: Node) -> bool:
    """Tell whether the function compares what it returns with anything."""
    names = {text_of(word) for word in descendants(value, "identifier")}
    return any(
        text_of(node.child_by_field_name("operator")) in _COMPARING and names & words_of(node)
        for node in descendants(body, "binary_expression")
    )


def _selects(subject: Subject) -> Iterator[Finding]:
    yield from affinity(subject)
    yield from own_queue_of_cpu(subject)
    yield from selected(subject)


RULES: Final = (Rule("affinity is respected", ("SRC041", "SRC061", "SRC062", "SRC063"), _selects),)
