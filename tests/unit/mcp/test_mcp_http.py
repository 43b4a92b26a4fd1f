"""The server on the loopback: nobody without the token, no other host name, no web page."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from schedtui.commands.mcp import run as run_verb
from tests.fakes.cli_services import OBJECT, ScriptedServices
from tests.fakes.mcp_client import Agent, Person, verb_context
from tests.unit.cli.test_cli_verbs import Call

LISTING = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


def token_file(services: ScriptedServices) -> Path:
    (file,) = services.own_state.glob("mcp-token-*")
    return file


@asynccontextmanager
async def serving(services: ScriptedServices) -> AsyncIterator[tuple[str, str]]:
    """Run the verb until the block ends; gives its address and its token."""
    context, talk = verb_context(services, http_port=0)
    verb = asyncio.create_task(run_verb(context))
    try:
        async with asyncio.timeout(30):
            while "MCP on " not in talk.getvalue():
                assert not verb.done(), verb.exception()
                await asyncio.sleep(0.01)
        url = talk.getvalue().split("MCP on ")[1].split(";")[0]
        yield url, token_file(services).read_text().strip()
    finally:
        verb.cancel()
        await asyncio.gather(verb, return_exceptions=True)


async def asked(url: str, **headers: str) -> int:
    """Return the status of a request with these headers."""
    usual = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
    async with httpx2.AsyncClient(headers=usual | headers) as client:
        return (await client.post(url, json=LISTING)).status_code


async def test_a_client_with_the_token_has_a_person_asked(tmp_path: Path) -> None:
    services, person = ScriptedServices(own_state=tmp_path), Person()
    async with serving(services) as (url, token):
        assert url.startswith("http://127.0.0.1:")
        assert token_file(services).stat().st_mode & 0o777 == 0o600
        headers = {"authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(
                streamable_http_client(url, http_client=http), elicitation_callback=person.answer
            ) as client,
        ):
            speaking = Agent(client)
            await speaking.answer("propose", goal="cut the p99")
            done = await speaking.answer("deploy", object_sha256=OBJECT)
            assert done["stage"] == "promoted"
    assert any("promoted" in line for line in speaking.progress)
    assert OBJECT in person.asked[0]
    assert services.made.asked[-1] == "close"
    assert list(tmp_path.iterdir()) == []


async def test_everybody_else_is_turned_away(tmp_path: Path) -> None:
    async with serving(ScriptedServices(own_state=tmp_path)) as (url, token):
        port = url.rsplit(":", 1)[1].split("/")[0]
        good = {"authorization": f"Bearer {token}"}
        assert await asked(url) == 401
        assert await asked(url, authorization="Bearer x") == 401
        assert await asked(url, authorization=f"Bearer {token}x") == 401
        assert await asked(url, **good, host=f"evil.example:{port}") == 421
        assert await asked(url, **good, origin="https://evil.example") == 403
        assert await asked(url, **good, origin=f"http://127.0.0.1:{port}") == 403
        assert await asked(url, **good) not in {401, 403, 421}


@pytest.mark.parametrize("lacks", ["port", "folder"])
def test_what_cannot_be_had_is_named_with_its_fix(lacks: str, tmp_path: Path) -> None:
    folder = tmp_path if lacks == "port" else tmp_path / "nowhere"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1] if lacks == "port" else 0
        call = Call(ScriptedServices(own_state=folder), verb="mcp", http_port=port)
    assert call.code == 3
    assert f"{lacks}" in call.talk
    assert "fix:" in call.talk
