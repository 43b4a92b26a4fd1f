"""What every verb is given, and the three ways it holds on to things."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TypeVar

from schedtui.commands.options import Options, UsageError
from schedtui.commands.output import Output
from schedtui.commands.services import Services
from schedtui.engine.control import Approvals
from schedtui.engine.port import Engine
from schedtui.engine.served import ServedEngine

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """The command line, the streams and the services of one call."""

    options: Options
    output: Output
    services: Services

    @property
    def session_name(self) -> str:
        """Name under which a session on the target listens and is called."""
        return self.services.session_name(self.options)

    def served(self, approvals: Approvals | None = None) -> ServedEngine:
        """Return a new engine for the target that other terminals can reach while open.

        They can also answer what waits in ``approvals``.
        """
        return ServedEngine(self.services.engine(self.options), self.session_name, approvals)

    def reached(self) -> Engine:
        """Return a new engine to look at; a recording is nothing that other terminals call."""
        recorded = self.options.replayed
        return self.services.engine(self.options) if recorded else self.served()

    def require_known_load(self) -> None:
        """Raise UsageError when ``--load`` names none, before anything is started."""
        wanted, known = self.options.load, [load.name for load in self.services.loads()]
        if wanted and wanted not in known:
            raise UsageError(f"there is no load called {wanted!r}; known: {', '.join(known)}")

    def progress(self, sentence: str) -> None:
        """Tell a step of long work on standard error."""
        self.output.say(f"  {sentence}")


@contextlib.asynccontextmanager
async def opened(engine: Engine, context: Context) -> AsyncIterator[Engine]:
    """Open an engine with its progress told on standard error, and close it in any case."""
    try:
        await engine.open(context.progress)
        yield engine
    finally:
        await engine.close()


@contextlib.asynccontextmanager
async def closing(stream: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Close an engine's stream in any case, which cancels what stands behind it."""
    try:
        yield stream
    finally:
        closer = getattr(stream, "aclose", None)
        if closer is not None:
            await closer()


@contextlib.asynccontextmanager
async def at_most(seconds: float) -> AsyncIterator[None]:
    """End the block quietly after ``seconds``; 0 means no limit."""
    try:
        async with asyncio.timeout(seconds or None) as limit:
            yield
    except TimeoutError:
        # Only our own limit is quiet: a timeout from within is somebody's error.
        if not limit.expired():
            raise
