"""``schedtui policies show`` of an external scheduler: notes, options, what cannot be verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from schedtui.commands.context import Context
from schedtui.commands.options import Exit
from schedtui.commands.parameter_text import parameter_text
from schedtui.model.external import External, HelpOption, ProgramHelp
from schedtui.model.wire import Json, to_json
from schedtui.policy.external.notes import flag_of


async def show_external(context: Context, scheduler: External) -> int:
    """Show one, whole, after asking the program for its help."""
    installed, said = await context.services.externals().asked(scheduler)
    body: dict[str, Json] = {
        field.name: to_json(getattr(installed, field.name)) for field in fields(installed)
    }
    body["help"] = to_json(said)
    context.output.answer(body, "\n".join(_page(installed, said)))
    return Exit.DONE


def _page(scheduler: External, said: ProgramHelp) -> Iterator[str]:
    yield f"{scheduler.name}: {scheduler.title} ({scheduler.origin})"
    yield from ("", scheduler.description)
    typed = {flag_of(each) for each in scheduler.parameters}
    for title, rows in (
        ("for", scheduler.use_cases),
        ("families", scheduler.families),
        ("limits", scheduler.limits),
        ("needs", scheduler.requires),
        ("options that can be set", tuple(map(parameter_text, scheduler.parameters))),
        ("other options, by its own help", tuple(_others(said, typed))),
        ("what cannot be verified", scheduler.unverified),
    ):
        if rows:
            yield from ("", f"{title}:", *(f"  - {item}" for item in rows))
    yield from ("", f"program: {scheduler.program.path}", f"  {said.version or said.trouble}")
    yield f"  sha256 {scheduler.program.sha256}, {scheduler.program.size} bytes"


def _others(said: ProgramHelp, typed: set[str]) -> Iterator[str]:
    for option in said.options:
        if not typed & set(option.flags):
            yield _said(option)


def _said(option: HelpOption) -> str:
    value = f" <{option.value}>" if option.value else ""
    default = f" (default {option.default})" if option.default else ""
    return f"{', '.join(option.flags)}{value}{default}: {option.meaning}"
