"""Tells a wish that something gets worse, "my game must stutter", from a complaint that it does."""

from __future__ import annotations

import re
from typing import Final

from schedtui.agent.clauses import Clause
from schedtui.agent.lexicon import Mark
from schedtui.agent.terms import Kind
from schedtui.agent.words import plain

_MUST: Final = (
    r"\b(?:must|should|shall|has to|needs to|ought to|soll|sollte|muss|doit|doivent|debe|deben)"
)
_CAUSES: Final = re.compile(r"(?:please |just |now |then )*(?:make|let|cause|force|get) ")
_HARMS: Final = re.compile(
    r"(?:please |just |now |then )*(?:kill|hurt|harm|degrade|slow down|ruin|wreck|tank|damage"
    r"|destroy|disturb|impair|hamper|penali[sz]e)\b"
)
_NOT_MEANT: Final = (Kind.NEGATION, Kind.KEEP, Kind.PERMISSION, Kind.BOUND, Kind.RELEASE)


def is_commanded(clause: Clause, bad: Mark) -> bool:
    """Tell whether ``clause`` asks for what ``bad`` names: an obligation, or an order to cause it.

    Args:
        clause: A clause that says ``bad`` of something.
        bad: A symptom, or an action that makes something worse.
    """
    said, words = plain(clause.said), re.escape(plain(bad.said))
    if clause.has(*_NOT_MEANT) or re.search(r"\b(?:little|less)\b", said):
        return False
    obliged = re.search(rf"{_MUST} (?:\w+ )?{words}\b", said)
    wanted = clause.join == "so" and re.search(rf"\bto {words}\b", said)
    return bool(obliged or wanted) or _is_caused(clause, bad, said)


def is_ordered(clause: Clause) -> bool:
    """Tell whether ``clause`` orders harm: "kill the batch", but not "backups kill the batch"."""
    return _HARMS.match(plain(clause.said)) is not None and not clause.has(*_NOT_MEANT)


def _is_caused(clause: Clause, bad: Mark, said: str) -> bool:
    # "make my laggy game better" names the trouble before its owner, and how it is to be.
    better = any(mark.value == "improve" for mark in clause.of(Kind.ACTION))
    owned = any(subject.end <= bad.at for subject in clause.of(Kind.SUBJECT))
    return bool(_CAUSES.match(said)) and owned and not better and not clause.has(Kind.VIRTUE)
