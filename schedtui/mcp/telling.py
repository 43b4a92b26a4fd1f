"""What every tool does alike: progress while it works, and errors as a sentence with its fix."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Final, ParamSpec, Self

import anyio
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import MCPServerError, ToolError
from mcp.shared.exceptions import MCPError

from schedtui.mcp.answers import Answer
from schedtui.mcp.capping import USUAL_CAP, fitted, plain_lines
from schedtui.model.events import Event

P = ParamSpec("P")

MESSAGE_CAP: Final = 2_000
"""Most characters of one message of progress."""

_FLUSH_S: Final = 1.0
"""Longest wait for a client that does not take its progress."""


def answering(
    cap: int = USUAL_CAP,
) -> Callable[[Callable[P, Coroutine[Any, Any, Answer]]], Callable[P, Coroutine[Any, Any, Any]]]:
    """Make an answer plain, keep it below ``cap`` characters, and turn errors into sentences."""

    def wrap(
        tool: Callable[P, Coroutine[Any, Any, Answer]],
    ) -> Callable[P, Coroutine[Any, Any, Any]]:
        @functools.wraps(tool)
        async def answered(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401 - JSON of the answer
            try:
                return fitted(await _whole(tool(*args, **kwargs)), cap)
            except (MCPError, MCPServerError):
                raise
            except Exception as error:
                raise ToolError(plain_lines(sentence_of(error))) from error

        return answered

    return wrap


async def _whole(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Do the work in a task of its own, which is cancelled once and cleans up in peace."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        with anyio.CancelScope(shield=True), contextlib.suppress(asyncio.CancelledError):
            await task
        raise


def sentence_of(error: Exception) -> str:
    """Return what went wrong and what can be done about it."""
    sentence = getattr(error, "sentence", "")
    if not sentence:
        return f"a fault of schedtui itself: {type(error).__name__}: {error}"
    fix = getattr(error, "fix", "")
    return f"{sentence}. Fix: {fix}" if fix else str(sentence)


class Progress:
    """Sends lines to the client as progress, in order, without holding up the work."""

    def __init__(
        self, context: Context[Any, Any], story: Callable[[Event], tuple[str, ...]]
    ) -> None:
        self._context = context
        self._story = story
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._sender: asyncio.Task[None] | None = None

    def tell(self, event: Event) -> None:
        """Send the lines of an event; most signs of life have none."""
        if lines := self._story(event):
            self.say("\n".join(lines))

    def say(self, sentence: str) -> None:
        """Send one sentence."""
        self._lines.put_nowait(plain_lines(sentence)[:MESSAGE_CAP])

    async def __aenter__(self) -> Self:
        self._sender = asyncio.create_task(self._send(), name="progress over MCP")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._sender is None:
            return
        self._lines.put_nowait(None)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._sender, _FLUSH_S)

    async def _send(self) -> None:
        count = 0
        while (line := await self._lines.get()) is not None:
            count += 1
            try:
                await self._context.report_progress(count, None, line)
            except Exception:  # noqa: BLE001 - a client that is gone takes no progress, the work goes on
                return
