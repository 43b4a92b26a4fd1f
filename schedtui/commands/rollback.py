"""``schedtui rollback``: give the kernel back to its own scheduler, from any terminal."""

from __future__ import annotations

from schedtui.commands.context import Context
from schedtui.commands.options import Exit
from schedtui.engine.control import Answer, call

NOTHING = "nothing to roll back: no session runs on {target}"


async def run(context: Context) -> int:
    """Ask the running session to roll back; without one there is nothing to do."""
    target = context.options.target
    answer = await call(context.session_name, "rollback")
    if answer is None:
        body: Answer = {"rolled_back": False, "sentence": NOTHING.format(target=target)}
        context.output.answer(body, str(body["sentence"]))
        return Exit.DONE
    done = "rolled back" if answer.get("rolled_back") else "nothing to roll back"
    context.output.answer(answer, f"{done}; in charge of {target}: {answer.get('in_charge')}")
    return Exit.DONE
