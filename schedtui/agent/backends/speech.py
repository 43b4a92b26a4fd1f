"""Turns the events of a stream into lines, as soon as they are whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from schedtui.agent.backends.port import BackendError

_LONGEST: Final = 300
"""A line that is longer is told in parts; what is cut off has no blank in it."""


MOST: Final = 200_000
"""Characters of one turn: several times what the largest allowance comes to."""


class Speech:
    """What a model says in one turn. A word, and so a key, is never told in two parts."""

    def __init__(self, tell: Callable[[bool, str], None]) -> None:
        self._tell = tell
        self._rest = ""
        self._aloud = False
        self._characters = 0
        self.begun = False
        """The server has begun to answer, and so to charge."""
        self.whole = False
        """The answer has come to its end."""

    def take(self, event: Any) -> None:  # noqa: ANN401 - the client's union of fifteen types
        """Take the next event. Raises BackendError when it is far more than was asked for."""
        match event.type:
            case "message_start":
                self.begun = True
            case "text":
                self._hear(event.text, aloud=True)
            case "thinking":
                self._hear(event.thinking, aloud=False)
            case "input_json":
                self._count(event.partial_json)
            case "content_block_stop":
                self._flush()
            case "message_stop":
                self.whole = True
            case _:
                pass

    def _count(self, text: str) -> None:
        self._characters += len(text)
        if self._characters > MOST:
            raise BackendError("the answer has no end", begun=True)

    def _hear(self, text: str, *, aloud: bool) -> None:
        self._count(text)
        self._aloud = aloud
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._say(line)
        if len(self._rest) > _LONGEST and " " in self._rest:
            head, _, self._rest = self._rest.rpartition(" ")
            self._say(head)

    def _flush(self) -> None:
        self._say(self._rest)
        self._rest = ""

    def _say(self, line: str) -> None:
        if line.strip():
            self._tell(self._aloud, line.rstrip())
