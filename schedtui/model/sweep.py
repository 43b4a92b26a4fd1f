"""A sweep: policies of the repository compared with each other, each against the default."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schedtui.model.events import Event
from schedtui.model.results import ResultRow
from schedtui.model.trial import Effect


class Leaving(StrEnum):
    """Why a policy is compared no further."""

    REJECTED = "rejected"
    """By a gate, or thrown out by the kernel."""
    GUARDRAIL = "guardrail broken"
    WORSE = "worse than the default"
    WORSE_THAN_DEFAULTS = "worse than the defaults"
    """Of its policy, when that is tuned."""
    WORSE_THAN_SETTING = "worse than the baseline setting"
    """The same, where parameters were given."""
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


@dataclass(frozen=True, slots=True)
class FullTrial:
    """A full trial, which decides where rounds only rank."""

    place: Place
    result: ResultRow | None
    """The row whole; null when none came about."""


@dataclass(frozen=True, slots=True)
class RoundBegan:
    """A round is about to begin."""

    number: int
    pairs: int
    policies: tuple[str, ...]
    pairs_ahead: int
    """Pairs still to come at most, those of controls and of the full trial among them."""


@dataclass(frozen=True, slots=True)
class TrialBegan:
    """One more trial begins; the events of its gates follow."""

    policy: str
    number: int
    """Round that it belongs to; 0 for a full trial."""
    pairs_ahead: int = 0
    """As in RoundBegan; 0 within a round."""
    baseline: str = ""
    """What a full trial is against, in words."""


@dataclass(frozen=True, slots=True)
class RoundEnded:
    """A round is over."""

    done: SweepRound


SweepEvent = RoundBegan | TrialBegan | RoundEnded | Event
"""What a sweep tells while it goes on."""


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
