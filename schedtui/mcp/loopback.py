"""The server over HTTP, on the loopback alone and for whoever can read its token.

Any user of this machine can connect to a loopback port, and any web page can have a browser try
to. So every request needs the token, the Host header must be this very address, and a request that
a web page sent (it has an Origin) is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import uvicorn
from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from schedtui.engine.port import EngineError
from schedtui.mcp.wire import LINE_LIMIT

HOST: Final = "127.0.0.1"
PATH: Final = "/mcp"

_GRACE_S: Final = 1
"""Seconds that open answers have to end with the server."""


async def serve_http(
    server: MCPServer[Any], port: int, folder: Path, say: Callable[[str], None]
) -> None:
    """Serve until cancelled; ``port`` 0 takes a free one. Raises EngineError.

    The token is put into ``folder``, in a file with the number of the port in its name.
    """
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(_listening(port))
        port = listener.getsockname()[1]
        token_file, address = folder / f"mcp-token-{port}", f"{HOST}:{port}"
        token = stack.enter_context(_token(token_file))
        app = _Guarded(_app(server, address), token)
        say(f"MCP on http://{address}{PATH}; its token, for `Authorization: Bearer`: {token_file}")
        await _served(app, listener)


def _app(server: MCPServer[Any], address: str) -> ASGIApp:
    port = address.rpartition(":")[2]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[address, f"localhost:{port}"],
        allowed_origins=[],
    )
    return server.streamable_http_app(
        streamable_http_path=PATH, transport_security=security, max_request_body_size=LINE_LIMIT
    )


class _Guarded:
    """Lets nobody in who does not know the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = Headers(scope=scope).get("authorization", "").encode()
            if not hmac.compare_digest(given, self._expected):
                await PlainTextResponse("the token is missing or wrong", 401)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class _Quiet(uvicorn.Server):
    """Leaves signals to the verb, which cleans up the target as well."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _served(app: ASGIApp, listener: socket.socket) -> None:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = _Quiet(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="HTTP")
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving


@contextlib.contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server((HOST, port))
    except OSError as error:
        sentence = f"port {port} of the loopback cannot be had: {error.strerror}"
        raise EngineError(sentence, "choose another one, or 0 for any that is free") from error
    with listener:
        yield listener


@contextlib.contextmanager
def _token(file: Path) -> Iterator[str]:
    """Write a new token where only this user can read it, and remove it in the end."""
    token = secrets.token_urlsafe(32)
    try:
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        sentence = f"the token cannot be written: {error.strerror}"
        raise EngineError(sentence, "set XDG_STATE_HOME to a folder of yours") from error
    with os.fdopen(descriptor, "w") as opened:
        opened.write(token + "\n")
    try:
        yield token
    finally:
        file.unlink(missing_ok=True)
