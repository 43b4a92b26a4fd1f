"""Pairs as they come, and the interval of the effect closing around its value."""

from __future__ import annotations

import math
from collections.abc import Sequence

from schedtui.model.trial import Effect, Pair, Window
from schedtui.ui.paint import units
from schedtui.ui.paint.glyphs import Glyphs
from schedtui.ui.paint.text import Line, fitted, left, right
from schedtui.ui.paint.verdict import effect_words

SHOWN_PAIRS = 8


def pair_rows(pairs: Sequence[Pair], metric: str, width: int, glyphs: Glyphs) -> list[Line]:
    """Return one row per pair, the newest last; older ones make room."""
    head: Line = ((f"  pair  {right('default', 11)}  {right('candidate', 11)}  ", "muted"),
                  (units.metric_title(metric), "muted"))  # fmt: skip
    shown = [_pair_row(pair, metric, glyphs) for pair in pairs[-SHOWN_PAIRS:]]
    return [fitted(line, width) for line in (head, *shown)]


def _pair_row(pair: Pair, metric: str, glyphs: Glyphs) -> Line:
    first = "default first" if pair.baseline_first else "candidate first"
    return (
        (f"  {pair.index + 1:>4}  ", "muted"),
        (right(_value(pair.baseline, metric, glyphs), 11), "text"),
        ("  ", "text"),
        (right(_value(pair.candidate, metric, glyphs), 11), "strong"),
        (f"  {first}", "faint"),
    )


def _value(window: Window, metric: str, glyphs: Glyphs) -> str:
    value = dict(window.metrics).get(metric)
    return units.NOT_SEEN if value is None else units.metric_value(metric, value, glyphs)


def interval(effect: Effect, width: int, glyphs: Glyphs) -> list[Line]:
    """Return the effect in words, above a logarithmic axis with its 95 % interval."""
    words: Line = (("  ", "text"), *effect_words(effect, glyphs))
    cells = min(48, width - 15)
    if cells < 16 or min(effect.low, effect.factor) <= 0:
        return [words]
    reach = max(2.0, effect.high, 1 / effect.low) * 1.1
    axis = ("  worse ", "faint")
    return [words, (axis, *_axis(effect, cells, reach, glyphs), (" better", "faint"))]


def _axis(effect: Effect, cells: int, reach: float, glyphs: Glyphs) -> Line:
    def place(value: float) -> int:
        share = (math.log(value) / math.log(reach) + 1) / 2
        return max(0, min(cells - 1, round(share * (cells - 1))))

    signs = [(glyphs.rule, "rule")] * cells
    low, high = place(effect.low), place(effect.high)
    for cell in range(low, high + 1):
        signs[cell] = (glyphs.heavy, "accent")
    signs[low], signs[high] = (glyphs.low, "accent"), (glyphs.high, "accent")
    signs[place(1.0)] = (glyphs.upright, "strong")
    signs[place(effect.factor)] = (glyphs.point, "strong")
    return tuple(signs)


def facts(effect: Effect, glyphs: Glyphs) -> str:
    """Return the medians behind an effect: ``134 ms -> 25 ms``."""
    before = units.metric_value(effect.metric, effect.baseline_median, glyphs)
    after = units.metric_value(effect.metric, effect.candidate_median, glyphs)
    return f"{left(units.metric_title(effect.metric), 12)} {before} {glyphs.arrow} {after}"
