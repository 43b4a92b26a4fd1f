"""Which guests may run now: some side by side, or one alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Hands out turns. Who holds one may rest, and ask meanwhile for one more or for all."""

    def __init__(self, side_by_side: int) -> None:
        self._count = side_by_side
        self._free = side_by_side
        self._new = 0
        self._changed = asyncio.Event()
        self._asking = asyncio.Lock()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold one turn."""
        self._new += 1
        try:
            await self._wait_for(1)
            self._take(1)
        finally:
            self._new -= 1
            self._changed.set()
        try:
            yield
        finally:
            self._take(-1)

    @asynccontextmanager
    async def rest(self) -> AsyncIterator[None]:
        """Give the turn back for a while; only for who holds one.

        It is had back at once in the end: what comes then is to be short.
        """
        self._take(-1)
        try:
            yield
        finally:
            self._take(1)

    @asynccontextmanager
    async def again(self) -> AsyncIterator[None]:
        """Hold one turn; only for who rests.

        Who has had none yet goes first: what takes longest is to begin early.
        """
        while self._free < 1 or self._new:
            await self._change()
        self._take(1)
        try:
            yield
        finally:
            self._take(-1)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Hold all turns; only for who rests. Waits until all others are done or rest as well."""
        async with self._asking:
            await self._wait_for(self._count)
            self._take(self._count)
            try:
                yield
            finally:
                self._take(-self._count)

    def _take(self, turns: int) -> None:
        self._free -= turns
        self._changed.set()

    async def _wait_for(self, turns: int) -> None:
        while self._free < turns:
            await self._change()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
