"""Findings about the verifier itself: VER."""

from __future__ import annotations

from typing import Final

from schedtui.verify.codes.entry import Entry, error

ENTRIES: Final[tuple[Entry, ...]] = (
    error(
        "VER001",
        "The {gate} gate broke off ({kind}), so nothing is known.",
        "This cannot be repaired in the source. Please report it.",
        "A gate has a fault of its own. What a gate cannot judge does not pass.",
    ),
    error(
        "VER002",
        "There were no gates to pass, so nothing is known.",
        "This cannot be repaired in the source.",
        "A verdict without gates would say yes to anything.",
    ),
)
