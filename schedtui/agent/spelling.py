"""Tells whether two words differ by one slip of the fingers."""

from __future__ import annotations


def nearly(right: str, typed: str) -> bool:
    """Tell whether one letter was left out, doubled, changed, or swapped with its neighbour.

    The first letter must be right: that is the one people hardly ever miss.
    """
    if right[:1] != typed[:1] or abs(len(right) - len(typed)) > 1:
        return False
    same = _shared(right, typed)
    rest, other = right[same:], typed[same:]
    swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return rest[1:] == other[1:] or rest == other[1:] or rest[1:] == other or swapped


def _shared(left: str, right: str) -> int:
    """Return how many letters both start with."""
    for at, (one, another) in enumerate(zip(left, right, strict=False)):
        if one != another:
            return at
    return min(len(left), len(right))
