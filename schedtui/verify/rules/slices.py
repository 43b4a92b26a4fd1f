"""Slices end, and are long enough to be worth a switch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.flow import plain
from schedtui.verify.source.spans import Spans
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import descendants, line_of, text_of

LONGEST_NS: Final = 1_000_000_000
"""Longer slices are remarked upon; the watchdog ends a scheduler after a few seconds."""
ENDLESS_NS: Final = 30_000_000_000
"""No watchdog waits that long: sched_ext allows 30 s."""
SHORTEST_NS: Final = 50_000


def inserted(subject: Subject) -> Iterator[Finding]:
    """SRC054 to SRC056: the slice of every insert, with parameters at their defaults."""
    for insert in subject.queues.own_inserts:
        part = insert.part(insert.places.slice)
        if part is not None:
            slices = subject.defaults.of(part, insert.call.owner)
            yield from _judged(slices, insert.call.node, zero_ends_turn=False)


def assigned(subject: Subject) -> Iterator[Finding]:
    """SRC054 to SRC056: a slice that is set directly; 0 there ends a turn, which is fine."""
    for owner, function in subject.unit.functions.items():
        for node in descendants(function.body, "assignment_expression"):
            left = node.child_by_field_name("left")
            if left is not None and text_of(plain(left)).endswith("scx.slice"):
                slices = subject.defaults.of(node.child_by_field_name("right"), owner)
                yield from _judged(slices, node, zero_ends_turn=True)


def _judged(slices: Spans, node: Node, *, zero_ends_turn: bool) -> Iterator[Finding]:
    for low, high in slices:
        if low != high:
            continue
        length = low % (1 << 64)
        if length == 0 and not zero_ends_turn:
            yield finding("SRC054", line_of(node))
        elif length > ENDLESS_NS:
            yield finding("SRC055", line_of(node))
        elif length > LONGEST_NS or 0 < length < SHORTEST_NS:
            yield finding("SRC056", line_of(node), slice=f"{length} ns")


def _slices(subject: Subject) -> Iterator[Finding]:
    yield from inserted(subject)
    yield from assigned(subject)


RULES: Final = (Rule("slices are sensible", ("SRC054", "SRC055", "SRC056"), _slices),)
