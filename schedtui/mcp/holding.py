"""The target of this server: opened at the first use, closed with the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from schedtui.engine.port import Engine, EngineError

HERTZ: Final = 4.0
"""Samples per second: enough for the shortest look."""


class Holding:
    """Keeps one engine open. Whatever it has deployed is rolled back when it closes."""

    def __init__(self, make: Callable[[], Engine]) -> None:
        self._make = make
        self._engine: Engine | None = None
        self._opening = asyncio.Lock()

    @property
    def opened(self) -> Engine | None:
        """The engine, None before the first use."""
        return self._engine

    async def engine(self, say: Callable[[str], None]) -> Engine:
        """Return the engine, opened anew where it was lost. Raises EngineError."""
        async with self._opening:
            if self._engine is not None and not await _lives(self._engine):
                await self.close()
            if self._engine is None:
                self._engine = await self._open(say)
            return self._engine

    async def _open(self, say: Callable[[str], None]) -> Engine:
        engine = self._make()
        try:
            await engine.open(say)
            await engine.set_rate(HERTZ)
        except BaseException:
            await engine.close()
            raise
        return engine

    async def close(self) -> None:
        """Close the engine; the kernel's own scheduler is in charge again."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()


async def _lives(engine: Engine) -> bool:
    try:
        await engine.state()
    except EngineError:
        return False
    return True
