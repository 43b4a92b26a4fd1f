"""What a model used, and what that cost. Counted by the program, never told by a model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one turn. What went in is the sum of the first three."""

    fresh: int = 0
    """Read for the first time, and not kept."""
    cache_written: int = 0
    """Read for the first time, and kept for later turns."""
    cache_read: int = 0
    """Kept from an earlier turn."""
    output: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Return both together."""
        return Usage(
            self.fresh + other.fresh,
            self.cache_written + other.cache_written,
            self.cache_read + other.cache_read,
            self.output + other.output,
        )


@dataclass(frozen=True, slots=True)
class Spending:
    """What all turns of a goal came to."""

    turns: int
    seconds: float
    usage: Usage
    dollars: float | None
    """None when the price of a model is not known: unknown is not nothing."""
