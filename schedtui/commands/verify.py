"""``schedtui verify FILE``: take a scheduler's source through the gates, deploy nothing.

A policy file with slots is composed first.
"""

from __future__ import annotations

from pathlib import Path

from schedtui.commands.composing import read_composed, slot_lines
from schedtui.commands.context import Context, closing
from schedtui.commands.explain import explain
from schedtui.commands.following import Following
from schedtui.commands.options import Exit, UsageError
from schedtui.commands.source import read_source
from schedtui.engine.port import EngineError
from schedtui.model.composition import Composed
from schedtui.model.events import Verified
from schedtui.model.text import safe_text
from schedtui.model.verdict import Verdict
from schedtui.model.wire import to_json
from schedtui.policy.errors import PolicyError
from schedtui.verify.tokens import verdict_chain


async def run(context: Context) -> int:
    """Verify one file; exit 1 when a gate says no. With ``--explain``, only explain a code."""
    if context.options.explain:
        return explain(context)
    if not context.options.subject:
        raise UsageError("verify needs a FILE, or --explain CODE")
    context.require_known_load()
    path = Path(context.options.subject)
    made = _composed(path) if path.suffix == ".toml" else None
    source = read_source(path) if made is None else made.source
    verdict = await _verdict(context, safe_text(path.name), source)
    if made is not None:
        for line in slot_lines(made, verdict):
            context.output.say(line)
    if context.output.json:
        body = to_json(verdict)
        context.output.document(
            {
                "file": safe_text(str(path)),
                **(body if isinstance(body, dict) else {}),
                "chain": verdict_chain(verdict)[-1],
            }
        )
    return Exit.DONE if verdict.passed else Exit.NO


def _composed(path: Path) -> Composed:
    try:
        return read_composed(path)
    except PolicyError as error:
        raise EngineError(f"{safe_text(path.name)}: {error}", "", missing=False) from error


async def _verdict(context: Context, name: str, source: str) -> Verdict:
    verifier = context.services.verifier(context.options)
    following = Following()
    async with closing(verifier.verify(name, source, context.options.load)) as stream:
        async for event in stream:
            for line in following.lines(event):
                context.output.say(line)
            if isinstance(event, Verified):
                return event.verdict
    raise EngineError("the verifier ended without a verdict", "run it again", missing=False)
