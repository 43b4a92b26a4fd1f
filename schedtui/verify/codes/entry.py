"""The shape of a catalogue entry."""

from __future__ import annotations

from dataclasses import dataclass

from schedtui.model.verdict import Severity


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of finding. ``sentence`` has ``{words}`` that the finding fills in."""

    code: str
    severity: Severity
    sentence: str
    hint: str
    explanation: str


def error(code: str, sentence: str, hint: str, explanation: str) -> Entry:
    """Return an entry that rejects."""
    return Entry(code, Severity.ERROR, sentence, hint, explanation)


def warning(code: str, sentence: str, hint: str, explanation: str) -> Entry:
    """Return an entry that is shown but does not reject."""
    return Entry(code, Severity.WARNING, sentence, hint, explanation)
