"""dispatch always tries to take a task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.duties import serving
from schedtui.verify.source.suspects import Suspects


def every_path_takes(subject: Subject) -> Iterator[Finding]:
    """SRC033 and SRC034: on every way out of dispatch a queue was tried."""
    unit = subject.unit
    function = unit.operation("dispatch")
    if function is None:
        return
    lines = sorted({e.line for e in serving(unit).exits(function) if not e.done})
    suspect = Suspects(unit.root, unit.functions).in_conditions(function.body) if lines else ""
    for line in lines:
        yield finding("SRC034", line, what=suspect) if suspect else finding("SRC033", line)


RULES: Final = (Rule("dispatch takes on every path", ("SRC033", "SRC034"), every_path_takes),)
