"""Which settings a tuning tries: a sample that is drawn ahead, or Optuna as it learns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, Protocol

from schedtui.measure.settings import Space, latin_hypercube
from schedtui.model.policy import ParameterValues
from schedtui.model.sweep import Leaving, Place

SAMPLE: Final = "sample"
OPTUNA: Final = "optuna"
"""Also the name of the package."""

_REFUSED: Final = -1.0
"""Score of what may not be used: as bad as a metric that is e times worse."""


class Proposer(Protocol):
    """Proposes settings, each once."""

    @property
    def count(self) -> int:
        """How many settings it proposes in all."""
        ...

    def propose(self) -> ParameterValues:
        """Return one more setting. Called at most ``count`` times."""
        ...

    def learn(self, setting: ParameterValues, worth: float | None) -> None:
        """Take note of a setting's :func:`score`."""
        ...


class SampledProposer:
    """Proposes the settings of a Latin hypercube, whatever the pairs say."""

    def __init__(self, space: Space, count: int, seed: int) -> None:
        settings = latin_hypercube(space, count, seed)
        self.count = len(settings)
        self._left: Iterator[ParameterValues] = iter(settings)

    def propose(self) -> ParameterValues:
        """See the port."""
        return next(self._left)

    def learn(self, setting: ParameterValues, worth: float | None) -> None:
        """See the port: a sample learns nothing."""


def proposer(kind: str, space: Space, count: int, seed: int) -> Proposer:
    """Return a proposer of the kind ``sample`` or ``optuna``, which must be installed."""
    if kind == SAMPLE:
        return SampledProposer(space, count, seed)
    # Only who tunes with it waits for its import.
    from schedtui.measure.optuna_proposer import OptunaProposer  # noqa: PLC0415

    return OptunaProposer(space, count, seed)


def score(place: Place) -> float | None:
    """Return what a setting is worth to a search: the log-ratio against the defaults.

    None where its pairs say nothing of it: a machine was lost, or the host was unfit.
    """
    if place.leaves in {Leaving.NO_RESULT, Leaving.UNFIT}:
        return None
    if place.leaves in {Leaving.REJECTED, Leaving.GUARDRAIL} or place.objective is None:
        return _REFUSED
    return math.log(place.objective.factor)
