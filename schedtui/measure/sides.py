"""Which scheduler the baseline of a trial was, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schedtui.model.trial import Pair

DEFAULT_SCHEDULER: Final = "default"
"""Label of windows under the kernel's own scheduler."""

DEFAULTS: Final = "defaults"
"""Label of windows under the candidate's policy with the parameters it has by default."""

SETTING: Final = "setting"
"""Label of windows under the candidate's policy with other parameters, which somebody gave."""


@dataclass(frozen=True, slots=True)
class Sides:
    """How the two sides of a trial are called."""

    baseline: str
    brief: str
    """The baseline in a word or two."""
    itself: str
    """The baseline against itself, as in the A/A control."""
    before: str
    """A figure ... ."""
    under: str
    """A wait ... ."""
    after: str
    """A figure ... of the candidate."""


_DEFAULT: Final = Sides(
    "the default scheduler",
    "default",
    "default against itself",
    "by default",
    "under the default scheduler",
    "with the policy",
)
_DEFAULTS: Final = Sides(
    "the policy with its defaults",
    "its defaults",
    "defaults against themselves",
    "with its defaults",
    "with its defaults",
    "as tuned",
)
_SETTING: Final = Sides(
    "the policy with its baseline setting",
    "its baseline setting",
    "baseline setting against itself",
    "with its baseline setting",
    "with its baseline setting",
    "as tuned",
)
_BY_LABEL: Final = {DEFAULT_SCHEDULER: _DEFAULT, DEFAULTS: _DEFAULTS, SETTING: _SETTING}


def sides(label: str) -> Sides:
    """Return the words for a baseline whose windows are so labelled."""
    return _BY_LABEL.get(label, _DEFAULT)


def sides_of(pairs: Sequence[Pair]) -> Sides:
    """Return the words for the baseline of some pairs."""
    return sides(pairs[0].baseline.scheduler if pairs else DEFAULT_SCHEDULER)
