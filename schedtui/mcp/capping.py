"""The last pass over every answer: plain text only, and no longer than its cap."""

from __future__ import annotations

import json
from typing import Final

from schedtui.model.text import safe_text
from schedtui.model.wire import Json, to_json

USUAL_CAP: Final = 8_000
"""Most characters of an answer as JSON, about 2000 tokens."""

SOURCE_CAP: Final = 24_000
"""The same where a source is in it."""

LINE_CHARACTERS: Final = 400
"""Most characters of one line in an answer."""

_SHORT: Final = 40
"""A text is not cut below this length."""

_KEPT: Final = frozenset({"summary", "next", "left_off", "units"})
"""Fields that are never cut: short by themselves, and the answer is nothing without them."""


def fitted(answer: object, cap: int) -> dict[str, Json]:
    """Return an answer as sanitised JSON of at most ``cap`` characters.

    Its longest fields are halved until it fits, and ``left_off`` names them.
    """
    body = _plain(to_json(answer))
    if not isinstance(body, dict):
        raise TypeError(f"{type(answer).__name__} is no answer")
    cut: list[Json] = []
    while _length(body) > cap:
        name = max(body.keys() - _KEPT, key=lambda each: _length(body[each]))
        shorter = _halved(body[name])
        if shorter is None:
            break
        body[name] = shorter
        if name not in cut:
            cut.append(name)
            body["left_off"] = cut
    return body


def plain_lines(text: str) -> str:
    """Return a text with each of its lines sanitised; ends of lines stay."""
    return "\n".join(safe_text(line.expandtabs(8), LINE_CHARACTERS) for line in text.split("\n"))


def _plain(value: Json) -> Json:
    if isinstance(value, str):
        return plain_lines(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {safe_text(key): _plain(item) for key, item in value.items()}
    return value


def _length(value: Json) -> int:
    return len(json.dumps(value, ensure_ascii=False))


def _halved(value: Json) -> Json:
    """Return a value with about half of its length, None when nothing can be left off."""
    if isinstance(value, str) and len(value) > _SHORT:
        return value[: len(value) // 2] + "…"
    if isinstance(value, list) and value:
        return value[: len(value) // 2]
    if isinstance(value, dict) and value:
        name = max(value, key=lambda each: _length(value[each]))
        return value | {name: _halved(value[name])}
    return None
