"""The yes or no of the headless ``goal``: by ``--yes`` or by a typed short hash.

``schedtui approve`` asks the same in another terminal, about what waits in a running session.
"""

from __future__ import annotations

import getpass
import time

from schedtui.commands.change import change_lines
from schedtui.commands.context import Context
from schedtui.commands.narrate import request_text
from schedtui.commands.options import Exit
from schedtui.engine.control import call
from schedtui.engine.port import Approver, EngineError
from schedtui.model.deployment import Approval, ApprovalRequest
from schedtui.model.wire import WireError, from_json, to_json


async def run(context: Context) -> int:
    """Show what waits for approval in the running session, and give it the person's answer."""
    request = await _waiting(context)
    if not context.services.terminal().present:
        sentence = "there is no terminal to ask on, and nobody approves without reading"
        raise EngineError(sentence, "run it in a terminal")
    approval = await approver_of(context)(request)
    answer = await call(context.session_name, "approve", approval=to_json(approval))
    if answer is None:
        raise EngineError("the session has ended meanwhile", missing=False)
    body = answer | {"object_sha256": request.verdict.object_sha256}
    context.output.answer(body, "approved" if approval else "declined: nothing was changed")
    return Exit.DONE if approval else Exit.NO


async def _waiting(context: Context) -> ApprovalRequest:
    answer = await call(context.session_name, "request")
    if answer is None or answer["request"] is None:
        where = f"on {context.options.target}"
        raise EngineError(f"nothing waits for approval {where}", "schedtui status", missing=False)
    try:
        return from_json(ApprovalRequest, answer["request"])
    except WireError as error:
        raise EngineError("the running session is of another version", "end it first") from error


def approver_of(context: Context) -> Approver:
    """Return how this call decides: ``--yes``, the person at the terminal, or no."""

    async def decide(request: ApprovalRequest) -> Approval | None:
        for line in (*request_text(request), *change_lines(request.candidate)):
            context.output.say(line)
        if context.options.yes:
            return _yes(request, "--yes")
        return await _asked(context, request)

    return decide


async def _asked(context: Context, request: ApprovalRequest) -> Approval | None:
    terminal = context.services.terminal()
    if not terminal.present:
        context.output.say(
            "no: there is no terminal to ask on; to approve beforehand, run it again with --yes"
        )
        return None
    typed = await terminal.ask(f"type {request.short_hash} to approve, anything else to decline: ")
    if typed.strip() == request.short_hash:
        return _yes(request, "terminal")
    context.output.say("no: nothing was changed")
    return None


def _yes(request: ApprovalRequest, how: str) -> Approval:
    return Approval(
        object_sha256=request.verdict.object_sha256,
        by=user_name(),
        how=how,
        unix_ms=time.time_ns() // 1_000_000,
    )


def user_name() -> str:
    """Return who this user is, for people."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown user"
