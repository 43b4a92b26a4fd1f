"""``schedtui mcp``: the MCP server, for agents that may look, try and propose."""

from __future__ import annotations

from schedtui.commands.context import Context
from schedtui.commands.desk import CommandDesk
from schedtui.commands.options import Exit, UsageError
from schedtui.mcp.server import serve


async def run(context: Context) -> int:
    """Serve until the client closes standard input, then give everything back."""
    if context.output.json:
        raise UsageError("mcp speaks JSON by itself; it takes no --json")
    await serve(CommandDesk(context))
    return Exit.DONE
