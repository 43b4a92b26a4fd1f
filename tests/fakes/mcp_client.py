"""An agent's client in this process, before a server whose services are scripted."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from mcp import Client
from mcp.client.context import ClientRequestContext
from mcp_types import CallToolResult, ElicitRequestParams, ElicitResult

from schedtui.commands.context import Context
from schedtui.commands.desk import CommandDesk
from schedtui.commands.options import Options
from schedtui.commands.output import Output
from schedtui.engine.port import Engine
from schedtui.mcp.hub import Hub
from schedtui.mcp.server import make_server
from tests.fakes.cli_services import ScriptedServices


@dataclass
class Services(ScriptedServices):
    """Scripted services, with another engine where one is given."""

    other: Engine | None = None

    def engine(self, options: Options) -> Engine:
        return self.other or self.made


@dataclass
class Person:
    """Whom the client asks. Remembers every question."""

    action: str = "accept"
    types: str = "9f31"
    asked: list[str] = field(default_factory=list)

    async def answer(
        self, context: ClientRequestContext, params: ElicitRequestParams
    ) -> ElicitResult:
        self.asked.append(params.message)
        content = {"short_hash": self.types} if self.action == "accept" else None
        return ElicitResult.model_validate({"action": self.action, "content": content})


@dataclass
class Agent:
    """A client with what the server told it while it worked."""

    client: Client
    progress: list[str] = field(default_factory=list)

    async def call(self, tool: str, **arguments: Any) -> CallToolResult:
        return await self.client.call_tool(tool, arguments, progress_callback=self._heard)

    async def answer(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Return the structured answer of a call that succeeds."""
        result = await self.call(tool, **arguments)
        assert not result.is_error, text_of(result)
        assert isinstance(result.structured_content, dict)
        assert json.loads(text_of(result)) == result.structured_content
        return result.structured_content

    async def refusal(self, tool: str, **arguments: Any) -> str:
        """Return the sentence of a call that fails."""
        result = await self.call(tool, **arguments)
        assert result.is_error
        return text_of(result)

    async def _heard(self, progress: float, total: float | None, message: str | None) -> None:
        self.progress.append(message or "")


def text_of(result: CallToolResult) -> str:
    return "".join(getattr(part, "text", "") for part in result.content)


def verb_context(services: ScriptedServices, **options: Any) -> tuple[Context, io.StringIO]:
    """Return what the verb is run with, and where it talks to people."""
    talk = io.StringIO()
    output = Output(io.StringIO(), talk, json=False)
    return Context(Options("mcp", **options), output, services), talk


@asynccontextmanager
async def agent(
    services: ScriptedServices,
    person: Person | None = None,
    mode: str = "auto",
    target: str = "sandbox",
) -> AsyncIterator[Agent]:
    """Connect a client to a server of its own; without a person it cannot ask anybody."""
    context, _ = verb_context(services, target=target)
    hub = Hub(CommandDesk(context))
    asking = person.answer if person else None
    try:
        async with Client(make_server(hub), mode=mode, elicitation_callback=asking) as client:
            yield Agent(client)
    finally:
        await hub.close()
