"""The newest sample for everyone who wants one; nobody ever waits for a slow reader."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from statistics import median
from typing import Final

from schedtui.engine.port import EngineError
from schedtui.model.telemetry import Snapshot

_KEPT_SECONDS: Final = 60.0


class Pulse:
    """Receives samples and hands out the latest."""

    def __init__(self) -> None:
        self._latest: Snapshot | None = None
        self._arrived = asyncio.Condition()
        self._recent: deque[Snapshot] = deque(maxlen=int(_KEPT_SECONDS * 10))
        self._closed = False
        self._failure: EngineError | None = None
        self.last_at = time.monotonic()
        """When the newest sample arrived, on the monotonic clock."""

    def receive(self, snapshot: Snapshot) -> None:
        """Take a new sample; called from the link."""
        self._latest = snapshot
        self.last_at = time.monotonic()
        self._recent.append(snapshot)
        asyncio.get_running_loop().create_task(self._announce())

    async def _announce(self) -> None:
        async with self._arrived:
            self._arrived.notify_all()

    async def end(self, failure: EngineError | None = None) -> None:
        """Let all readers finish; with a failure they raise it."""
        self._closed = True
        self._failure = self._failure or failure
        await self._announce()

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        """Yield the newest snapshot each time there is a newer one."""
        seen: Snapshot | None = None
        while True:
            seen = await self._newer_than(seen)
            if seen is None:
                break
            yield seen
        if self._failure is not None:
            raise self._failure

    async def _newer_than(self, seen: Snapshot | None) -> Snapshot | None:
        async with self._arrived:
            await self._arrived.wait_for(lambda: self._latest is not seen or self._closed)
        return None if self._closed else self._latest

    async def collect(self, seconds: float) -> list[Snapshot]:
        """Return every sample of the next ``seconds`` seconds."""
        start = self._latest
        await asyncio.sleep(seconds)
        fresh = list(self._recent)
        return fresh[fresh.index(start) + 1 :] if start in fresh else fresh

    def load_metric(self, metric: str, *, ours: bool, seconds: float) -> float | None:
        """Return the median of what the load reported while ours was (not) in charge."""
        newest = self._recent[-1].unix_ms if self._recent else 0
        values: list[float] = []
        for snapshot in self._recent:
            fresh = newest - snapshot.unix_ms <= seconds * 1000
            value = snapshot.load.metric(metric) if snapshot.load and fresh else None
            if value is not None and snapshot.scheduler.ours is ours:
                values.append(value)
        return median(values) if values else None
