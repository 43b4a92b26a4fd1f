"""Arguments of a tool: from JSON that a model wrote to the types that tools take."""

from __future__ import annotations

from typing import Final

from schedtui.agent.backends.port import strict_object
from schedtui.agent.tools.answer import ToolError
from schedtui.model.text import safe_name
from schedtui.model.wire import Json

_LONGEST: Final = 100_000
_MOST_ITEMS: Final = 32

TEXT: Final[Json] = {"type": "string"}
WHOLE: Final[Json] = {"type": "integer"}


def one_of(*words: str) -> Json:
    """Return the schema of one of some words."""
    return {"type": "string", "enum": list(words)}


def list_of(**properties: Json) -> Json:
    """Return the schema of a list of objects that have exactly these members."""
    return {"type": "array", "items": strict_object(properties)}


def members(data: Json, *names: str) -> dict[str, Json]:
    """Return an object that has exactly these members. Raises ToolError."""
    if not isinstance(data, dict) or data.keys() != set(names):
        raise ToolError(f"The arguments are exactly: {', '.join(names) or 'none'}.")
    return data


def text(data: dict[str, Json], name: str, longest: int = _LONGEST) -> str:
    """Return a text. Raises ToolError."""
    value = data[name]
    if not isinstance(value, str) or len(value) > longest:
        raise ToolError(f"{name} is a text of at most {longest} characters.")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise ToolError(f"{name} has half a character in it.")
    return value


def whole(data: dict[str, Json], name: str) -> int:
    """Return a whole number. Raises ToolError."""
    value = data[name]
    if type(value) is not int:
        raise ToolError(f"{name} is a whole number.")
    return value


def items(data: dict[str, Json], name: str, *names: str) -> list[dict[str, Json]]:
    """Return a list of objects that have exactly these members. Raises ToolError."""
    value = data[name]
    if not isinstance(value, list) or len(value) > _MOST_ITEMS:
        raise ToolError(f"{name} is a list of at most {_MOST_ITEMS}.")
    return [members(item, *names) for item in value]


def shown(word: str) -> str:
    """Return a word of a model as it may stand in a sentence."""
    return repr(safe_name(word))
