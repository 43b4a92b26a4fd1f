"""``schedtui mcp``: the MCP server, for agents that may look, try and propose."""

from __future__ import annotations

import functools

from schedtui.commands.context import Context
from schedtui.commands.desk import CommandDesk
from schedtui.commands.options import Exit, UsageError
from schedtui.mcp.loopback import serve_http
from schedtui.mcp.server import on_standard_streams, serve


async def run(context: Context) -> int:
    """Serve until the client closes standard input, or a signal comes; then give all back."""
    if context.output.json:
        raise UsageError("mcp speaks JSON by itself; it takes no --json")
    port, desk = context.options.http_port, CommandDesk(context)
    if port is None:
        await serve(desk, on_standard_streams)
    else:
        folder, say = context.services.state_folder(), context.output.say
        await serve(desk, functools.partial(serve_http, port=port, folder=folder, say=say))
    return Exit.DONE
