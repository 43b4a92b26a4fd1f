"""A sweep: policies of the repository compared with each other, each against the default."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schedtui.model.trial import Effect


class Leaving(StrEnum):
    """Why a policy is compared no further."""

    REJECTED = "rejected"
    """By a gate, or thrown out by the kernel."""
    GUARDRAIL = "guardrail broken"
    WORSE = "worse than the default"
    WORSE_HALF = "not in the better half"
    NO_RESULT = "set aside"
    """Its machine was lost or gave no result, which speaks neither for nor against it."""
    UNFIT = "host unfit"
    NOT_SHOWN = "not shown to be better"
    """It had its full trial."""


@dataclass(frozen=True, slots=True)
class Place:
    """What one trial of a sweep says of one policy."""

    policy: str
    objective: Effect | None
    """Null where the trial did not come to its end."""
    leaves: Leaving | None
    """Null for a policy that goes on, or that won."""
    reason: str
    """A sentence where there is more to say."""
    id: int | None = None
    """Number of the kept result; null when there is none."""


@dataclass(frozen=True, slots=True)
class SweepRound:
    """A round: as many pairs for every policy that is left, each in a boot of its own."""

    number: int
    """1 for the first."""
    pairs: int
    places: tuple[Place, ...]
    """Best first; those that left at once come last."""


class Found(StrEnum):
    """The answer of a sweep."""

    WINNER = "winner"
    """A policy that its full trial showed to be better than the default."""
    KEEP = "keep the default"
    NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True)
class SweepAnswer:
    """What a proposal must beat."""

    outcome: Found
    winner: str | None
    """Null where the default scheduler is kept, or nothing can be said."""
    sentence: str
    fix: str = ""
    """What a person can do where there is no answer, else empty."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A policy that a sweep does not compare, and why."""

    policy: str
    reason: str
