"""Which model is asked for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schedtui.agent.backends.prices import known

AUTO: Final = "auto"
OFFLINE: Final = "offline"


class Size(StrEnum):
    """How much of a model a task needs."""

    SMALL = "small"
    """To read a goal."""
    MEDIUM = "medium"
    """To plan, and to fill slots."""
    LARGE = "large"
    """After two repairs that did not help."""


@dataclass(frozen=True, slots=True)
class Route:
    """A model and how it is asked."""

    model: str
    effort: str
    """Empty for a model that is not known to have it."""
    max_tokens: int
    """Most tokens of one turn, its thinking among them."""


USUAL: Final[Mapping[Size, Route]] = {
    Size.SMALL: Route("claude-haiku-5-5", "low", 1024),
    Size.MEDIUM: Route("claude-sonnet-5-5", "medium", 2560),
    Size.LARGE: Route("claude-opus-5-5", "medium", 6144),
}


def routes(name: str) -> Mapping[Size, Route]:
    """Return the routes for ``auto``, or for one model that is asked everything."""
    if name == AUTO:
        return USUAL
    return {
        size: Route(name, usual.effort if known(name) else "", usual.max_tokens)
        for size, usual in USUAL.items()
    }
