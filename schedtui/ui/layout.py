"""Which panes are side by side at which size. A pure decision; the style sheet does the rest."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

SMALLEST: Final = (60, 15)
"""Columns and rows below which only a sentence is shown."""


class Shape(StrEnum):
    """Arrangements of the live screen, also the names of style classes."""

    TOO_SMALL = "too-small"
    ONE = "one-pane"
    TWO = "two-columns"
    THREE = "three-columns"


def shape_for(width: int, height: int) -> Shape:
    """Return the arrangement for a terminal of ``width`` by ``height`` cells."""
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return Shape.TOO_SMALL
    if width < 100 or height < 28:
        return Shape.ONE
    return Shape.TWO if width < 170 else Shape.THREE
