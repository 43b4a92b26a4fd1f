"""A tuning: settings of one policy compared with its defaults."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schedtui.model.policy import ParameterValues
from schedtui.model.trial import Effect


class TuneOutcome(StrEnum):
    """What a tuning found."""

    BETTER = "better than the defaults"
    """Its full trial says so."""
    NO_BETTER = "no better than the defaults"
    NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True)
class TuneAnswer:
    """The answer of a tuning."""

    outcome: TuneOutcome
    setting: ParameterValues
    """The parameters that were searched, with the values that won; empty without a winner."""
    sentence: str
    refused: bool = False
    """Whether nothing that was found may be used: rejected, or a guardrail broken."""
    unanswered: bool = False
    """Whether the comparison with the defaults or with the default scheduler gave no answer."""
    fix: str = ""
    """What a person can do where there is no answer, else empty."""


@dataclass(frozen=True, slots=True)
class KnownSetting:
    """A setting that a full trial showed to be better than the defaults of its policy."""

    changed: ParameterValues
    """What differs from the defaults."""
    given: ParameterValues
    """What of that the baseline had as well; empty where it was the defaults."""
    load: str
    objective: Effect
    """Against the policy with its defaults, and with what was given."""
    kernel_release: str
    id: int
    """Number of the kept result."""
