"""``schedtui set``: live parameters of what a running session has deployed, from any terminal."""

from __future__ import annotations

from schedtui.commands.context import Context
from schedtui.commands.options import Exit, UsageError
from schedtui.engine.control import call
from schedtui.engine.port import EngineError
from schedtui.model.text import safe_text
from schedtui.policy.fields import is_identifier


async def run(context: Context) -> int:
    """Ask the running session, whose node refuses what was not approved; exit 1 then."""
    wanted = _read(context.options.subject.split())
    answer = await call(context.session_name, "set", parameters=dict(wanted))
    if answer is None:
        target = context.options.target
        raise EngineError(f"no session runs on {target}", "schedtui status says what runs")
    now = answer.get("parameters")
    values = now if isinstance(now, dict) else {}
    said = ", ".join(f"{safe_text(name)}={value}" for name, value in values.items())
    context.output.answer(answer, f"{safe_text(str(answer.get('scheduler')))}: {said}")
    return Exit.DONE


def _read(texts: list[str]) -> dict[str, int]:
    """Return whole numbers by name. Raises UsageError."""
    wanted: dict[str, int] = {}
    for text in texts:
        name, _, value = text.partition("=")
        digits = value.isascii() and value.isdigit() and len(value) <= 20
        if not is_identifier(name) or not digits:
            raise UsageError(f"'{safe_text(text)}' is not of the form NAME=WHOLE_NUMBER")
        if name in wanted:
            raise UsageError(f"{name} is given twice")
        wanted[name] = int(value)
    return wanted
