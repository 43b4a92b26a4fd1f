"""What a demonstration saw, as it travels from the guest to the test."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """Named words and numbers, read from the kernel of the guest."""

    words: tuple[tuple[str, str], ...] = ()
    numbers: tuple[tuple[str, float], ...] = ()

    def word(self, name: str) -> str:
        """Return a word. Raises KeyError when the demonstration did not say it."""
        return dict(self.words)[name]

    def number(self, name: str) -> float:
        """Return a number. Raises KeyError when the demonstration did not say it."""
        return dict(self.numbers)[name]


@dataclass(frozen=True, slots=True)
class Order:
    """Which demonstration to give."""

    deed: str


def seen(**facts: str | float) -> Seen:
    """Return what was seen; words and numbers are told apart by their type."""
    words = tuple((name, fact) for name, fact in facts.items() if isinstance(fact, str))
    numbers = tuple((n, float(fact)) for n, fact in facts.items() if not isinstance(fact, str))
    return Seen(words, numbers)
