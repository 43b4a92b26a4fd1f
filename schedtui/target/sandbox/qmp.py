"""The few commands of QEMU's machine protocol that the sandbox needs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Iterator

_ANSWER_SECONDS = 10.0
_GONE = "QEMU is gone"


class QmpError(Exception):
    """QEMU refused a command or is gone."""


@contextlib.contextmanager
def _told_when_gone() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise QmpError(_GONE) from error


class Qmp:
    """Speaks to one QEMU over a connected socket."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._buffer = b""

    async def greet(self) -> None:
        """Wait for QEMU and leave its capability negotiation."""
        await self._message()
        await self.command("qmp_capabilities")

    async def command(self, name: str, **arguments: object) -> dict[str, object]:
        """Run one command and return what it returned. Raises QmpError."""
        await self._send(name, arguments)
        answer = await self._answer(name)
        return answer if isinstance(answer, dict) else {}

    async def cpu_threads(self) -> tuple[int, ...]:
        """Return the host's thread ids of the guest's CPUs, in order. Raises QmpError."""
        await self._send("query-cpus-fast", {})
        answer = await self._answer("query-cpus-fast")
        cpus = [cpu for cpu in answer if isinstance(cpu, dict)] if isinstance(answer, list) else []
        return tuple(thread for cpu in cpus if isinstance(thread := cpu.get("thread-id"), int))

    async def pass_file(self, name: str, descriptor: int) -> None:
        """Give QEMU an open file under a name, so that no path is ever handed over."""
        text = json.dumps({"execute": "getfd", "arguments": {"fdname": name}}).encode()
        self._socket.setblocking(True)
        try:
            with _told_when_gone():
                socket.send_fds(self._socket, [text], [descriptor])
        finally:
            self._socket.setblocking(False)
        await self._answer("getfd")

    async def _send(self, name: str, arguments: dict[str, object]) -> None:
        text = json.dumps({"execute": name, "arguments": arguments}).encode()
        with _told_when_gone():
            await asyncio.get_running_loop().sock_sendall(self._socket, text)

    async def _answer(self, name: str) -> object:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                while True:
                    message = await self._message()
                    if "error" in message:
                        raise QmpError(f"{name}: {message['error']}")
                    if "return" in message:
                        return message["return"]
        except TimeoutError as error:
            raise QmpError(f"QEMU did not answer {name}") from error

    async def _message(self) -> dict[str, object]:
        while b"\n" not in self._buffer:
            with _told_when_gone():
                more = await asyncio.get_running_loop().sock_recv(self._socket, 65536)
            if not more:
                raise QmpError(_GONE)
            self._buffer += more
        line, _, self._buffer = self._buffer.partition(b"\n")
        try:
            message = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise QmpError("QEMU's answer cannot be read") from error
        return message if isinstance(message, dict) else {}

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
