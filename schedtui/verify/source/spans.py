"""Arithmetic with spans of integers. A span without an end has None as its last value."""

from __future__ import annotations

from typing import Final

Span = tuple[int, int | None]
Spans = tuple[Span, ...]

UNKNOWN: Final[Spans] = ((0, None),)
BOOLEAN: Final[Spans] = ((0, 1),)

_MOST: Final = 24
"""More spans than this become one."""

_WORD: Final = 1 << 64


def exactly(value: int) -> Spans:
    """Return the one value."""
    return ((value, value),)


def exact(spans: Spans) -> list[int]:
    """Return the values that are known one by one."""
    return [low for low, high in spans if low == high]


def constant(spans: Spans) -> int | None:
    """Return the value if there is exactly one."""
    return spans[0][0] if len(spans) == 1 and spans[0][0] == spans[0][1] else None


def holds(spans: Spans, span: Span) -> bool:
    """Tell whether some of ``spans`` has a value in common with ``span``."""
    low, high = span
    return any((b is None or low <= b) and (high is None or a <= high) for a, b in spans)


def covers(spans: Spans, span: Span) -> bool:
    """Tell whether all values of ``span`` are in ``spans``."""
    low, high = span
    for first, last in sorted(spans, key=lambda s: s[0]):
        if first > low:
            return False
        if last is None:
            return True
        if high is not None and last >= high:
            return True
        low = max(low, last + 1)
    return False


def union(*parts: Spans) -> Spans:
    """Return all values of all parts."""
    found: list[Span] = []
    for low, high in sorted({s for part in parts for s in part}, key=lambda s: s[0]):
        if found and _reaches(found[-1], low):
            found[-1] = (found[-1][0], _later(found[-1][1], high))
        else:
            found.append((low, high))
    if len(found) > _MOST:
        return _hull(tuple(found))
    return tuple(found)


def _reaches(span: Span, low: int) -> bool:
    return span[1] is None or low <= span[1]


def _later(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)


def until(start: Spans, limits: list[int]) -> Spans:
    """Return what a counter that begins at ``start`` passes up to the least of ``limits``."""
    low = min(first for first, _ in start)
    return ((low, max(low, min(limits))),) if limits else ((low, None),)


def negated(operator: str, spans: Spans) -> Spans:
    """Return the values of a unary expression."""
    if operator == "!":
        return BOOLEAN
    value = constant(spans)
    if value is None:
        return UNKNOWN
    return exactly({"-": -value, "~": ~value}.get(operator, value))


def combine(operator: str, left: Spans, right: Spans) -> Spans:
    """Return the values of a binary expression."""
    if len(left) * len(right) > _MOST:
        left, right = _hull(left), _hull(right)
    return union(*((_pair(operator, one, other),) for one in left for other in right))


def _hull(spans: Spans) -> Spans:
    return ((spans[0][0], spans[-1][1]),)


def _pair(operator: str, left: Span, right: Span) -> Span:
    if left[0] == left[1] and right[0] == right[1]:
        value = _exact_pair(operator, left[0], right[0])
        return UNKNOWN[0] if value is None else (value, value)
    if left[0] < 0 or right[0] < 0:
        return UNKNOWN[0]
    return _open_pair(operator, left, right)


def _exact_pair(operator: str, left: int, right: int) -> int | None:
    if operator in {"/", "%"}:
        if right <= 0 or left < 0:
            return None
        return left // right if operator == "/" else left % right
    if operator in {"<<", ">>"}:
        if not 0 <= right < 64:
            return None
        return (left << right) % _WORD if operator == "<<" else left >> right
    value = {
        "+": left + right,
        "-": left - right,
        "*": left * right,
        "&": left & right,
        "|": left | right,
        "^": left ^ right,
        "MIN": min(left, right),
        "MAX": max(left, right),
    }.get(operator)
    return value if value is None or -_WORD < value < _WORD else value % _WORD


def _open_pair(operator: str, left: Span, right: Span) -> Span:
    low, high = left
    first, last = right
    known = [end for end in (high, last) if end is not None]
    both = len(known) == 2
    spans: dict[str, Span] = {
        "+": (low + first, sum(known) if both else None),
        "|": (max(low, first), sum(known) if both else None),
        "*": (low * first, known[0] * known[-1] if both else None),
        "&": (0, min(known, default=None)),
        "MIN": (min(low, first), min(known, default=None)),
        "MAX": (max(low, first), max(known) if both else None),
        "%": (0, last - 1 if last else None),
        "/": (0, high),
        ">>": (0, high),
    }
    return spans.get(operator, UNKNOWN[0])
