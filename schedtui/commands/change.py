"""The change to a source, as lines for the person who decides."""

from __future__ import annotations

import difflib
from typing import Final

from schedtui.model.plan import Candidate

CHANGE_LINES: Final = 60
"""Most lines of the change that are shown."""


def change_lines(candidate: Candidate) -> tuple[str, ...]:
    """Return what differs from the source that a candidate came from, the first lines of it."""
    after = candidate.source.splitlines()
    if not candidate.base_source:
        return (f"  change    a new source of {len(after)} lines",)
    before = candidate.base_source.splitlines()
    lines = list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]
    if not lines:
        return (f"  change    none: it is {candidate.base_name} as it stands",)
    more = len(lines) - CHANGE_LINES
    rest = (f"    ... {more} more lines",) if more > 0 else ()
    head = f"  change    against {candidate.base_name}:"
    return (head, *(f"    {each}" for each in lines[:CHANGE_LINES]), *rest)
