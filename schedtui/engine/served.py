"""An engine that other terminals can reach while it is open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from schedtui.engine.control import Approvals, ControlServer
from schedtui.engine.port import Approver, Engine, Progress
from schedtui.model.deployment import Deployment
from schedtui.model.events import Event
from schedtui.model.machine import Hello
from schedtui.model.policy import Policy
from schedtui.model.protocol import Parameters
from schedtui.model.telemetry import SchedulerState, Snapshot
from schedtui.model.trial import WorkloadSpec
from schedtui.tape.tape import Past

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class ServedEngine:
    """The engine port around another engine, with a control socket from open to close."""

    def __init__(self, engine: Engine, target: str, approvals: Approvals | None = None) -> None:
        self._engine = engine
        self._control = ControlServer(engine, target, approvals)

    async def open(self, progress: Progress) -> Hello:
        """Open the engine, then listen. A socket that is taken is told, not an error."""
        hello = await self._engine.open(progress)
        self._control.hello = hello
        await self._control.__aenter__()
        if not self._control.serving:
            progress(
                "another session holds the control socket of this target, so `schedtui status` "
                "and `schedtui rollback` reach that one and not this"
            )
        return hello

    def snapshots(self) -> AsyncIterator[Snapshot]:
        """See the port."""
        return self._engine.snapshots()

    def past(self) -> Past | None:
        """See the port."""
        return self._engine.past()

    async def set_rate(self, hertz: float) -> None:
        """See the port."""
        await self._engine.set_rate(hertz)

    def loads(self) -> tuple[WorkloadSpec, ...]:
        """See the port."""
        return self._engine.loads()

    async def start_load(self, name: str) -> None:
        """See the port."""
        await self._engine.start_load(name)

    async def stop_load(self) -> None:
        """See the port."""
        await self._engine.stop_load()

    def policies(self) -> tuple[Policy, ...]:
        """See the port."""
        return self._engine.policies()

    async def pursue(self, text: str, approver: Approver) -> AsyncIterator[Event]:
        """See the port; who records this session is told as well."""
        self._control.relay.begin()
        stream = cast("AsyncGenerator[Event]", self._engine.pursue(text, approver))
        async with aclosing(stream) as events:
            async for event in events:
                self._control.relay.tell(event)
                yield event

    async def state(self) -> SchedulerState:
        """See the port."""
        return await self._engine.state()

    def deployment(self) -> Deployment | None:
        """See the port."""
        return self._engine.deployment()

    async def set_live(self, parameters: Parameters) -> Parameters:
        """See the port."""
        return await self._engine.set_live(parameters)

    async def rollback(self) -> SchedulerState:
        """See the port."""
        return await self._engine.rollback()

    async def close(self) -> None:
        """Stop listening, then close the engine."""
        await self._control.relay.handed_on()
        try:
            await self._control.__aexit__(None, None, None)
        finally:
            await self._engine.close()
