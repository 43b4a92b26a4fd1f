"""No verb: the full-screen program."""

from __future__ import annotations

from schedtui.commands.context import Context
from schedtui.commands.options import UsageError

NO_TERMINAL = (
    "the screen needs a terminal, and standard input or output is none; "
    "use a verb such as `schedtui watch`, `goal`, `status` or `doctor` (see --help)"
)


def run(context: Context) -> int:
    """Run the screen; it has its own event loop, so this is not a coroutine."""
    if not context.services.screen_possible():
        raise UsageError(NO_TERMINAL)
    return context.services.screen(context.reached(), context.options)
