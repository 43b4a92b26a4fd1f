"""Finds which of the running processes the words of a goal name, to run them before the rest."""

from __future__ import annotations

import re
from typing import Final

from schedtui.agent.clauses import Clause, clauses_of
from schedtui.agent.meaning import Role, desires_of
from schedtui.agent.processes import ProcessKind, kind_of
from schedtui.agent.terms import SMALL_WORDS, Kind
from schedtui.model.goal import WorkloadProfile
from schedtui.model.policy import NameWeight
from schedtui.policy.values import MAX_ROWS, fits_name

_TURN_MS: Final = 5
"""A turn of what is favoured: it may not hold a CPU for long either."""

_LEAST_LETTERS: Final = 4
"""Shorter pieces of a name are in too many words."""


_ASIDE: Final = frozenset({"while", "because", "than", "without", "even if"})
"""Joins to what disturbs, or to what comes second."""

_NAMES: Final = frozenset({Kind.SUBJECT, Kind.RESOURCE})
"""Marks that may be the name of something that runs; the others say what is wanted of it."""


def favoured(profile: WorkloadProfile, goal: str) -> tuple[NameWeight, ...]:
    """Return the running names that ``goal`` wants better, those that use most CPU time first."""
    said = frozenset(word for clause in _wishes(goal) for word in _named(clause))
    running = sorted(profile.names, key=lambda name: (-name.running_share, name.name))
    found = [each.name for each in running if _mentioned(each.name, said) and _usable(each.name)]
    return tuple(NameWeight(name, _TURN_MS) for name in found[:MAX_ROWS])


def _wishes(goal: str) -> tuple[Clause, ...]:
    """Return the clauses that say what is to get better."""
    main = tuple(clause for clause in clauses_of(goal) if clause.join not in _ASIDE)
    return tuple(clause for clause in main if not _only_guards(clause)) or main


def _only_guards(clause: Clause) -> bool:
    roles = {desire.role for desire in desires_of(clause)}
    return bool(roles) and roles <= {Role.GUARD, Role.RELEASE}


def _named(clause: Clause) -> frozenset[str]:
    words = _words(_sufferer(clause))
    wishes = (word for m in clause.marks if m.kind not in _NAMES for word in _words(m.said))
    return words.difference(wishes, *SMALL_WORDS.values())


def _sufferer(clause: Clause) -> str:
    """Return the words for who suffers: in "the backup hurts my api" those after the verb."""
    subjects = clause.of(Kind.SUBJECT)
    for mark in clause.of(Kind.ACTION):
        if mark.value == "harm" and any(subject.at >= mark.end for subject in subjects):
            return clause.said.partition(mark.said)[2]
    return clause.said


def _words(said: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z][a-z0-9]+", said.casefold()))


def _usable(name: str) -> bool:
    return fits_name(name) and kind_of(name) is not ProcessKind.KERNEL


def _mentioned(name: str, said: frozenset[str]) -> bool:
    pieces = [p for p in re.split(r"[^a-z0-9]+", name.casefold()) if len(p) >= _LEAST_LETTERS]
    return any(_same(piece, word) for piece in pieces for word in said)


def _same(piece: str, word: str) -> bool:
    """Tell whether one begins with the other: ``worker`` and ``workers``."""
    shorter = min(piece, word, key=len)
    return len(shorter) >= _LEAST_LETTERS and piece.startswith(shorter) and word.startswith(shorter)
