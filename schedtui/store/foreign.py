"""JSON that somebody else may have written: its text through the sanitiser, its numbers bounded."""

from __future__ import annotations

from typing import Final

from schedtui.model.text import safe_text
from schedtui.model.wire import Json, WireError

TEXT_LIMIT: Final = 4096
NUMBER_LIMIT: Final = 1e18
"""No figure of ours comes near it; larger ones overflow where they are computed with."""


def plain(data: Json) -> Json:
    """Return JSON data with every text in it through the sanitiser. Raises WireError."""
    if isinstance(data, str):
        return safe_text(data, TEXT_LIMIT)
    if isinstance(data, list):
        return [plain(item) for item in data]
    if isinstance(data, dict):
        return {safe_text(key): plain(item) for key, item in data.items()}
    if data is not None and not -NUMBER_LIMIT <= data <= NUMBER_LIMIT:
        raise WireError("a number is too large")
    return data
