"""Tells harm to other tasks from a complaint: "starve the others" and "my game starves"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schedtui.agent.lexicon import GOAL_LEXICON, Mark
from schedtui.agent.terms import Kind
from schedtui.agent.words import Word, WordKind

_LETS: Final = frozenset(
    {"let", "leave", "make", "renice", "nice", "lass", "lasst", "laisse", "deja", "que"}
)
_DOOMS: Final = frozenset(
    {
        "rot",
        "die",
        "death",
        "starve",
        "choke",
        "burn",
        "hang",
        "freeze",
        "drown",
        "sterben",
        "verhungern",
    }
    | {"crever", "mourir", "morir", "wait forever"}
)
_STARVED: Final = frozenset({"starve", "starves", "starving"})
_GOES_ON: Final = frozenset(
    {"while", "when", "whenever", "because", "during", "under", "since", "as", "if", "and", "but"}
)
"""What follows a verb that acts on nothing."""

_WISHED: Final = frozenset(
    {"let", "make", "may", "can", "could", "should", "must", "shall", "even", "so", "that", "want"}
    | {"until", "others", "other", "rest", "everyone", "everybody", "everything", "nothing", "to"}
)
"""Words beside which "my backup starves" may be a wish."""

MEASURED: Final = frozenset({Kind.METRIC, Kind.SYMPTOM})
"""Marks that name what is measured, good or bad."""


def complained_of(words: Sequence[Word], mark: Mark) -> bool:
    """Tell whether tasks "starve each other", or "my game starves": a complaint, not a wish."""
    if mark.kind is not Kind.STARVE:
        return False
    after = words[mark.end] if mark.end < len(words) else None
    if after is not None and after.plain in {"each", "one", "themselves", "itself"}:
        return True
    ends = after is None or after.kind is not WordKind.WORD or after.plain in _GOES_ON
    return ends and words[mark.at].plain in _STARVED and _of_my_own(words, mark)


def _of_my_own(words: Sequence[Word], mark: Mark) -> bool:
    said: list[str] = []
    for word in reversed(words[: mark.at]):
        if word.kind is not WordKind.WORD or word.plain in {"and", "but"}:
            break
        said.append(word.plain)
    return bool({"my", "our"}.intersection(said)) and not _WISHED.intersection(said)


def others_stopped(words: Sequence[Word], marks: Sequence[Mark], asked: Sequence[Mark]) -> bool:
    """Tell whether other tasks are to be stopped, or left with nothing.

    Args:
        words: The words of the goal.
        marks: All its marks of unsafe words.
        asked: Those that are neither denied nor only complained of.
    """
    others = [mark for mark in marks if mark.kind is Kind.OTHERS]
    if any(_left_with_nothing(words, other) for other in others):
        return True
    stops = [mark for mark in asked if mark.kind is Kind.STOP_WORK]
    return any(_stopped(words, stop, other) for stop in stops for other in others)


def _stopped(words: Sequence[Word], stop: Mark, other: Mark) -> bool:
    """Tell whether others are stopped, not their latency: "kills the latency of the others"."""
    between = words[stop.end : other.at]
    suffers = any(mark.kind in MEASURED for mark in GOAL_LEXICON.marks(between))
    return 0 <= other.at - stop.end <= 4 and not suffers and not _kept_from_harm(words, other)


def _kept_from_harm(words: Sequence[Word], other: Mark) -> bool:
    """Tell whether only the harm they do is to stop: "stop other tenants from hurting my p99"."""
    after = words[other.end : other.end + 3]
    if not after or after[0].plain not in {"from", "hurting", "disturbing"}:
        return False
    harm = any(mark.value == "harm" for mark in GOAL_LEXICON.marks(after))
    return harm or any(word.plain.startswith(("starv", "hog", "monopoli")) for word in after)


def _left_with_nothing(words: Sequence[Word], other: Mark) -> bool:
    after = [word.plain for word in words[other.end : other.end + 5]]
    if {"lose", "loses", "notice", "notices"} & set(after):
        return False
    before = {word.plain for word in words[max(0, other.at - 2) : other.at]}
    doomed = bool(before & _LETS) and bool(_DOOMS.intersection(after))
    return doomed or "nothing" in after or "no cpu" in " ".join(after)
