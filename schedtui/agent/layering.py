"""Finds which of the running processes the words of a goal name, to run them before the rest."""

from __future__ import annotations

import re
from typing import Final

from schedtui.agent.processes import ProcessKind, kind_of
from schedtui.model.goal import WorkloadProfile
from schedtui.model.policy import NameWeight
from schedtui.policy.values import MAX_ROWS, fits_name

_TURN_MS: Final = 5
"""A turn of what is favoured: it may not hold a CPU for long either."""

_LEAST_LETTERS: Final = 4
"""Shorter pieces of a name are in too many words."""


def favoured(profile: WorkloadProfile, words: str) -> tuple[NameWeight, ...]:
    """Return the running names that ``words`` mention, those that use most CPU time first."""
    said = frozenset(re.findall(r"[a-z][a-z0-9]+", words.casefold()))
    running = sorted(profile.names, key=lambda name: (-name.running_share, name.name))
    found = [each.name for each in running if _mentioned(each.name, said) and _usable(each.name)]
    return tuple(NameWeight(name, _TURN_MS) for name in found[:MAX_ROWS])


def _usable(name: str) -> bool:
    return fits_name(name) and kind_of(name) is not ProcessKind.KERNEL


def _mentioned(name: str, said: frozenset[str]) -> bool:
    pieces = [p for p in re.split(r"[^a-z0-9]+", name.casefold()) if len(p) >= _LEAST_LETTERS]
    return any(_same(piece, word) for piece in pieces for word in said)


def _same(piece: str, word: str) -> bool:
    """Tell whether one begins with the other: ``worker`` and ``workers``."""
    shorter = min(piece, word, key=len)
    return len(shorter) >= _LEAST_LETTERS and piece.startswith(shorter) and word.startswith(shorter)
