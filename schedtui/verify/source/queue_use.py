"""Where tasks go into queues, out of them, and where queues are made, with the queues' ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from schedtui.verify.source.flow import Call, Flow
from schedtui.verify.source.spans import Span, Spans, union
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import Function, Unit
from schedtui.verify.source.values import Bound, Values

BUILT_IN: Final = 1 << 63
"""The bit that the ids of the kernel's own queues have."""


@dataclass(frozen=True, slots=True)
class Places:
    """Which argument of an inserting function is what; ``key`` None: first in, first out."""

    queue: int
    slice: int
    key: int | None
    flags: int


_FIFO: Final = Places(1, 2, None, 3)
_ORDERED: Final = Places(1, 2, 3, 4)
INSERTING: Final[dict[str, Places]] = {
    "queue_insert": _FIFO,
    "queue_insert_ordered": _ORDERED,
    "scx_bpf_dsq_insert": _FIFO,
    "scx_bpf_dsq_insert___v2": _FIFO,
    "scx_bpf_dsq_insert_vtime": _ORDERED,
    "scx_bpf_dispatch": _FIFO,
    "scx_bpf_dispatch_vtime": _ORDERED,
}
TAKING: Final = {
    "queue_take": 0,
    "scx_bpf_dsq_move_to_local": 0,
    "scx_bpf_dsq_move_to_local___v2": 0,
    "scx_bpf_consume": 0,
    "bpf_iter_scx_dsq_new": 1,
}
MOVING: Final = frozenset(
    {
        *("scx_bpf_dsq_move", "scx_bpf_dsq_move_vtime", "scx_bpf_dispatch_from_dsq"),
        "scx_bpf_dispatch_vtime_from_dsq",
    }
)
MAKING: Final = "scx_bpf_create_dsq"

_SHORT: Final = 16
_MOST_QUEUES: Final = 40
_FEWEST_QUEUES: Final = 3
_MOST_NODES: Final = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Insert:
    """One call that puts a task into a queue."""

    call: Call
    queues: Spans
    places: Places

    @property
    def ordered(self) -> bool:
        """By key instead of first in, first out."""
        return self.places.key is not None

    def part(self, place: int | None) -> Node | None:
        """Return an argument."""
        return None if place is None else self.call.argument(place)


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """One call that takes from a queue or makes one."""

    call: Call
    queues: Spans


class QueueUse:
    """All uses of queues in one source and in what it calls of our headers."""

    def __init__(self, flow: Flow, values: Values) -> None:
        self._flow = flow
        self._values = values
        reached = flow.reached_by()
        self.inserts = tuple(self._inserts(reached))
        self.takes = tuple(self._uses(flow.reached_by("dispatch"), TAKING))
        self.makes = tuple(self._uses(reached, {MAKING: 0}))

    @property
    def own_inserts(self) -> list[Insert]:
        """Inserts that stand in the candidate's text."""
        return [insert for insert in self.inserts if not insert.call.ours]

    @property
    def taken(self) -> Spans:
        """All queues that dispatch takes from."""
        return union(*(use.queues for use in self.takes))

    @property
    def made(self) -> Spans:
        """All queues that are made."""
        return union(*(use.queues for use in self.makes))

    @property
    def unit(self) -> Unit:
        """The candidate."""
        return self._flow.unit

    @cached_property
    def dispatching(self) -> dict[str, Function]:
        """The candidate's functions that dispatch reaches."""
        own = self._flow.unit.functions
        return {n: own[n] for n in self._flow.reached_by("dispatch") if n in own}

    @cached_property
    def single_queues(self) -> list[Span]:
        """Queues that the candidate fills but the kernel's own, short ranges one by one.

        Each costs a walk through dispatch; the more there is to walk, the fewer are returned.
        """
        size = sum(f.body.last - f.body.index for f in self.dispatching.values())
        most = max(_FEWEST_QUEUES, min(_MOST_QUEUES, _MOST_NODES // max(size, 1)))
        return _one_by_one(self.own_inserts)[:most]

    @cached_property
    def tries(self) -> tuple[tuple[Node, str, Spans], ...]:
        """The candidate's calls that try queues, the function, and which queues.

        Calls of our headers that try several queues are included.
        """
        return tuple(self._all_tries())

    def _all_tries(self) -> Iterator[tuple[Node, str, Spans]]:
        for name in self._flow.unit.functions:
            for call in self._flow.calls_in(name):
                taken = self._tried(call, {})
                if taken:
                    yield call.node, name, taken

    def tried_by(self, node: Node, owner: str, bound: Bound) -> Spans:
        """Return the queues that one call tries, with some variables bound to values."""
        calls = (c for c in self._flow.calls_in(owner) if c.node is node)
        return union(*(self._tried(call, bound) for call in calls))

    def _tried(self, call: Call, bound: Bound) -> Spans:
        if call.name in TAKING:
            return self._values.of(call.argument(TAKING[call.name]), call.owner, bound)
        function = self._flow.functions.get(call.name)
        if function is None or call.name in self._flow.unit.functions:
            return ()
        given = [self._values.of(argument, call.owner, bound) for argument in call.arguments]
        inside = dict(zip(function.parameters, given, strict=False))
        takes = [c for c in self._flow.calls_in(call.name) if c.name in TAKING]
        spans = (self._values.of(c.argument(TAKING[c.name]), call.name, inside) for c in takes)
        return union(*spans)

    def _inserts(self, functions: tuple[str, ...]) -> Iterator[Insert]:
        for call in self._calls(functions):
            places = INSERTING.get(call.name)
            if places is not None and len(call.arguments) > places.queue:
                queues = self._values.of(call.argument(places.queue), call.owner)
                yield Insert(call, queues, places)

    def _uses(self, functions: tuple[str, ...], table: dict[str, int]) -> Iterator[Use]:
        for call in self._calls(functions):
            if call.name in table:
                yield Use(call, self._values.of(call.argument(table[call.name]), call.owner))

    def _calls(self, functions: tuple[str, ...]) -> Iterator[Call]:
        for name in functions:
            # What a wrapper of our header does is said by the calls of the wrapper.
            if name not in INSERTING and name not in TAKING:
                yield from self._flow.calls_in(name)


def _one_by_one(inserts: Iterable[Insert]) -> list[Span]:
    found: set[Span] = set()
    for low, high in {span for insert in inserts for span in own(insert.queues)}:
        if high is not None and high - low < _SHORT:
            found |= {(queue, queue) for queue in range(low, high + 1)}
        else:
            found.add((low, high))
    return sorted(found, key=lambda span: (span[0], span[1] or 0))


def own(queues: Spans) -> Spans:
    """Return the part of ``queues`` that is not built into the kernel."""
    return tuple(span for span in queues if 0 <= span[0] < BUILT_IN)


def built_in(queues: Spans) -> Spans:
    """Return the part of ``queues`` that is certain to be built into the kernel."""
    return tuple(span for span in queues if span[0] >= BUILT_IN)


def described(queues: Spans) -> str:
    """Return ids in words, for people."""
    words = [_span(low, high) for low, high in queues[:3]]
    return ", ".join(words) + (", ..." if len(queues) > 3 else "")


def _span(low: int, high: int | None) -> str:
    first = str(low) if low < 1 << 32 else hex(low)
    if low == high:
        return first
    return f"{first} and up" if high is None else f"{first} to {high}"
