"""The few commands of QEMU's machine protocol that the sandbox needs."""

from __future__ import annotations

import asyncio
import json
import socket

_ANSWER_SECONDS = 10.0


class QmpError(Exception):
    """QEMU refused a command or is gone."""


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
            socket.send_fds(self._socket, [text], [descriptor])
        except OSError as error:
            raise QmpError("QEMU is gone") from error
        finally:
            self._socket.setblocking(False)
        await self._answer("getfd")

    async def _send(self, name: str, arguments: dict[str, object]) -> None:
        text = json.dumps({"execute": name, "arguments": arguments}).encode()
        try:
            await asyncio.get_running_loop().sock_sendall(self._socket, text)
        except OSError as error:
            raise QmpError("QEMU is gone") from error

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
            try:
                more = await asyncio.get_running_loop().sock_recv(self._socket, 65536)
            except OSError as error:
                raise QmpError("QEMU is gone") from error
            if not more:
                raise QmpError("QEMU is gone")
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
