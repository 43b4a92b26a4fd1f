"""One goal on its way, between the calls of a client.

A goal that gets as far as its approval waits there, in the engine's own pursuit, until a person
has answered. Nothing is deployed in any other way.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Final, TypeVar, cast

from schedtui.engine.port import Engine
from schedtui.mcp.port import Tell
from schedtui.model.deployment import Approval, ApprovalRequest
from schedtui.model.events import Event, Finished, Planned

PATIENCE_S: Final = 1800.0
"""Evidence older than this is not approved any more; the proposal is withdrawn."""

EVENTS_KEPT: Final = 2000

_E = TypeVar("_E")


class Pursuing:
    """Drives one pursuit of an engine in a task of its own; ``after`` it something is done."""

    def __init__(
        self,
        engine: Engine,
        text: str,
        tell: Tell,
        after: Callable[[], Awaitable[None]],
        *,
        only_plan: bool = False,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.tell = tell
        """Hears every event from now on."""
        self.events: list[Event] = []
        self.request: ApprovalRequest | None = None
        """What a person was asked, None as long as nobody was."""
        self._engine = engine
        self._after = after
        self._only_plan = only_plan
        self._patience_s = patience_s
        self._answer: asyncio.Future[Approval | None] = asyncio.get_running_loop().create_future()
        self._asked = asyncio.Event()
        self._task = asyncio.create_task(self._run(text), name="goal over MCP")

    @property
    def waiting(self) -> bool:
        """Tell whether a person has still to answer."""
        return self._asked.is_set() and not self._answer.done() and not self._task.done()

    def last(self, kind: type[_E]) -> _E | None:
        """Return the newest event of a kind."""
        return next((event for event in reversed(self.events) if isinstance(event, kind)), None)

    async def until_asked(self) -> None:
        """Wait until a person has to answer, or until it is all over."""
        asked = asyncio.create_task(self._asked.wait())
        try:
            await asyncio.wait((asked, self._task), return_when=asyncio.FIRST_COMPLETED)
        finally:
            asked.cancel()
        if self._task.done():
            await self._task

    async def until_over(self) -> None:
        """Wait until the last event. Cancelling the wait does not cancel the pursuit."""
        await asyncio.shield(self._task)

    def answer(self, approval: Approval | None) -> None:
        """Give the person's answer; the first one counts."""
        if not self._answer.done():
            self._answer.set_result(approval)

    async def cancel(self) -> None:
        """End it. What was deployed stays until somebody rolls it back."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, text: str) -> None:
        try:
            await self._pursue(text)
        finally:
            await self._after()

    async def _pursue(self, text: str) -> None:
        stream = cast("AsyncGenerator[Event]", self._engine.pursue(text, self._approver))
        async with aclosing(stream) as events:
            async for event in events:
                if len(self.events) < EVENTS_KEPT or isinstance(event, Finished):
                    self.events.append(event)
                self.tell(event)
                if self._only_plan and isinstance(event, Planned):
                    return

    async def _approver(self, request: ApprovalRequest) -> Approval | None:
        self.request = request
        self._asked.set()
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._answer
        except TimeoutError:
            return None
