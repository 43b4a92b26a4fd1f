"""Where in a source something is, for findings that come without a line."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from schedtui.model.text import safe_text
from schedtui.model.verdict import Finding

_TEXT_LIMIT: Final = 120
_SCHEDULER: Final = re.compile(r"^SCHEDTUI_OPS\(|^struct sched_ext_ops \w")


def first_call(source: str, name: str) -> int:
    """Return the first line that seems to call ``name``, 0 when there is none."""
    called = re.compile(rf"\b{re.escape(name)}\s*\(")
    lines = source.splitlines()
    found = (i for i, line in enumerate(lines, 1) if called.search(line) and not _declares(line))
    return next(found, 0)


def scheduler_line(source: str) -> int:
    """Return the line on which the scheduler is put together, 0 when there is none."""
    lines = enumerate(source.splitlines(), 1)
    return next((i for i, line in lines if _SCHEDULER.search(line)), 0)


def definition(source: str, program: str) -> int:
    """Return the line on which an operation is written, 0 when it is not found."""
    if not program:
        return 0
    written = re.compile(rf"SCHEDTUI_(?:SLEEPABLE_)?OP\(\s*{re.escape(program)}\b")
    return next((i for i, line in enumerate(source.splitlines(), 1) if written.search(line)), 0)


def _declares(line: str) -> bool:
    return line.lstrip().startswith(("extern", "*", "/*", "//"))


def quoting(found: Finding, text: str) -> Finding:
    """Return a finding whose sentence ends with its line and that line's text."""
    shown = safe_text(text.strip(), _TEXT_LIMIT)
    if not found.line or not shown:
        return found
    return replace(found, sentence=f"{found.sentence} Line {found.line}: {shown}")


def line_text(source: str, line: int) -> str:
    """Return the text of a 1-based line, empty when there is none."""
    lines = source.splitlines()
    return lines[line - 1] if 0 < line <= len(lines) else ""
