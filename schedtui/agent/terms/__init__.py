"""The words of goals, by meaning and language. Adding a word here is enough to have it read.

``|`` separates phrases, ``*`` ends a word stem. Accents and capitals do not matter.
"""

from __future__ import annotations

from typing import Final

from schedtui.agent.terms.actions import ACTIONS
from schedtui.agent.terms.grammar import GRAMMAR, JOINS
from schedtui.agent.terms.kinds import Kind, Table
from schedtui.agent.terms.languages import SMALL_WORDS
from schedtui.agent.terms.metrics import METRICS, SYMPTOMS, VIRTUES
from schedtui.agent.terms.subjects import SUBJECTS
from schedtui.agent.terms.unsafe import UNSAFE

GOAL_TABLE: Final[Table] = {
    **METRICS,
    **SYMPTOMS,
    **VIRTUES,
    **ACTIONS,
    **GRAMMAR,
    **JOINS,
    **SUBJECTS,
}
"""Everything the goal grammar reads."""

__all__ = ["GOAL_TABLE", "SMALL_WORDS", "UNSAFE", "Kind", "Table"]
