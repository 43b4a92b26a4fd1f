"""``schedtui keys``: every key of the screen, as this user has it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from schedtui.commands.context import Context
from schedtui.commands.options import Exit
from schedtui.model.policy import Origin
from schedtui.model.screen import KeyTable


async def run(context: Context) -> int:
    """List the commands with their keys; what is wrong with the user's file goes to people."""
    table = context.services.keys()
    context.output.answer(table, "\n".join(_lines(table)))
    for fault in table.faults:
        context.output.say(f"schedtui: not used: {fault}")
    return Exit.DONE


def _lines(table: KeyTable) -> Iterator[str]:
    width = max(len(" ".join(row.keys)) for row in table.commands)
    for group, rows in groupby(table.commands, key=lambda row: row.group):
        yield group
        for row in rows:
            own = "  (your key)" if row.origin is Origin.YOURS else ""
            yield f"  {' '.join(row.keys):<{width}}  {row.id:<14}  {row.help}{own}"
    for place, keys in groupby(table.fixed, key=lambda row: row.place):
        yield f"in: {place}"
        for key in keys:
            yield f"  {' '.join(key.keys):<{width}}  {key.help}"
    yield f"your own keys: {table.file}"
