"""The pairs of a trial as inline SVG: a mark for each, the interval, and the A/A control."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from schedtui.measure.statistics import log_ratio
from schedtui.model.trial import Effect, Pair, TrialResult

_WIDTH: Final = 760
_LEFT: Final = 150
_RIGHT: Final = 30
_ROW: Final = 18
_LEAST_TICK_GAP: Final = 46
_TICKS: Final = (
    *(0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 0.9, 0.95),
    *(1.05, 1.1, 1.25, 1.5, 2, 3, 5, 10, 20, 50, 100, 1000),
)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Maps the logarithm of a factor to a place on the page."""

    low: float
    high: float

    def x(self, log: float) -> float:
        inside = min(max(log, self.low), self.high)
        width = _WIDTH - _LEFT - _RIGHT
        return _LEFT + width * (inside - self.low) / (self.high - self.low)


def plot(trial: TrialResult) -> str:
    """Return an SVG element: one row per pair, factors on a logarithmic axis, better is right.

    Every pair of the trial has a ``circle`` of class ``pair``, every one of the control one of
    class ``control``. An interval that leaves the picture is cut at its edge.
    """
    control = trial.control.pairs if trial.control else ()
    scale = _scale([*_logs(trial, trial.pairs), *_logs(trial, control)])
    rows = [*_marks(scale, "control", trial, control)]
    if trial.control:
        rows.append(_bar(scale, "control", trial.control.effect))
    rows += _marks(scale, "pair", trial, trial.pairs)
    rows.append(_bar(scale, "pair", trial.objective))
    placed = "".join(
        f'<g transform="translate(0 {(number + 1) * _ROW})">{row}</g>'
        for number, row in enumerate(rows)
    )
    height = (len(rows) + 2) * _ROW
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height + 10}" role="img" aria-label="factor of each pair">'
        f"{''.join(_axis(scale, height))}{placed}</svg>"
    )


def _logs(trial: TrialResult, pairs: Sequence[Pair]) -> list[float]:
    seen = trial.objective
    return [log_ratio(pair, seen.metric, seen.direction) for pair in pairs]


def _scale(logs: Sequence[float]) -> _Scale:
    low, high = min(0.0, *logs), max(0.0, *logs)
    margin = max(0.3 * (high - low), 0.05)
    return _Scale(low - margin, high + margin)


def _marks(scale: _Scale, kind: str, trial: TrialResult, pairs: Sequence[Pair]) -> Iterator[str]:
    word = {"pair": "pair", "control": "control pair"}[kind]
    for number, (pair, log) in enumerate(zip(pairs, _logs(trial, pairs), strict=True), start=1):
        called = f"spoilt {word}" if pair.contaminated else word
        yield (
            f'<text x="{_LEFT - 12}" y="4" class="label">{called} {number}</text>'
            f'<line x1="{scale.x(0):.1f}" x2="{scale.x(log):.1f}" class="stem"/>'
            f'<circle cx="{scale.x(log):.1f}" r="4.5" class="{kind}">'
            f"<title>{math.exp(log):.3f}x</title></circle>"
        )


def _bar(scale: _Scale, kind: str, seen: Effect) -> str:
    low, high = scale.x(math.log(seen.low)), scale.x(math.log(seen.high))
    return (
        f'<text x="{_LEFT - 12}" y="4" class="label">95 % interval</text>'
        f'<line x1="{low:.1f}" x2="{high:.1f}" class="interval {kind}"/>'
        f'<line x1="{scale.x(math.log(seen.factor)):.1f}" x2="{scale.x(math.log(seen.factor)):.1f}"'
        f' y1="-6" y2="6" class="mean {kind}"/>'
    )


def _axis(scale: _Scale, height: int) -> Iterator[str]:
    yield (
        f'<line x1="{scale.x(0):.1f}" x2="{scale.x(0):.1f}" y1="6" y2="{height - _ROW}" '
        'class="none"/>'
    )
    taken: list[float] = []
    for factor in (1.0, *_TICKS):
        log = math.log(factor)
        place = scale.x(log)
        if scale.low < log < scale.high and all(abs(place - x) >= _LEAST_TICK_GAP for x in taken):
            taken.append(place)
            yield f'<text x="{place:.1f}" y="{height}" class="tick">{factor:g}x</text>'
