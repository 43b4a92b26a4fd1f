"""``schedtui loads list``: the built-in loads."""

from __future__ import annotations

from schedtui.commands.context import Context
from schedtui.commands.options import Exit
from schedtui.measure.wording import warm_up_text


async def run(context: Context) -> int:
    """List the loads with what each of them reports."""
    loads = context.services.loads()
    width = max((len(load.name) for load in loads), default=0)
    lines = [
        f"{load.name:<{width}}  {load.title} (reports {load.reports}; in a trial: "
        f"{warm_up_text(load)})"
        for load in loads
    ]
    context.output.answer(loads, "\n".join(lines))
    return Exit.DONE
