"""Live parameters are read through live(), and once for each decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.live import live_parameters, read_by, reads
from schedtui.verify.source.unit import descendants, line_of, text_of


def within_bounds(subject: Subject) -> Iterator[Finding]:
    """SRC069: nothing but live() reads a live parameter."""
    known = live_parameters(subject.unit)
    for owner, function in subject.unit.functions.items() if known else ():
        for node in descendants(function.body, "identifier"):
            name = text_of(node)
            if name not in known or name in subject.flow.locals.get(owner, ()):
                continue
            if not any(read_by(above) == name for above in node.above()):
                yield finding("SRC069", line_of(node), name=name)


def once(subject: Subject) -> Iterator[Finding]:
    """SRC070: an operation reads a live parameter once."""
    for name in live_parameters(subject.unit):
        for operation, function in subject.flow.operations.items():
            if reads(subject.flow, function, name) > 1:
                line = subject.unit.functions[function].line
                yield finding("SRC070", line, operation=operation, name=name)


RULES: Final = (
    Rule("live parameters are kept within their bounds", ("SRC069",), within_bounds),
    Rule("live parameters are read once", ("SRC070",), once),
)
