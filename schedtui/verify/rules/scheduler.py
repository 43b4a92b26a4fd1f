"""Exactly one scheduler, with the right name and its operations defined here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject

LEGAL_NAME: Final = re.compile(r"[a-z0-9_]{1,30}")


def exactly_one(subject: Subject) -> Iterator[Finding]:
    """SRC020: one scheduler is defined."""
    found = subject.unit.schedulers
    if len(found) != 1:
        yield finding("SRC020", found[1].line if found else 0, count=len(found) or "no")


def names(subject: Subject) -> Iterator[Finding]:
    """SRC021 and SRC022: the name is legal and the candidate's."""
    for scheduler in subject.unit.schedulers[:1]:
        if not LEGAL_NAME.fullmatch(scheduler.name):
            yield finding("SRC021", scheduler.line, name=scheduler.name)
        elif subject.name and scheduler.name != subject.name:
            words = {"found": scheduler.name, "wanted": subject.name}
            yield finding("SRC022", scheduler.line, **words)


def operations(subject: Subject) -> Iterator[Finding]:
    """SRC023: every operation is a program of this source."""
    for scheduler in subject.unit.schedulers:
        for operation, function in scheduler.operations.items():
            if function not in subject.unit.functions:
                words = {"operation": operation, "function": function}
                yield finding("SRC023", scheduler.line, **words)


RULES: Final = (
    Rule("one scheduler", ("SRC020",), exactly_one),
    Rule("legal name", ("SRC021", "SRC022"), names),
    Rule("operations exist", ("SRC023",), operations),
)
