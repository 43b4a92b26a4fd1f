"""Reads the numbers of a goal: how good it must become, and what trying may cost."""

from __future__ import annotations

import re
from typing import Final

from schedtui.agent.words import plain
from schedtui.measure.objectives import direction_of
from schedtui.model.goal import Bound, Budget, Direction, Metric, Refusal

_NUMBER = r"(\d{1,9}(?:[.,]\d{1,6})?)"
_TO_US: Final = {"n": 1e-3, "u": 1.0, "m": 1e3, "s": 1e6}
_UNIT = r"(ns|us|\u00b5s|\u03bcs|ms|s|nanosec\w*|microsec\w*|millisec\w*|mikrosek\w*|sec\w*)\b"
_LIMIT = (
    r"(?:below|under|at most|less than|within|at max|max|down to|unter|hochstens|maximal"
    r"|sous|moins de|au plus|por debajo de|menos de|como maximo|\u4f4e\u4e8e|of(?=\s*0+\s))"
)
_ABSOLUTE: Final = re.compile(rf"{_LIMIT}\s*{_NUMBER}\s*{_UNIT}")
_BETTER = (
    r"(?:faster|lower|more|better|less|higher|quicker|sooner|shorter|smaller|the|throughput|rps|qps"
    r"|speed\w*|schneller|weniger|mehr|plus|moins|mas|menos|rapid\w*)"
)
_TIMES: Final = re.compile(rf"(?<![\w.,]){_NUMBER}\s*(?:x|times|mal|fois|veces)\s+{_BETTER}")
_PERCENT: Final = re.compile(rf"(?:\bby|\bum|\bde|\ben|\bun)\s+{_NUMBER}\s*(?:%|percent|prozent)")
_RATE: Final = (
    r"(?= (?:\w+ ){0,3}?(?:throughput|rate|rps|qps|tps|requests?|quer\w+|transactions?|tokens?"
    r"|jobs?|speed|frames?|fps|capacity|output|performance)\b)"
)
"""What can be doubled: "double check" sets no figure."""

_WORDED: Final = (
    (re.compile(r"\bhalv\w+|\bhalf the\b|\bin half\b|\bhalbier\w*|\bby half\b"), 2.0),
    (re.compile(rf"\bdouble\b{_RATE}|\btwice as\b|\bdoppelt so\b|\bdeux fois\b|\bel doble\b"), 2.0),
    (re.compile(r"\btriple\b|\bthree times as\b|\bthreefold\b|\bdreimal so\b"), 3.0),
    (re.compile(r"\bby a third\b|\bum ein drittel\b|\bd'un tiers\b"), 1.5),
)
_GREW: Final = re.compile(r"\b(?:went|jumped|grew|rose|climbed|took|takes|was|is now)\b")

_SPENT: Final = re.compile(
    rf"(?:spend|invest|try for|(?<!latency )(?<!error )(?<!time )budget(?: of| is|:)?)\D{{0,16}}?"
    rf"{_NUMBER}\s*(s|sec\w*|min\w*|h|hours?|sek\w*|stunden?)\b"
)
_TRYING: Final = re.compile(
    rf"{_NUMBER}\s*(s|sec\w*|min\w*|h|hours?)\s*(?:of|for)?\s*"
    r"(?:trying|tuning|testing|trials?|measur\w+|experiment\w*)"
)
_MONEY: Final = re.compile(
    rf"[$\u20ac]\s*{_NUMBER}|{_NUMBER}\s*(?:\$|\u20ac|dollars?\b|usd\b|bucks\b|euros?\b)"
)
_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0}

_LATENCIES: Final = frozenset(
    {Metric.REQUEST_P99, Metric.WAKEUP_P99, Metric.START_P99, Metric.STEP_P99}
)
_LEAST_US: Final = 1.0
"""Handing a CPU from one task to another takes about this long on any machine."""

_MOST_MAKESPAN: Final = 2.0
"""No order of jobs is further than this from any order that leaves no CPU idle (Graham 1969)."""


def bound_of(said: str, metric: Metric) -> Bound | None:
    """Return the figure that the words set for the objective, None when they set none.

    Args:
        said: The clause of the goal that names the objective.
        metric: The objective.
    """
    # What may be spent on trying often stands in the same clause.
    folded = _TRYING.sub(" ", _SPENT.sub(" ", plain(said)))
    if metric in _LATENCIES and not _GREW.search(folded):
        found = _ABSOLUTE.search(folded)
        if found:
            value = _float(found.group(1)) * _TO_US[_us_key(found.group(2))]
            return Bound(value=value, said=found.group())
    return _relative(folded, direction_of(metric))


def budget_of(text: str) -> Budget:
    """Return what the words allow trying to cost."""
    folded = plain(text)
    time = _SPENT.search(folded) or _TRYING.search(folded)
    money = _MONEY.search(folded)
    return Budget(
        seconds=_float(time.group(1)) * _SECONDS[time.group(2)[0]] if time else None,
        dollars=_float(money.group(1) or money.group(2)) if money else None,
    )


def beyond_reach(metric: Metric, bound: Bound) -> Refusal | None:
    """Return why no scheduler can reach ``bound`` on any machine, None when one might."""
    if bound.value is not None and bound.value < _LEAST_US:
        return _impossible(
            f'"{bound.said}" is out of reach: handing a CPU to a task takes about '
            f"{_LEAST_US:g} us by itself, so no latency can be below that."
        )
    if bound.factor == float("inf"):
        return _impossible(
            f'"{bound.said}" would leave nothing: a task needs its own CPU time even when nothing '
            "is in its way, so nothing can be brought to zero."
        )
    if metric is Metric.MAKESPAN and (bound.factor or 0) > _MOST_MAKESPAN:
        return _impossible(
            f'"{bound.said}" is out of reach: any order that leaves no CPU idle is at most '
            "2 - 1/CPUs times longer than the best one, so the order of the jobs alone cannot "
            "make a batch 2 times faster."
        )
    return None


def _impossible(reason: str) -> Refusal:
    return Refusal(
        reason, "Say 'lower' or 'sooner'; the plan will state the best that any policy could reach."
    )


def _relative(folded: str, direction: Direction) -> Bound | None:
    times = _TIMES.search(folded)
    if times:
        factor = _float(times.group(1))
        return Bound(factor=factor, said=times.group()) if factor > 1 else None
    for pattern, factor in _WORDED:
        worded = pattern.search(folded)
        if worded:
            return Bound(factor=factor, said=worded.group())
    percent = _PERCENT.search(folded)
    if percent is None:
        return None
    share = _float(percent.group(1)) / 100
    return Bound(factor=_factor(share, direction), said=percent.group())


def _factor(share: float, direction: Direction) -> float:
    if direction is Direction.HIGHER:
        return 1 + share
    return 1 / (1 - share) if share < 1 else float("inf")


def _us_key(unit: str) -> str:
    if unit.startswith(("micro", "mikro", "\u00b5", "\u03bc")):
        return "u"
    return "m" if unit.startswith("m") else unit[0]


def _float(digits: str) -> float:
    return float(digits.replace(",", "."))
