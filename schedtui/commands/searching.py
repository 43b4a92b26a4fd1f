"""``schedtui policies search WORDS``: which policies the words fit, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schedtui.commands.context import Context
from schedtui.commands.options import Exit, UsageError
from schedtui.model.external import Listed
from schedtui.model.goal import Family
from schedtui.model.policy import Match, WordMatch
from schedtui.model.text import safe_text
from schedtui.model.wire import to_json
from schedtui.policy.search import search as found

_MOST_CHARACTERS: Final = 1000


def search(context: Context, policies: Sequence[Listed]) -> int:
    """Show the policies that fit, best first; exit 1 when none does."""
    words, family = context.options.subject, _family(context.options.family)
    if len(words) > _MOST_CHARACTERS:
        raise UsageError(f"search for at most {_MOST_CHARACTERS} characters")
    matches = found(policies, words, family)
    sentence = _sentence(len(matches), words, family)
    context.output.answer(
        {
            "words": safe_text(words, _MOST_CHARACTERS),
            "family": family,
            "sentence": sentence,
            "matches": to_json(matches),
        },
        "\n".join(map(_block, matches)) or sentence,
    )
    return Exit.DONE if matches else Exit.NO


def _family(name: str) -> Family | None:
    try:
        return Family(name) if name else None
    except ValueError as error:
        known = ", ".join(Family)
        raise UsageError(
            f"there is no family called '{safe_text(name)}'; known: {known}"
        ) from error


def _sentence(count: int, words: str, family: Family | None) -> str:
    where = f"policies of the family {family}" if family else "policies"
    if not count:
        return f"none of the {where} has any of the words in: {safe_text(words)}"
    return f"{count} of the {where} {'has' if count == 1 else 'have'} some of the words"


def _block(match: Match) -> str:
    head = f"{match.score:.3f}  {match.name}: {match.title} ({match.origin})"
    return "\n".join([head, *(f"       {_reason(word)}" for word in match.words)])


def _reason(word: WordMatch) -> str:
    shown = safe_text(word.word)
    asked = shown if word.word == word.term else f"{shown} (as {safe_text(word.term)})"
    return f"{asked}: {', '.join(field.replace('_', ' ') for field in word.fields)}"
