"""The verb itself in a process of its own, spoken to by the package's own client."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from mcp import Client
from mcp.client.stdio import StdioServerParameters

from schedtui.commands.services import package_missing
from tests.fakes.cli_services import OBJECT, ScriptedServices
from tests.fakes.mcp_client import Agent, Person
from tests.unit.cli.test_cli_verbs import Call

ROOT = Path(__file__).parents[3]

PROGRAM = """
import sys
from pathlib import Path
from schedtui.cli import read_options
from schedtui.commands.run import run
from tests.fakes.cli_services import ScriptedServices
services = ScriptedServices()
code = run(read_options(["mcp"]), services)
Path(sys.argv[1]).write_text(" ".join(services.made.asked))
sys.exit(code)
"""
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


async def test_from_a_goal_to_an_approved_deployment_over_stdio(tmp_path: Path) -> None:
    said, person = tmp_path / "asked", Person()
    server = StdioServerParameters(
        command=sys.executable, args=["-c", PROGRAM, str(said)], cwd=str(ROOT)
    )
    async with Client(server, elicitation_callback=person.answer) as client:
        speaking = Agent(client)
        seen = await speaking.answer("watch", seconds=0.5)
        assert seen["in_charge"] == "kernel default (EEVDF)"
        proposal = await speaking.answer("propose", goal="cut the p99")
        assert proposal["outcome"] == "needs approval"
        done = await speaking.answer("deploy", object_sha256=proposal["object_sha256"])
        assert done["stage"] == "promoted"
    assert any("deployed" in line for line in speaking.progress)
    assert OBJECT in person.asked[0]
    assert said.read_text().endswith("approved 9f31 elicitation close")


def test_a_signal_ends_the_server_although_its_client_is_silent(tmp_path: Path) -> None:
    said = tmp_path / "asked"
    command = [sys.executable, "-c", PROGRAM, str(said)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        watch = {"name": "watch", "arguments": {"seconds": 0.5}}
        call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": watch}
        for message in (HELLO, {"jsonrpc": "2.0", "method": "notifications/initialized"}, call):
            process.stdin.write(json.dumps(message).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 1
        assert json.loads(process.stdout.readline())["id"] == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 143
        assert b"Traceback" not in (process.stderr.read() if process.stderr else b"")
    assert said.read_text() == "open rate 4 close"


def test_the_verb_takes_no_json() -> None:
    call = Call(ScriptedServices(), verb="mcp", json=True)
    assert call.code == 2
    assert "speaks JSON by itself" in call.talk


def test_without_the_package_the_fix_names_the_extra() -> None:
    lack = package_missing(ModuleNotFoundError("No module named 'mcp'", name="mcp.server"))
    assert lack is not None
    assert lack.fix == "python3 -m pip install 'schedtui[mcp]'"
