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


@dataclass(frozen=True, slots=True)
class Sides:
    """How the two sides of a trial are called."""

    baseline: str
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
    "default against itself",
    "by default",
    "under the default scheduler",
    "with the policy",
)
_DEFAULTS: Final = Sides(
    "the policy with its defaults",
    "defaults against themselves",
    "with its defaults",
    "with its defaults",
    "as tuned",
)


def sides(label: str) -> Sides:
    """Return the words for a baseline whose windows are so labelled."""
    return _DEFAULTS if label == DEFAULTS else _DEFAULT


def sides_of(pairs: Sequence[Pair]) -> Sides:
    """Return the words for the baseline of some pairs."""
    return sides(pairs[0].baseline.scheduler if pairs else DEFAULT_SCHEDULER)
