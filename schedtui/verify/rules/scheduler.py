"""Exactly one scheduler, with the right name and its operations defined here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.resources import resource_dir
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.lexer import BLANK
from schedtui.verify.source.live import TYPE
from schedtui.verify.source.unit import Unit, read_unit

LEGAL_NAME: Final = re.compile(r"[a-z0-9_]{1,30}")

_DATA: Final = {"flags"}
"""Members without a program that a source may set; the object gate looks at the value."""

_KNOWN_SCHEDULERS: Final = frozenset(
    {
        *("simple", "qmap", "central", "flatcg", "pair", "userland", "sdt", "cpu0", "prev"),
        *("rusty", "lavd", "bpfland", "layered", "nest", "rustland", "rlfifo", "flash", "p2dq"),
        *("tickless", "mitosis", "chaos", "cosmos", "beerland", "cake", "wd40", "pandemonium"),
    }
)
"""Kernel tools/sched_ext and github.com/sched-ext/scx."""


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


def free_name(subject: Subject) -> Iterator[Finding]:
    """SRC027: the name is not that of another scheduler."""
    for scheduler in subject.unit.schedulers[:1]:
        owner = _owner_of(scheduler.name, subject.unit)
        if owner:
            yield finding("SRC027", scheduler.line, name=scheduler.name, owner=owner)


def _owner_of(name: str, unit: Unit) -> str:
    """Return in words whose name it is, empty for a free one and for that scheduler itself."""
    if name.removeprefix("scx_") in _KNOWN_SCHEDULERS:
        return "a scheduler that comes with the kernel or the scx project"
    own = _repository().get(name)
    return "" if own is None or own == shape_of(unit) else "another policy of the repository"


@cache
def _repository() -> dict[str, tuple[str, ...]]:
    """Return the policies that come with the program by name, as shapes."""
    folder = resource_dir("bpf") / "schedulers"
    files = sorted(folder.glob("*.bpf.c"))
    return {f.name.split(".")[0]: shape_of(read_unit(f.read_text("utf-8"))) for f in files}


def shape_of(unit: Unit) -> tuple[str, ...]:
    """Return the words of a source without comments and without the values of parameters.

    The range of a live parameter is part of it.
    """
    words: list[str] = []
    depth = start = 0
    skipping = False
    for text in (x.text for x in unit.lexemes if x.kind not in BLANK):
        if words[start:][:1] == [TYPE] and words[-2:] == ["=", "{"]:
            words.append("")  # The value, which is one word.
            continue
        skipping &= text != ";"
        if not skipping:
            words.append(text)
            depth += {"{": 1, "}": -1}.get(text, 0)
            skipping = text == "=" and not depth and "volatile" in words[start:]
            start = len(words) if text in {";", "}"} else start
    return tuple(words)


def operations(subject: Subject) -> Iterator[Finding]:
    """SRC023: every operation is a program of this source."""
    for scheduler in subject.unit.schedulers:
        for operation, function in scheduler.operations.items():
            if operation not in _DATA and function not in subject.unit.functions:
                words = {"operation": operation, "function": function}
                yield finding("SRC023", scheduler.line, **words)


RULES: Final = (
    Rule("one scheduler", ("SRC020",), exactly_one),
    Rule("legal name", ("SRC021", "SRC022"), names),
    Rule("free name", ("SRC027",), free_name),
    Rule("operations exist", ("SRC023",), operations),
)
