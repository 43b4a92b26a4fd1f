"""Asking the person at the keyboard one question that cannot be answered ahead of time."""

from __future__ import annotations

import asyncio
import os
import termios

LINE_BYTES = 256


class OwnTerminal:
    """The terminal on ``entry`` (a file descriptor, standard input by default)."""

    def __init__(self, entry: int = 0, display: int = 2) -> None:
        self._entry = entry
        self._display = display

    @property
    def present(self) -> bool:
        """Tell whether both descriptors are terminals of a process in the foreground."""
        try:
            if not (os.isatty(self._entry) and os.isatty(self._display)):
                return False
            return os.tcgetpgrp(self._entry) == os.getpgrp()
        except OSError:
            # Not our controlling terminal: job control does not apply, reading works.
            return True

    async def ask(self, question: str) -> str:
        """Throw away what was typed so far, show the question and wait for one line."""
        termios.tcflush(self._entry, termios.TCIFLUSH)
        os.write(self._display, question.encode())
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()
        loop.add_reader(self._entry, self._read, answer)
        try:
            return await answer
        finally:
            loop.remove_reader(self._entry)

    def _read(self, answer: asyncio.Future[str]) -> None:
        if answer.done():
            return
        try:
            answer.set_result(os.read(self._entry, LINE_BYTES).decode("utf-8", "replace"))
        except OSError:
            answer.set_result("")
