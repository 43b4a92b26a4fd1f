"""The text is C that can be followed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.tree import DEEPEST
from schedtui.verify.source.unit import descendants, line_of, text_of

_MOST: Final = 5


def parses(subject: Subject) -> Iterator[Finding]:
    """SRC012: there is no place the parser did not understand."""
    bad = (n for n in descendants(subject.unit.root) if n.is_error or n.is_missing)
    lines: set[int] = set()
    for node in bad:
        if line_of(node) not in lines and len(lines) < _MOST:
            lines.add(line_of(node))
            near = " ".join(text_of(node).split())[:40] or f"a missing {node.type}"
            yield finding("SRC012", line_of(node), near=near)


def shallow(subject: Subject) -> Iterator[Finding]:
    """SRC013: nothing is nested too deeply to be followed."""
    if subject.unit.too_deep_at:
        yield finding("SRC013", subject.unit.too_deep_at)
        return
    deepest = max(descendants(subject.unit.root), key=lambda node: node.depth)
    if deepest.depth >= DEEPEST:
        yield finding("SRC013", line_of(deepest))


RULES: Final = (
    Rule("text parses", ("SRC012",), parses),
    Rule("nesting is bounded", ("SRC013",), shallow),
)
