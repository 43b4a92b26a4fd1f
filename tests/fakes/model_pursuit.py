"""A goal that is pursued with the scripted model server, and everything that came of it.

By hand, without a sandbox: ``python -m tests.fakes.model_pursuit configure`` tells a scenario as
``schedtui goal`` would. Target, gates after the rules, and model are scripted.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from schedtui.agent.backends.credentials import Credentials
from schedtui.agent.backends.opening import Limits, ModelChoice
from schedtui.agent.deliberation.planner import Planner
from schedtui.commands.narrate import narrate
from schedtui.engine.pursuit import Pursuit
from schedtui.model.deployment import Approval, ApprovalRequest
from schedtui.model.events import Event
from schedtui.model.verdict import Finding, GateName, GateResult, Severity
from tests.fakes.model_server import ModelServer, scenario, serving
from tests.fakes.surroundings import FakeSurroundings
from tests.unit.agent.observed import service_with_report

SECRET = "sk-very-secret-0815"
GOAL = "cut the p99 latency of the request service"

NO = GateResult(
    GateName.COMPILE,
    passed=False,
    seconds=0.1,
    summary="no",
    findings=(Finding("CMP001", Severity.ERROR, "a turn is too long", "shorten it", 12),),
)
"""What a gate says of the first draft of the scenario ``create``."""

E = TypeVar("E")


@dataclass(slots=True)
class Pursued:
    """What happened."""

    around: FakeSurroundings
    server: ModelServer
    events: list[Event] = field(default_factory=list)
    asked: list[ApprovalRequest] = field(default_factory=list)

    def of(self, kind: type[E]) -> list[E]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


async def pursued(
    around: FakeSurroundings,
    *turns: Mapping[str, Any],
    goal: str = GOAL,
    model: str = "auto",
    limits: Limits | None = None,
    key: str = SECRET,
    approve: bool = False,
    counts: bool = True,
) -> Pursued:
    """Pursue a goal to its end; the person says no unless ``approve``."""
    async with serving(*turns, counts=counts) as server:
        came = Pursued(around, server)

        async def decide(request: ApprovalRequest) -> Approval | None:
            came.asked.append(request)
            sha256 = request.verdict.object_sha256
            return Approval(sha256, "a person", "screen", 1) if approve else None

        choice = ModelChoice(model, limits or Limits(), Credentials(key, base_url=server.url))
        planner = Planner(choice, tuple)
        await Pursuit(around, decide, came.events.append, planner).run(goal)
    return came


def _by_hand(name: str) -> None:
    around = FakeSurroundings(service_with_report(), said_of(name))
    came = asyncio.run(pursued(around, *scenario(name), approve=True))
    for event in came.events:
        print(*narrate(event), sep="\n")


def said_of(name: str) -> list[GateResult | None]:
    """Return what gates say in a scenario of which they are a part."""
    return [NO] if name == "create" else []


if __name__ == "__main__":
    _by_hand(sys.argv[1])
