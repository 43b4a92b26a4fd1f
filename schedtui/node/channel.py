"""Bounded, non-blocking line transport of the node."""

from __future__ import annotations

import json
import os
import selectors
from typing import Final

from schedtui.model.protocol import LINE_LIMIT

_CHUNK: Final = 1 << 16


class ChannelClosed(Exception):  # noqa: N818 - it is an event, not a fault
    """The client is gone."""


class Channel:
    """Reads requests and writes answers over a pair of file descriptors."""

    def __init__(self, source: int, sink: int) -> None:
        self.source = source
        self._sink = sink
        self._received = bytearray()
        self._unsent = bytearray()
        os.set_blocking(source, False)
        os.set_blocking(sink, False)

    @property
    def behind(self) -> bool:
        """Tell whether the client has not taken everything yet; samples are then skipped."""
        return bool(self._unsent)

    def receive(self) -> list[object]:
        """Return the complete messages that have arrived. Raises ChannelClosed."""
        while True:
            try:
                data = os.read(self.source, _CHUNK)
            except BlockingIOError:
                break
            except OSError as error:
                raise ChannelClosed from error
            if not data:
                raise ChannelClosed
            self._received += data
            if len(self._received) > LINE_LIMIT + _CHUNK:
                raise ChannelClosed
        return self._complete()

    def _complete(self) -> list[object]:
        *lines, rest = self._received.split(b"\n")
        self._received = bytearray(rest)
        try:
            return [json.loads(line) for line in lines if line.strip()]
        except (ValueError, RecursionError) as error:
            raise ChannelClosed from error

    def send(self, message: dict[str, object]) -> None:
        """Queue a message and write what the client takes now. Raises ChannelClosed."""
        self._unsent += json.dumps(message, separators=(",", ":")).encode() + b"\n"
        self.flush()

    def flush(self) -> None:
        """Write what the client takes now. Raises ChannelClosed."""
        while self._unsent:
            try:
                written = os.write(self._sink, self._unsent[:_CHUNK])
            except BlockingIOError:
                return
            except OSError as error:
                raise ChannelClosed from error
            del self._unsent[:written]

    def watch(self, selector: selectors.BaseSelector) -> None:
        """Wake ``selector`` when the client says something."""
        selector.register(self.source, selectors.EVENT_READ)
