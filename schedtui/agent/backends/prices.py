"""What models cost, in US dollars per million tokens, as their maker lists it.

A model that is not here has an unknown price, which is not the price nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from schedtui.model.spending import Usage

READ_ON: Final = "2026-11-20"
"""The day on which the list was read."""

_MILLION: Final = 1_000_000
_DATED: Final = re.compile(r"-\d{8}$")


@dataclass(frozen=True, slots=True)
class Price:
    """Of one model, for prompts of at most ``most_input`` tokens (None: of any length)."""

    fresh: float
    cache_written: float
    """Kept for five minutes."""
    cache_read: float
    output: float
    most_input: int | None = None


PRICES: Final[Mapping[str, tuple[Price, ...]]] = {
    "claude-haiku-5-5": (
        Price(0.10, 0.125, 0.01, 0.50, most_input=100_000),
        Price(0.50, 0.625, 0.05, 2.50),
    ),
    "claude-sonnet-5-5": (Price(2.0, 2.50, 0.10, 10.0),),
    "claude-opus-5-5": (Price(4.0, 5.0, 0.20, 20.0),),
    "claude-opus-5": (Price(5.0, 6.25, 0.50, 25.0),),
    "claude-fable-5-1": (Price(10.0, 12.50, 0.25, 50.0),),
}


def cost(model: str, usage: Usage) -> float | None:
    """Return what a turn cost in dollars, None when the price of the model is not known."""
    price = _price(model, usage.fresh + usage.cache_written + usage.cache_read)
    if price is None:
        return None
    return (
        usage.fresh * price.fresh
        + usage.cache_written * price.cache_written
        + usage.cache_read * price.cache_read
        + usage.output * price.output
    ) / _MILLION


def most(model: str, input_tokens: int, output_tokens: int) -> float | None:
    """Return the most that a turn can cost: nothing was kept, all is kept now, all is said."""
    return cost(model, Usage(cache_written=input_tokens, output=output_tokens))


def known(model: str) -> bool:
    """Tell whether a model is in the list."""
    return _listed(model) in PRICES


def _price(model: str, input_tokens: int) -> Price | None:
    for price in PRICES.get(_listed(model), ()):
        if price.most_input is None or input_tokens <= price.most_input:
            return price
    return None


def _listed(model: str) -> str:
    """Return the name of a model without the day of a snapshot."""
    return _DATED.sub("", model)
