"""``schedtui goal "TEXT"``: carry a goal to a watched deployment, and give everything back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from schedtui.commands.approve import approver_of
from schedtui.commands.context import Context, at_most, closing, opened
from schedtui.commands.following import Following
from schedtui.commands.goal_record import GoalRecord
from schedtui.commands.options import Exit, UsageError
from schedtui.commands.watch import header, row
from schedtui.engine.port import Approver, Engine
from schedtui.model.deployment import Approval, ApprovalRequest, Deployment, Stage
from schedtui.model.events import ApprovalAsked, Event
from schedtui.model.telemetry import Snapshot
from schedtui.model.wire import tagged

TOLD_S = 2.0
"""Longest wait for the events before a question, should an engine not send them."""

HOLD_ROW_S = 2.0
"""Seconds between two rows on the terminal while a deployment is held."""


async def run(context: Context) -> int:
    """Pursue the goal, hold the deployment as long as asked, roll back, and report."""
    _check(context)
    context.require_known_load()
    options = context.options
    record = GoalRecord(options.subject)
    engine = context.served()
    async with opened(engine, context):
        if options.load:
            await engine.start_load(options.load)
        await _pursue(context, engine, record)
        code = await _conclude(context, engine, record)
    if context.output.json:
        context.output.document(record.document(code))
    return code


def _check(context: Context) -> None:
    options = context.options
    if options.stream and not options.json:
        raise UsageError("--stream is about JSON lines: add --json")
    if options.yes and options.target != "sandbox":
        raise UsageError("--yes approves for the sandbox only; a whole host is approved by hand")


async def _pursue(context: Context, engine: Engine, record: GoalRecord) -> None:
    told = asyncio.Event()
    following = Following()
    pursuit = engine.pursue(context.options.subject, _after(told, approver_of(context)))
    async with closing(pursuit) as stream:
        async for event in stream:
            _show(context, event, following if not record.repeats(event) else None)
            record.take(event)
            if isinstance(event, ApprovalAsked):
                told.set()


def _after(told: asyncio.Event, approver: Approver) -> Approver:
    """Ask only when everything that led to the question has been shown."""

    async def decide(request: ApprovalRequest) -> Approval | None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TOLD_S):
                await told.wait()
        return await approver(request)

    return decide


def _show(context: Context, event: Event, following: Following | None) -> None:
    """Tell an event; ``following`` is None when nothing about it is new."""
    if context.options.stream:
        context.output.document(tagged(event))
    elif following is not None:
        for line in following.lines(event):
            context.output.say(line)


async def _conclude(context: Context, engine: Engine, record: GoalRecord) -> int:
    code = record.exit_code
    deployment = engine.deployment()
    if deployment is None or not deployment.live:
        return code
    if context.options.hold_s > 0:
        deployment = await _hold(context, engine, deployment)
    if not deployment.live:
        record.deployments.append(deployment)
        # A rollback that somebody asked for is no failure of what was deployed.
        code = code if deployment.stage is Stage.ROLLED_BACK else Exit.NO
    why = "the command ends" if deployment.live else f"{deployment.stage}, {deployment.reason}"
    record.scheduler_afterwards = await engine.rollback()
    context.output.say(f"{why}: {record.scheduler_afterwards.in_charge} is in charge")
    return code


async def _hold(context: Context, engine: Engine, held: Deployment) -> Deployment:
    options = context.options
    context.output.say(f"holding {held.scheduler} for {options.hold_s:g} s; Ctrl-C rolls back")
    if not options.stream:
        context.output.say(header())
    async with at_most(options.hold_s), closing(engine.snapshots()) as stream:
        await _watch_until_over(context, engine, stream)
    return engine.deployment() or held


async def _watch_until_over(
    context: Context, engine: Engine, stream: AsyncIterator[Snapshot]
) -> None:
    shown_ms = 0
    async for snapshot in stream:
        if snapshot.unix_ms - shown_ms >= HOLD_ROW_S * 1000:
            shown_ms = snapshot.unix_ms
            _show_snapshot(context, snapshot)
        current = engine.deployment()
        if current is None or not current.live:
            return


def _show_snapshot(context: Context, snapshot: Snapshot) -> None:
    if context.options.stream:
        context.output.document(tagged(snapshot))
    else:
        context.output.say(row(snapshot))
