"""How far the battery is, as events: what runs in which guest, and how long it will take."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Final

from schedtui.model.events import Event, GateProgress
from schedtui.model.verdict import GateName
from schedtui.verify.battery.plan import GuestPlan

_SIGN_OF_LIFE_S: Final = 2.0


class Progress:
    """Counts the parts of all guests; says something at least every two seconds."""

    def __init__(
        self, plans: Sequence[GuestPlan], side_by_side: int, emit: Callable[[Event], None]
    ) -> None:
        self._emit = emit
        self._total = sum(plan.parts for plan in plans)
        self._done = dict.fromkeys(map(id, plans), 0)
        cost = sum(plan.cost_s for plan in plans) / min(side_by_side, max(len(plans), 1))
        self._cost_s = max(cost, max((plan.cost_s for plan in plans), default=0.0))
        self._started = time.monotonic()
        self._note = "opening throw-away machines"
        self._ticker = asyncio.create_task(self._tick(), name="battery progress")

    def teller(self, plan: GuestPlan) -> Callable[[str, float], None]:
        """Return what a guest reports its parts to."""

        def tell(what: str, seconds: float) -> None:
            del seconds
            # Repeats do not count: they are not part of the plan.
            self._done[id(plan)] = min(self._done[id(plan)] + 1, plan.parts)
            self._note = f"{plan.shape}: {what}"
            self._say()

        return tell

    def restart(self, plan: GuestPlan) -> None:
        """A guest begins anew."""
        self._done[id(plan)] = 0
        self._cost_s += plan.cost_s
        self._note = f"{plan.shape}: once more in a fresh machine"
        self._say()

    def _say(self) -> None:
        done = min(sum(self._done.values()), self._total)
        left = max(self._cost_s - (time.monotonic() - self._started), 1.0)
        note = f"{self._note}, about {left:.0f} s left"
        self._emit(GateProgress(GateName.BATTERY, max(done - 1, 0), self._total, note))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_SIGN_OF_LIFE_S)
            self._say()

    async def close(self) -> None:
        """Say no more."""
        self._ticker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._ticker
