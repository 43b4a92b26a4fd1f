"""``schedtui loads list``: the built-in loads."""

from __future__ import annotations

from collections.abc import Iterator

from schedtui.commands.context import Context
from schedtui.commands.options import Exit
from schedtui.measure.load_options import NAMES, OPTIONS
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
    context.output.answer(loads, "\n".join((*lines, "", *_option_lines())))
    return Exit.DONE


def _option_lines() -> Iterator[str]:
    """Yield what can be set for a measurement: ``--load 'request_service -R 800'``."""
    for name, options in OPTIONS.items():
        yield f"options of {name}, in a measurement: --load '{name} OPTIONS'"
        for each in options:
            limits = f" ({each.low} to {each.high})" if each.high else ""
            yield f"  {each.flag}  {each.meaning}{limits}"
    yield f"every load takes {NAMES.flag} ({NAMES.meaning}): they say nothing unless set"
