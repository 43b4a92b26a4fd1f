"""Resources: what can be read without calling a tool."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Final

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from schedtui.engine.port import EngineError
from schedtui.mcp.capping import plain_lines
from schedtui.mcp.hub import Hub
from schedtui.mcp.reading import named_policy
from schedtui.mcp.telling import sentence_of
from schedtui.model.external import External, Listed
from schedtui.model.policy import Policy
from schedtui.model.wire import Json, tagged, to_json
from schedtui.verify.catalogue import UnknownCodeError, entries, entry_of

RESOURCE_CAP: Final = 256_000
"""Most characters of a resource."""

_JSON: Final = "application/json"


def add_resources(server: MCPServer[Any], hub: Hub) -> None:
    """Register all resources."""
    _add_policies(server, hub)
    _add_findings(server)

    @server.resource("schedtui://goal/events", mime_type="application/x-ndjson")
    def goal_events() -> str:
        """The typed events of the last goal, one JSON object a line, as `goal --json --stream`."""
        events = hub.pursuing.events if hub.pursuing else ()
        return _capped(json.dumps(tagged(event), ensure_ascii=False) for event in events)


def _add_policies(server: MCPServer[Any], hub: Hub) -> None:
    @server.resource("schedtui://policies", mime_type=_JSON)
    def policies() -> str:
        """Names, titles and families of all policies, each with the address of its card."""
        return _document([_listed(each) for each in hub.desk.policies()])

    @server.resource("schedtui://policies/{name}", mime_type=_JSON)
    def policy(name: str) -> str:
        """One policy without its source: parameters with units and ranges, limits, hashes."""
        return _document(_card(_named(hub, name)))

    @server.resource("schedtui://policies/{name}/manifest", mime_type=_JSON)
    def manifest(name: str) -> str:
        """The manifest that a policy travels with: its files with sizes in bytes and hashes."""
        found = _own(hub, name)
        try:
            return _document(to_json(hub.desk.manifest(found)))
        except EngineError as error:
            raise ResourceError(sentence_of(error)) from error

    @server.resource("schedtui://policies/{name}/source", mime_type="text/x-c")
    def source(name: str) -> str:
        """The BPF C of one policy."""
        return _capped(plain_lines(_own(hub, name).source).split("\n"))


def _add_findings(server: MCPServer[Any]) -> None:
    @server.resource("schedtui://findings", mime_type=_JSON)
    def findings() -> str:
        """The catalogue of findings: code, severity and sentence of each."""
        return _document(
            [
                {"code": each.code, "severity": each.severity.value, "sentence": each.sentence}
                for each in entries()
            ]
        )

    @server.resource("schedtui://findings/{code}", mime_type=_JSON)
    def finding(code: str) -> str:
        """One finding with its hint and its explanation."""
        try:
            return _document(to_json(entry_of(code.upper())))
        except UnknownCodeError as error:
            raise ResourceNotFoundError("there is no such finding") from error


def _named(hub: Hub, name: str) -> Listed:
    try:
        return named_policy(hub.desk.policies(), name)
    except EngineError as error:
        raise ResourceNotFoundError(sentence_of(error)) from error


def _own(hub: Hub, name: str) -> Policy:
    found = _named(hub, name)
    if isinstance(found, External):
        raise ResourceNotFoundError(f"{found.name} is a program: it has no source and no manifest")
    return found


def _listed(policy: Listed) -> Json:
    return {
        "name": policy.name,
        "title": policy.title,
        "origin": policy.origin.value,
        "families": [family.value for family in policy.families],
        "uri": f"schedtui://policies/{policy.name}",
    }


def _card(policy: Listed) -> Json:
    body = to_json(policy)
    if isinstance(body, dict) and isinstance(policy, Policy):
        del body["source"]
        body["source_sha256"] = hashlib.sha256(policy.source.encode()).hexdigest()
    return body


def _document(body: Json) -> str:
    return _capped([plain_lines(json.dumps(body, ensure_ascii=False, indent=1))])


def _capped(lines: Iterable[str]) -> str:
    """Return whole lines up to the cap."""
    kept, room = list[str](), RESOURCE_CAP
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(kept)
