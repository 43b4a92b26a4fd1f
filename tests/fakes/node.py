"""The far end of a node link, driven by a test line by line."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

from schedtui.model.protocol import LINE_LIMIT
from schedtui.target.link import NodeLink, link_over_socket


class FarEnd:
    """Speaks as a node would, or as a hostile one."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self.nonce = ""

    async def request(self) -> dict[str, Any]:
        """Return the next request; remembers the nonce of a hello."""
        message: dict[str, Any] = json.loads(await self._reader.readline())
        if message["call"] == "hello":
            self.nonce = message["args"]["nonce"]
        return message

    async def say(self, message: dict[str, object]) -> None:
        """Send one message as it is."""
        await self.raw(json.dumps(message).encode() + b"\n")

    async def raw(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, request: dict[str, Any], ok: object) -> None:
        """Answer a request properly."""
        await self.say({"id": request["id"], "nonce": self.nonce, "ok": ok})

    def close(self) -> None:
        """Go away."""
        self.writer.close()


async def link_and_far_end() -> tuple[NodeLink, FarEnd]:
    """Return a client's link and the other end of it."""
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=theirs, limit=LINE_LIMIT)
    return await link_over_socket(ours), FarEnd(reader, writer)
