"""The words of goals, by meaning and language. Adding a word here is enough to have it read.

``|`` separates phrases, ``*`` ends a word stem. Accents and capitals do not matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from schedtui.agent.terms.actions import ACTIONS
from schedtui.agent.terms.east_asian import EAST_ASIAN, EAST_ASIAN_UNSAFE
from schedtui.agent.terms.grammar import GRAMMAR, JOINS
from schedtui.agent.terms.jargon import JARGON, UNSAFE_JARGON
from schedtui.agent.terms.kinds import Kind, Table
from schedtui.agent.terms.languages import SMALL_WORDS
from schedtui.agent.terms.layers import LAYERS
from schedtui.agent.terms.loads import LOADS
from schedtui.agent.terms.metrics import METRICS, SYMPTOMS, VIRTUES
from schedtui.agent.terms.subjects import SUBJECTS
from schedtui.agent.terms.unsafe import UNSAFE as _UNSAFE


def _joined(tables: Iterable[Table]) -> Table:
    """Return one table; phrases that several have for one meaning stand one after another."""
    joined: dict[tuple[Kind, str], dict[str, str]] = {}
    for table in tables:
        for key, languages in table.items():
            own = joined.setdefault(key, {})
            for language, phrases in languages.items():
                own[language] = f"{own[language]}|{phrases}" if language in own else phrases
    return joined


GOAL_TABLE: Final = _joined(
    (METRICS, SYMPTOMS, VIRTUES, ACTIONS, GRAMMAR, JOINS, SUBJECTS, LAYERS, JARGON, EAST_ASIAN)
)
"""Everything the goal grammar reads."""

UNSAFE: Final = _joined((_UNSAFE, UNSAFE_JARGON, EAST_ASIAN_UNSAFE))
"""Everything a goal is refused by."""

__all__ = ["GOAL_TABLE", "LOADS", "SMALL_WORDS", "UNSAFE", "Kind", "Table"]
