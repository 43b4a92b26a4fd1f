"""Client side of the node protocol over an asyncio byte stream."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import secrets
import socket
import time
from collections.abc import Callable
from typing import Final, TypeVar

from schedtui.model.machine import Hello
from schedtui.model.protocol import LINE_LIMIT, PROTOCOL, READY, HelloArgs, Nothing
from schedtui.model.telemetry import Snapshot
from schedtui.model.text import safe_text
from schedtui.model.wire import WireError, from_json, to_json

T = TypeVar("T")

_CALL_SECONDS: Final = 20.0


class LinkError(Exception):
    """The node is gone, does not answer, or said no (``refused`` is then true)."""

    def __init__(self, sentence: str, *, refused: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.refused = refused


class NodeLink:
    """One conversation with one node. All it receives is treated as hostile."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[object]] = {}
        self._nonce = ""
        self._failure = ""
        self._sink: Callable[[Snapshot], None] | None = None
        self.ready = asyncio.Event()
        self.closed = asyncio.Event()
        self.session_key = secrets.token_bytes(32)
        self._pump = asyncio.create_task(self._read_lines(), name="node link")

    @property
    def failure(self) -> str:
        """Why the conversation ended, empty while it goes on."""
        return self._failure

    async def hello(
        self, target: str, *, throwaway: bool, virtual: str = "", clock_shift_s: int = 0
    ) -> Hello:
        """Greet the node: gives it time, randomness and this session's token key.

        ``clock_shift_s`` is added to the time, so that a guest cannot be told by its date.
        """
        nonce = secrets.token_hex(16)
        args = HelloArgs(
            protocol=PROTOCOL,
            nonce=nonce,
            unix_ns=time.time_ns() + clock_shift_s * 1_000_000_000,
            seed=secrets.token_hex(32),
            session_key=self.session_key.hex(),
            throwaway=throwaway,
            target=target,
            virtual=virtual,
        )
        self._nonce = nonce
        return await self.call("hello", args, Hello)

    async def call(
        self, name: str, args: object, answer: type[T], seconds: float = _CALL_SECONDS
    ) -> T:
        """Call the node and return its answer. Raises LinkError."""
        if self.closed.is_set():
            raise LinkError(self._failure or "the node is gone")
        number = next(self._ids)
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            self._send({"id": number, "call": name, "args": to_json(args)})
            async with asyncio.timeout(seconds):
                return from_json(answer, await future)
        except TimeoutError as error:
            raise LinkError(f"the node did not answer {name!r} within {seconds:g} s") from error
        except WireError as error:
            raise LinkError(f"the node answered {name!r} with nonsense: {error}") from error
        finally:
            del self._waiting[number]

    async def tell(self, name: str, args: object | None = None) -> None:
        """Call the node for its effect only. Raises LinkError."""
        await self.call(name, Nothing() if args is None else args, Nothing)

    def on_sample(self, sink: Callable[[Snapshot], None] | None) -> None:
        """Deliver every pushed sample to ``sink``."""
        self._sink = sink

    async def close(self) -> None:
        """End the conversation; calls that wait fail with LinkError."""
        self._pump.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._pump
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    def _send(self, message: dict[str, object]) -> None:
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        if len(line) > LINE_LIMIT:
            raise LinkError("the message is too long for the node")
        self._writer.write(line)

    async def _read_lines(self) -> None:
        try:
            while line := await self._reader.readline():
                self._receive(line)
            self._failure = "the node ended the conversation"
        except (OSError, ValueError, RecursionError) as error:
            self._failure = f"the conversation with the node broke: {safe_text(str(error))}"
        finally:
            self.closed.set()
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(LinkError(self._failure or "the node is gone"))

    def _receive(self, line: bytes) -> None:
        message = json.loads(line)
        if not isinstance(message, dict):
            raise ValueError("a message is not an object")
        if message.get("event") == READY:
            self.ready.set()
            return
        if message.get("nonce") != self._nonce:
            raise ValueError("a message does not carry this session's nonce")
        if message.get("event") == "sample":
            self._deliver(message.get("data"))
            return
        self._answer(message)

    def _deliver(self, data: object) -> None:
        if self._sink is not None:
            self._sink(from_json(Snapshot, data))

    def _answer(self, message: dict[str, object]) -> None:
        number = message.get("id")
        future = self._waiting.get(number) if isinstance(number, int) else None
        if future is None or future.done():
            return
        error = message.get("error")
        if isinstance(error, dict):
            sentence = safe_text(str(error.get("sentence", "the node said no")))
            future.set_exception(LinkError(sentence, refused=True))
        else:
            future.set_result(message.get("ok"))


async def link_over_socket(sock: socket.socket) -> NodeLink:
    """Return a link over a connected socket that this process owns."""
    reader, writer = await asyncio.open_connection(sock=sock, limit=LINE_LIMIT)
    return NodeLink(reader, writer)
