"""The yes or no of the headless ``goal``: by ``--yes`` or by a typed short hash."""

from __future__ import annotations

import getpass
import time

from schedtui.commands.context import Context
from schedtui.commands.narrate import request_text
from schedtui.engine.port import Approver
from schedtui.model.deployment import Approval, ApprovalRequest


def approver_of(context: Context) -> Approver:
    """Return how this call decides: ``--yes``, the person at the terminal, or no."""

    async def decide(request: ApprovalRequest) -> Approval | None:
        for line in request_text(request):
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
