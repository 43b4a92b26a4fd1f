"""Pairs that the host has spoilt: how they are told, dropped and measured again.

A pair compares two windows, so what the host keeps from both alike cancels. It is contaminated when

* the host kept notably more from one of its windows than from the other; or
* it kept notably more from a window than from those of the latest pairs.

Notably is ``LIMIT`` of the guest's CPU time, or twice of what neighbouring windows usually differ
by in this boot where that is more: on a host that is always uneven nothing is gained by waiting,
and whether it is fit for a trial is for the A/A control to say. The rule looks at the host alone
and never at what was measured, so that no result can choose its pairs. A contaminated pair is
dropped, kept for the record, and measured again, as often as the cap allows. From then on
contaminated pairs count, and are marked: a host that is never quiet gets an answer all the same,
and its readers are told.
"""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from schedtui.model.trial import Pair, Window

LIMIT: Final = 0.1
"""Share of the guest's CPU time by which windows may differ in what the host kept from them."""

_USUAL_FACTOR: Final = 2
_FEWEST_PAIRS: Final = 3
"""Pairs that it takes to tell what is usual of their differences."""
_LATEST_PAIRS: Final = 3
"""Pairs that tell what the host keeps now: one that is busier from now on spoils nothing more."""

_REPEATED: Final = 2
"""At most one pair in so many that are planned is measured again, rounded up."""


def most_repeats(planned: int) -> int:
    """Return how many pairs of a series of ``planned`` are measured again at most."""
    return -(-planned // _REPEATED)


@dataclass(slots=True)
class Series:
    """The pairs of a trial or of a control, as they come about."""

    planned: int
    """Most pairs that are to count."""
    before: Sequence[Pair] = ()
    """Pairs of the same boot that came before; they too tell what is usual."""
    pairs: list[Pair] = field(default_factory=list)
    """Those that count."""
    dropped: list[Pair] = field(default_factory=list)
    _measured: list[Pair] = field(default_factory=list, init=False)

    @property
    def tried(self) -> int:
        """Pairs that were measured, the dropped ones among them."""
        return len(self._measured)

    def take(self, pair: Pair) -> Pair | None:
        """Count a pair and return it with its mark, or drop it and return None."""
        before = [*self.before, *self._measured]
        pair = dataclasses.replace(pair, contaminated=contamination(pair, before))
        self._measured.append(pair)
        if pair.contaminated and len(self.dropped) < most_repeats(self.planned):
            self.dropped.append(pair)
            return None
        self.pairs.append(pair)
        return pair


def contamination(pair: Pair, before: Sequence[Pair]) -> str:
    """Return why a pair is contaminated, empty when it is not or nobody can tell.

    Args:
        pair: The pair.
        before: The pairs of the same boot that came before it, in their order.
    """
    kept = _scores((pair.baseline, pair.candidate))
    if len(kept) < 2:
        return ""
    least, worst = sorted(kept)
    usual, limit = _usual(before, least), _limit(before)
    if worst - least > limit:
        return (
            f"the host kept {worst:.0%} of its CPU time from the guest in one window and "
            f"{least:.0%} in the other"
        )
    if worst - usual > limit:
        return f"the host kept {worst:.0%} of its CPU time from the guest, {usual:.0%} is usual"
    return ""


def _usual(before: Sequence[Pair], otherwise: float) -> float:
    latest = before[-_LATEST_PAIRS:]
    kept = _scores(windows_of(latest))
    return statistics.median(kept) if len(latest) > 1 and kept else otherwise


def _limit(before: Sequence[Pair]) -> float:
    sides = [_scores((pair.baseline, pair.candidate)) for pair in before]
    gaps = [max(kept) - min(kept) for kept in sides if kept]
    if len(gaps) < _FEWEST_PAIRS:
        return LIMIT
    return max(LIMIT, _USUAL_FACTOR * statistics.median(gaps))


def uneven(pairs: Sequence[Pair]) -> float:
    """Return how much more the host kept from the baseline's windows than from the candidate's.

    It is the difference of the medians, a share of CPU time, and negative where the candidate
    suffered more; 0 where nobody could see it.
    """
    sides = ([pair.baseline for pair in pairs], [pair.candidate for pair in pairs])
    baseline, candidate = (median_score(windows) for windows in sides)
    return 0.0 if baseline is None or candidate is None else baseline - candidate


def windows_of(pairs: Sequence[Pair]) -> tuple[Window, ...]:
    """Return all windows of some pairs."""
    return tuple(window for pair in pairs for window in (pair.baseline, pair.candidate))


def median_score(windows: Sequence[Window]) -> float | None:
    """Return the median share that the host kept from some windows, None when nobody saw."""
    scores = _scores(windows)
    return statistics.median(scores) if scores else None


def clean(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return the pairs that are not contaminated."""
    return tuple(pair for pair in pairs if not pair.contaminated)


def _scores(windows: Sequence[Window]) -> list[float]:
    return [each.disturbance.score for each in windows if each.disturbance is not None]
