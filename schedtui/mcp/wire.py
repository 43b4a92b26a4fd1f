"""Standard input as a stream of lines that a signal can end.

The package's own reader sits in a thread that is waited for, so that a server whose client says
nothing more could not be ended by a signal, and with it not its guest either.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Final

LINE_LIMIT: Final = 4 << 20
"""Longest message in bytes; a client that sends a longer one is done with."""

_AHEAD: Final = 16
"""Messages that are read ahead of their handling."""


@contextlib.contextmanager
def claimed_input() -> Iterator[int]:
    """Give standard input away for good: children of this process read nothing from it."""
    wire = os.dup(0)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    try:
        yield wire
    finally:
        # The descriptor itself stays open: the thread may still be waiting on it.
        os.dup2(wire, 0)


class Lines:
    """The lines of a descriptor, read by a thread that nobody waits for."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue(_AHEAD)
        threading.Thread(target=self._read, name="MCP input", daemon=True).start()

    def __aiter__(self) -> Lines:
        return self

    async def __anext__(self) -> str:
        line = await self._lines.get()
        if line is None:
            raise StopAsyncIteration
        return line

    def _read(self) -> None:
        # Cancelled, or the loop is closed: the server has ended.
        with contextlib.suppress(asyncio.CancelledError, RuntimeError):
            for line in _lines_of(self._descriptor):
                self._hand_over(line)
            self._hand_over(None)

    def _hand_over(self, line: str | None) -> None:
        asyncio.run_coroutine_threadsafe(self._lines.put(line), self._loop).result()


def _lines_of(descriptor: int) -> Iterator[str]:
    """Yield whole lines until the end, or until one is too long."""
    held = b""
    while len(held) <= LINE_LIMIT and (read := _read_some(descriptor)):
        *whole, held = (held + read).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in whole)


def _read_some(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:
        return b""
