"""``schedtui mcp`` with the real sandbox, spoken to by the package's own client."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from schedtui.target.sandbox.lab import Lab
from tests.fakes.mcp_client import Agent
from tests.processes import guests, left_after

pytestmark = pytest.mark.vm

ROOT = Path(__file__).parents[2]


async def test_an_agent_sees_the_sandbox_and_has_a_source_verified(
    lab: Lab, tmp_path: Path
) -> None:
    environment = os.environ | {"XDG_STATE_HOME": str(tmp_path)}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "schedtui", "mcp"], cwd=str(ROOT), env=environment
    )
    source = (ROOT / "bpf/schedulers/fifo_rtc.bpf.c").read_text()
    async with Client(server) as client:
        agent = Agent(client)
        seen = await agent.answer("watch", seconds=0.5)
        assert (seen["source"], seen["cpus"]) == ("bpf", 2)
        verified = await agent.answer("verify", source=source, battery="none")
        assert verified["passed"]
        gates = [gate["gate"] for gate in verified["gates"]]
        assert gates == ["rules", "compile", "object", "kernel"]
        assert len(verified["object_sha256"]) == 64
        running = guests(os.getpid())
        rejected = await agent.answer("verify", source=f"{source}\nint broken(", battery="none")
        assert not rejected["passed"]
        assert rejected["findings"]
    assert running
    assert left_after(running, 5) == []
