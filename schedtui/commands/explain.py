"""``schedtui verify --explain CODE``: what a finding means and what to do about it."""

from __future__ import annotations

import dataclasses

from schedtui.commands.context import Context
from schedtui.commands.options import Exit, UsageError
from schedtui.model.text import safe_text
from schedtui.verify.catalogue import UnknownCodeError, entry_of
from schedtui.verify.catalogue import explain as explained


def explain(context: Context) -> int:
    """Explain one code; a code that does not exist is a mistake in the command."""
    code = context.options.explain.upper()
    try:
        readable, entry = explained(code), entry_of(code)
    except UnknownCodeError as error:
        raise UsageError(f"there is no finding {safe_text(code)!r}") from error
    context.output.answer(dataclasses.asdict(entry), readable)
    return Exit.DONE
