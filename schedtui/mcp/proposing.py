"""Tools that pursue a goal: plan it, prove it, propose it, deploy what a person approved.

The pursuit is the engine's own. A proposal waits in it, and the only thing that goes on from there
is a person's answer to a question that shows the hash of the object.
"""
# Annotations are evaluated here: the tool `deploy` names a question of its own server in one.

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from mcp.server.mcpserver import (
    AcceptedElicitation,
    Context,
    Elicit,
    ElicitationResult,
    Resolve,
)
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

from schedtui.engine.control import rollback_body
from schedtui.engine.port import Engine, EngineError
from schedtui.mcp.answers import DeployAnswer, GoalAnswer, RollbackAnswer
from schedtui.mcp.capping import plain_lines
from schedtui.mcp.goals import goal_answer
from schedtui.mcp.hub import Hub
from schedtui.mcp.proving import Load, require_load
from schedtui.mcp.pursuing import Pursuing
from schedtui.mcp.telling import Progress, answering
from schedtui.model.deployment import Approval, ApprovalRequest
from schedtui.model.events import ApprovalAnswered, DeploymentChanged, Finished, LiveEffect

ON_THE_SCREEN: Final = (
    "this needs a person's approval on the screen, because this client cannot ask one. Fix: a "
    "person runs `schedtui approve` in a terminal, where it waits; then look at `status`"
)
BY_HAND: Final = (
    "a whole host is approved by hand, on the screen and never over MCP. Fix: a person runs "
    "`schedtui approve --target {target}` in a terminal, where it waits; then look at `status`"
)

Goal = Annotated[
    str, Field(min_length=1, max_length=1000, description="What this machine should be good at")
]
Hash = Annotated[str, Field(max_length=64, description="object_sha256 of the proposal")]


class Yes(BaseModel):
    """What a person types to approve."""

    short_hash: str = Field(
        title="First four digits of the object's hash",
        description="Type them to approve; anything else declines and changes nothing",
        max_length=64,
    )


class Proposing:
    """Tools around one goal at a time."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @answering()
    async def plan(self, context: Context[Any, Any], goal: Goal, load: Load = "") -> GoalAnswer:
        """Read a goal, measure the target and plan. Builds nothing and deploys nothing.

        About ten seconds. `load` runs a built-in load on the target meanwhile. A proposal that
        still waits for its approval is withdrawn.
        """
        async with Progress(context, self._hub.desk.story()) as progress:
            with self._hub.only("planning a goal"):
                pursuing = await self._pursued(goal, load, progress, only_plan=True)
        return goal_answer(pursuing)

    @answering()
    async def propose(self, context: Context[Any, Any], goal: Goal, load: Load = "") -> GoalAnswer:
        """Pursue a goal up to its approval: plan, build, all gates, trial. Deploys nothing.

        One to two minutes. If the proof holds, the answer has the object's hash and everything a
        person must know; `deploy` then asks that person. A new proposal withdraws the one before.
        """
        async with Progress(context, self._hub.desk.story()) as progress:
            with self._hub.only("pursuing a goal"):
                pursuing = await self._pursued(goal, load, progress, only_plan=False)
        request = self._hub.request()
        asked = self._hub.desk.question(request) if request else ()
        return goal_answer(pursuing, asked)

    async def _pursued(
        self, goal: str, load: str, progress: Progress, *, only_plan: bool
    ) -> Pursuing:
        require_load(self._hub, load)
        await self._hub.withdraw()
        engine = await self._hub.holding.engine(progress.say)
        if load:
            await engine.start_load(load)
        pursuing = Pursuing(engine, goal, progress.tell, self._hub.calm, only_plan=only_plan)
        self._hub.pursuing = pursuing
        try:
            await pursuing.until_asked()
        except BaseException:
            await self._hub.withdraw()
            raise
        return pursuing

    @answering()
    async def rollback(self) -> RollbackAnswer:
        """Give the kernel back to its own scheduler now. Needs no approval, from anybody."""
        own = self._hub.holding.opened
        raw = await rollback_body(own) if own else None
        await self._hub.calm()
        if raw is None or not raw["rolled_back"]:
            raw = await self._hub.desk.session("rollback") or raw
        if raw is None:
            nothing = f"nothing to roll back: no session runs on {self._hub.desk.target}"
            return RollbackAnswer(summary=nothing, rolled_back=False, in_charge="")
        name, done = str(raw["in_charge"]), bool(raw["rolled_back"])
        return RollbackAnswer(
            summary=f"{'rolled back' if done else 'nothing to roll back'}; {name} is in charge",
            rolled_back=done,
            in_charge=name,
        )


def deploy_tool(hub: Hub) -> Callable[..., Awaitable[Any]]:
    """Return the tool that has a person asked, and only then lets the engine go on."""

    async def ask(object_sha256: str, context: Context[Any, Any]) -> Elicit[Yes]:
        request = _waiting(hub, object_sha256)
        if hub.desk.target != "sandbox":
            raise ToolError(BY_HAND.format(target=hub.desk.target))
        if not can_ask(context):
            raise ToolError(ON_THE_SCREEN)
        return Elicit(plain_lines("\n".join(hub.desk.question(request))), Yes)

    @answering()
    async def deploy(
        object_sha256: Hash,
        context: Context[Any, Any],
        answer: Annotated[ElicitationResult[Yes], Resolve(ask)],
    ) -> DeployAnswer:
        """Ask a person to approve the proposal with this hash; if they do, deploy exactly that.

        The person sees hash, proof, risks, change and undo, and types the first four digits of the
        hash. Without such an answer nothing is deployed. The kernel gets its own scheduler back by
        `rollback`, by a guard, or when this server ends. About twenty seconds after the answer.
        """
        request = _waiting(hub, object_sha256)
        typed = answer.data.short_hash.strip() if isinstance(answer, AcceptedElicitation) else ""
        approved = bool(typed) and typed == request.short_hash
        pursuing = hub.pursuing
        if pursuing is None:
            raise EngineError("the proposal was withdrawn", "propose it again", missing=False)
        async with Progress(context, hub.desk.story()) as progress:
            with hub.only("deploying"):
                pursuing.tell = progress.tell
                pursuing.answer(_approval(hub, request) if approved else None)
                return await _over(hub, pursuing)

    return deploy


def can_ask(context: Context[Any, Any]) -> bool:
    """Tell whether the client said that it can ask a person by a form."""
    capabilities = context.client_capabilities
    asking = capabilities.elicitation if capabilities else None
    return asking is not None and (asking.form is not None or asking.url is None)


def _waiting(hub: Hub, object_sha256: str) -> ApprovalRequest:
    request = hub.request()
    if request is None or request.verdict.object_sha256 != object_sha256:
        raise ToolError("no proposal with this hash waits for approval. Fix: call `propose` first")
    return request


def _approval(hub: Hub, request: ApprovalRequest) -> Approval:
    return Approval(
        object_sha256=request.verdict.object_sha256,
        by=hub.desk.user(),
        how="elicitation",
        unix_ms=time.time_ns() // 1_000_000,
    )


async def _over(hub: Hub, pursuing: Pursuing) -> DeployAnswer:
    """Wait for the end of the canary. Who cancels the call takes the deployment back."""
    engine = hub.holding.opened
    try:
        await pursuing.until_over()
    except asyncio.CancelledError:
        if engine is not None:
            await hub.withdraw()
            await engine.rollback()
        raise
    return await _outcome(pursuing, engine)


async def _outcome(pursuing: Pursuing, engine: Engine | None) -> DeployAnswer:
    ended = pursuing.last(Finished)
    changed, answered = pursuing.last(DeploymentChanged), pursuing.last(ApprovalAnswered)
    deployment = changed.deployment if changed else None
    effects = [each for each in pursuing.events if isinstance(each, LiveEffect)]
    state = await engine.state() if engine else None
    request = pursuing.request
    return DeployAnswer(
        summary=ended.summary if ended else "the pursuit ended without a word",
        next="`status` and `watch` follow it; `rollback` takes it back",
        units={"live_effect": "in the name of each metric"},
        deployed=bool(deployment and deployment.live),
        policy=request.candidate.name if request else "",
        stage=str(deployment.stage) if deployment else "not approved",
        object_sha256=request.verdict.object_sha256 if request else "",
        approved_by=answered.by if answered and answered.approved else "",
        in_charge=state.in_charge if state else "",
        live_effect=tuple(
            f"{each.metric}: {each.before:,.1f} before, {each.after:,.1f} after" for each in effects
        ),
    )
