"""Loops end, soon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.flow import counter, plain
from schedtui.verify.source.spans import constant
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import descendants, line_of, text_of

MOST_ROUNDS: Final = 32_768
"""Rounds of all loops around a place together. The kernel's verifier walks through each, and the
kernel gate takes 200 000 instructions."""
MOST_CALLBACKS: Final = 4096

_LOOPS: Final = ("for_statement", "while_statement", "do_statement")
_LEAVING: Final = ("return_statement", "break_statement", "goto_statement")
_COUNTED_CALLS: Final = {"bpf_loop": 0, "bpf_iter_num_new": 2, "bpf_repeat": 0}


def bounded(subject: Subject) -> Iterator[Finding]:
    """SRC057 and SRC058: a loop has an end, and few rounds."""
    for owner, function in subject.unit.functions.items():
        for loop in descendants(function.body, *_LOOPS):
            if _is_endless(loop):
                yield finding("SRC057", line_of(loop), what="This loop")
                continue
            rounds = _rounds(subject, loop, owner)
            for above in loop.above():
                rounds *= _rounds(subject, above, owner)
            if rounds > MOST_ROUNDS:
                yield finding("SRC058", line_of(loop), rounds=rounds, limit=MOST_ROUNDS)


def _is_endless(loop: Node) -> bool:
    condition = loop.child_by_field_name("condition")
    always = condition is None or text_of(plain(condition)) in {"true", "1"}
    return always and not any(descendants(loop, *_LEAVING))


def _rounds(subject: Subject, loop: Node, owner: str) -> int:
    """Return how often a loop runs at most, 1 where that is not known."""
    if not counter(loop):
        return 1
    low, high = subject.defaults.counted(loop, owner)[0]
    update = text_of(loop.child_by_field_name("update"))
    if high is None or "++" not in update:
        return 1
    return max(1, high - low + 1)


def open_ended(subject: Subject) -> Iterator[Finding]:
    """SRC068: a constant limits what a loop counts to."""
    for owner, function in subject.unit.functions.items():
        for loop in descendants(function.body, "for_statement"):
            if counter(loop) and loop.child_by_field_name("condition") is not None:
                _, high = subject.defaults.counted(loop, owner)[0]
                upwards = "++" in text_of(loop.child_by_field_name("update"))
                if high is None and upwards:
                    yield finding("SRC068", line_of(loop), counter=counter(loop))


def counted_calls(subject: Subject) -> Iterator[Finding]:
    """SRC059: the kernel's own loops have a constant, small number of rounds."""
    for name in subject.unit.functions:
        for call in subject.flow.calls_in(name):
            if call.name not in _COUNTED_CALLS:
                continue
            spans = subject.defaults.of(call.argument(_COUNTED_CALLS[call.name]), name)
            if any(high is None or high > MOST_CALLBACKS or low < 0 for low, high in spans):
                known = constant(spans)
                rounds = "an unknown number of" if known is None else str(known)
                words = {"call": call.name, "rounds": rounds, "limit": MOST_CALLBACKS}
                yield finding("SRC059", line_of(call.node), **words)


def recursion(subject: Subject) -> Iterator[Finding]:
    """SRC057: no function calls itself, directly or through others."""
    for name, function in subject.unit.functions.items():
        inside = [c.name for c in subject.flow.calls_in(name) if c.name in subject.unit.functions]
        if inside and name in subject.flow.reached_from(*inside):
            yield finding("SRC057", function.line, what=f"{name}, which calls itself,")


def _loops(subject: Subject) -> Iterator[Finding]:
    yield from bounded(subject)
    yield from recursion(subject)


RULES: Final = (
    Rule("loops are bounded", ("SRC057", "SRC058"), _loops),
    Rule("counts have a limit", ("SRC068",), open_ended),
    Rule("the kernel's loops are bounded", ("SRC059",), counted_calls),
)
