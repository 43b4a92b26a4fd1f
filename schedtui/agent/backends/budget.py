"""What a goal may still use of models: asked before a turn, so that no limit is ever crossed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Final

from schedtui.agent.backends.opening import Limits
from schedtui.agent.backends.port import Request
from schedtui.agent.backends.prices import READ_ON, cost, most
from schedtui.model.spending import Spending, Usage

_LEAST_SECONDS: Final = 1.0
"""A turn that must be over sooner is not worth beginning."""

_BYTES_PER_TOKEN: Final = 2
"""No text that is sent here has more tokens than this."""


class Budget:
    """Limits of one goal, and what was used of them."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._began: float | None = None
        self.spent = Spending(0, 0.0, Usage(), 0.0)

    @property
    def seconds_left(self) -> float:
        """Seconds that models may still take."""
        return self._limits.seconds - self.spent.seconds

    def hold(self, dollars: float | None) -> None:
        """Keep to a sum that a goal names, too; None is none."""
        self._limits = self._limits.within(dollars)

    def against(self, request: Request, counted: int | None) -> str:
        """Return why a turn must not begin, empty when it can cross no limit.

        Args:
            request: The turn.
            counted: Tokens that it sends, as the server counts; None where it does not.
        """
        limits, spent = self._limits, self.spent
        if spent.turns >= limits.turns:
            return f"all {limits.turns} turns are used"
        if self.seconds_left < _LEAST_SECONDS:
            return f"all {limits.seconds:g} s for models are used"
        return self._against_money(request, _tokens(request, counted))

    def _against_money(self, request: Request, tokens: int) -> str:
        limit, worst = self._limits.dollars, most(request.model, tokens, request.max_tokens)
        if worst is None or self.spent.dollars is None:
            if self._limits.strict:
                return (
                    f"the price of {request.model} is not known (list of {READ_ON}), so "
                    f"${limit:.2f} could be crossed"
                )
            return ""
        left = limit - self.spent.dollars
        if worst > left:
            return f"the next turn can cost ${worst:.3f}, and ${left:.3f} of ${limit:.2f} are left"
        return ""

    def begin(self) -> None:
        """Count a turn that begins now."""
        self._began = self._clock()

    def end(self, model: str, usage: Usage) -> float | None:
        """Count what a turn used; returns its price in dollars, None when it is not known."""
        began, self._began = self._began, None
        spent = self.spent
        price = cost(model, usage)
        dollars = None if price is None or spent.dollars is None else spent.dollars + price
        took = self._clock() - began if began is not None else 0.0
        self.spent = Spending(
            spent.turns + 1, round(spent.seconds + took, 3), spent.usage + usage, dollars
        )
        return price

    def worst(self, request: Request, counted: int | None) -> Usage:
        """Return the most that a turn can have used which has no end."""
        return Usage(cache_written=_tokens(request, counted), output=request.max_tokens)


def _tokens(request: Request, counted: int | None) -> int:
    """Return what a request comes to; a server that counts next to nothing is not believed."""
    most_of_all = largest(request)
    return most_of_all if counted is None else max(counted, most_of_all // 4)


def largest(request: Request) -> int:
    """Return a number of tokens that a request does not exceed."""
    tools = [[tool.name, tool.description, tool.schema] for tool in request.tools]
    body = json.dumps([request.system, list(request.messages), tools, request.schema])
    return len(body) // _BYTES_PER_TOKEN + 1
