"""Which guests may run now: some side by side, or one alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Hands out turns; who holds one may ask to be alone for a while."""

    def __init__(self, side_by_side: int) -> None:
        self._count = side_by_side
        self._free = side_by_side
        self._changed = asyncio.Event()
        self._asking = asyncio.Lock()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold one turn."""
        await self._wait_for(1)
        self._take(1)
        try:
            yield
        finally:
            self._take(-1)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Hold all turns; only for who holds one, which meanwhile counts as given back.

        Waits until all others are done or ask as well.
        """
        self._take(-1)
        held = 1
        try:
            async with self._asking:
                await self._wait_for(self._count)
                self._take(self._count)
                held = 1 - self._count
                yield
        finally:
            # One turn stays with its holder, also when it was cancelled while it waited.
            self._take(held)

    def _take(self, turns: int) -> None:
        self._free -= turns
        self._changed.set()

    async def _wait_for(self, turns: int) -> None:
        while self._free < turns:
            self._changed.clear()
            await self._changed.wait()
