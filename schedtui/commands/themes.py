"""``schedtui themes``: all themes of the screen, and where each of them comes from."""

from __future__ import annotations

from schedtui.commands.context import Context
from schedtui.commands.options import Exit
from schedtui.model.screen import ThemeRow


async def run(context: Context) -> int:
    """List the themes; what is wrong with the user's own files goes to people."""
    table = context.services.themes()
    width = max(len(row.name) for row in table.themes)
    lines = [f"{row.name:<{width}}  {row.title} ({_whence(row)})" for row in table.themes]
    context.output.answer(table, "\n".join([*lines, f"your own themes: {table.folder}"]))
    for fault in table.faults:
        context.output.say(f"schedtui: not used: {fault}")
    return Exit.DONE


def _whence(row: ThemeRow) -> str:
    ground = "dark" if row.dark else "light"
    colours = "the terminal's own colours" if row.native else ground
    return f"{colours}; {row.origin}, {row.file}"
