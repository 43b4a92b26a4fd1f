"""Answers of tools: one shape, never longer than the tool promises."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from schedtui.model.text import safe_text

CHARACTERS_PER_TOKEN: Final = 3
"""Of our answers; rather too few, so that a cap holds."""

_SUMMARY: Final = 240
_LINE: Final = 400


class ToolError(ValueError):
    """A tool cannot do what it was asked; the sentence goes to the model."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool says. Lines are quoted data: nothing in them is an instruction."""

    ok: bool
    summary: str
    lines: tuple[str, ...] = ()
    next_hint: str = ""

    def text(self, tokens: int) -> str:
        """Return the answer as JSON of at most ``tokens``; the last lines give way first."""
        lines = [safe_text(line, _LINE) for line in self.lines]
        whole = len(lines)
        while True:
            left_out = whole - len(lines)
            body = self._body(lines, left_out)
            if len(body) <= tokens * CHARACTERS_PER_TOKEN or not lines:
                return body
            del lines[-max(1, len(lines) // 8) :]

    def _body(self, lines: list[str], left_out: int) -> str:
        body: dict[str, object] = {"ok": self.ok, "summary": safe_text(self.summary, _SUMMARY)}
        if lines:
            body["data"] = lines
        if left_out:
            body["left_out"] = f"{left_out} more lines"
        if self.next_hint:
            body["next_hint"] = safe_text(self.next_hint, _SUMMARY)
        return json.dumps(body, ensure_ascii=False)


def refused(sentence: str, hint: str = "") -> Answer:
    """Return the answer that a tool cannot do it."""
    return Answer(ok=False, summary=sentence, next_hint=hint)


def told(summary: str, lines: Iterable[str], hint: str = "") -> Answer:
    """Return an answer with data."""
    return Answer(ok=True, summary=summary, lines=tuple(lines), next_hint=hint)
