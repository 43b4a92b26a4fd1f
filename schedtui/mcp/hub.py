"""What the tools of one server share: the target, the goal on its way, and who is at work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from schedtui.engine.port import EngineError
from schedtui.mcp.holding import Holding
from schedtui.mcp.port import Desk
from schedtui.mcp.pursuing import Pursuing
from schedtui.model.deployment import Approval, ApprovalRequest


class Hub:
    """One client's server."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.holding = Holding(lambda: desk.engine(self))
        self.pursuing: Pursuing | None = None
        self.doing = ""
        """The long work that goes on now, empty when none does."""

    @contextmanager
    def only(self, doing: str) -> Iterator[None]:
        """Do one long thing at a time: what is measured must have the processors to itself.

        Raises EngineError while another one goes on.
        """
        if self.doing:
            raise EngineError(
                f"this server is still {self.doing}", "wait for it or cancel it", missing=False
            )
        self.doing = doing
        try:
            yield
        finally:
            self.doing = ""

    def waiting(self) -> Pursuing | None:
        """Return the goal that waits for a person's answer, None when none does."""
        return self.pursuing if self.pursuing and self.pursuing.waiting else None

    def request(self) -> ApprovalRequest | None:
        """Return what a person has to decide, None when nothing waits."""
        waiting = self.waiting()
        return waiting.request if waiting else None

    def answer(self, approval: Approval | None) -> None:
        """Take the answer of a person in another terminal."""
        if waiting := self.waiting():
            waiting.answer(approval)

    async def calm(self) -> None:
        """End the load on the target, unless it runs under something that we have deployed."""
        engine = self.holding.opened
        deployment = engine.deployment() if engine else None
        if engine is not None and not (deployment and deployment.live):
            # A target that is lost, or has no loads, has none to end.
            with suppress(EngineError):
                await engine.stop_load()

    async def withdraw(self) -> None:
        """End the goal that is on its way, if one is."""
        pursuing, self.pursuing = self.pursuing, None
        if pursuing is not None:
            await pursuing.cancel()

    async def close(self) -> None:
        """End everything; the kernel's own scheduler is in charge again."""
        await self.withdraw()
        await self.holding.close()
