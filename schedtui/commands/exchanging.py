"""``schedtui policies export|import``: policies that leave this user and those that come."""

from __future__ import annotations

from schedtui.commands.context import Context
from schedtui.commands.narrate import finding_text
from schedtui.commands.options import Exit
from schedtui.model.exchange import Exported, Imported
from schedtui.model.policy import Policy


def export(context: Context, policy: Policy) -> int:
    """Write one policy into a new folder."""
    done = context.services.own_policies().export(policy, context.options.folder)
    context.output.answer(done, _exported(done))
    return Exit.DONE


async def take_in(context: Context) -> int:
    """Take a policy in; exit 1 when it is refused."""
    answer = await context.services.own_policies().take_in(context.options.folder)
    context.output.answer(answer, _imported(answer))
    return Exit.DONE if answer.imported else Exit.NO


def _exported(done: Exported) -> str:
    files = (f"  {file.name}  {file.size} bytes  sha256 {file.sha256}" for file in done.files)
    return "\n".join([f"{done.name} is in {done.folder}", *files])


def _imported(answer: Imported) -> str:
    findings = map(finding_text, answer.findings)
    if not answer.imported:
        return "\n".join([f"not imported: {answer.sentence}", *findings])
    head = f"{answer.name} is one of your policies now, in {answer.folder}"
    return "\n".join([head, answer.sentence, *findings])
