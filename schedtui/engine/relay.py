"""What a session shows, as one stream for another terminal: its hello, samples, events of goals."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

from schedtui.engine.port import EngineError
from schedtui.model.events import Event
from schedtui.model.machine import Hello
from schedtui.model.telemetry import Snapshot
from schedtui.model.wire import Json, WireError, from_json, tagged, to_json
from schedtui.tape.told import event_of

Sent = Hello | Snapshot | Event
Part = dict[str, Json]
"""One of ``hello``, ``sample`` and ``event`` with its value."""

_SAMPLES_WAITING: Final = 32
_EVENTS_KEPT: Final = 2000
_LAST_WORDS_S: Final = 0.05


class Relay:
    """Hands on the events of one session; who comes late gets those of the goal so far."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Part | None]] = set()
        self._told: list[Part] = []

    def begin(self) -> None:
        """Forget the events of the goal before."""
        self._told = []

    def tell(self, event: Event) -> None:
        """Hand on one event."""
        part: Part = {"event": tagged(event)}
        if len(self._told) < _EVENTS_KEPT:
            self._told.append(part)
        for listener in self._listeners:
            listener.put_nowait(part)

    async def handed_on(self) -> None:
        """Wait a moment until everybody has what was told: the end of a goal comes last."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_S):
                await asyncio.gather(*(listener.join() for listener in self._listeners))

    async def stream(
        self, hello: Hello, snapshots: AsyncIterator[Snapshot]
    ) -> AsyncGenerator[Part]:
        """Yield the hello, then samples and events as they come; a slow reader misses samples."""
        waiting: asyncio.Queue[Part | None] = asyncio.Queue()
        waiting.put_nowait({"hello": to_json(hello)})
        for told in self._told:
            waiting.put_nowait(told)
        self._listeners.add(waiting)
        pump = asyncio.create_task(_pumped(snapshots, waiting))
        try:
            while (part := await waiting.get()) is not None:
                yield part
                # Whoever takes the next one has done with this one.
                waiting.task_done()
            await pump
        finally:
            self._listeners.discard(waiting)
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError, EngineError):
                await pump


async def _pumped(snapshots: AsyncIterator[Snapshot], waiting: asyncio.Queue[Part | None]) -> None:
    try:
        async for snapshot in snapshots:
            if waiting.qsize() < _SAMPLES_WAITING:
                waiting.put_nowait({"sample": to_json(snapshot)})
    finally:
        waiting.put_nowait(None)


def received(part: Part) -> Sent:
    """Return what a part of the stream carries. Raises WireError."""
    match part:
        case {"hello": body}:
            return from_json(Hello, body)
        case {"sample": body}:
            return from_json(Snapshot, body)
        case {"event": dict(body)}:
            return event_of(body)
        case _:
            raise WireError("a part of the stream is of no known kind")
