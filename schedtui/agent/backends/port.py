"""What a model is asked, what it answers, and what can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from schedtui.model.spending import Usage
from schedtui.model.wire import Json

Message = dict[str, Json]
"""One message of a transcript, as the Messages API has it."""

Hear = Callable[[bool, str], None]
"""Receives a line of the model while it speaks: whether it is an answer, and the line."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that a model may ask for."""

    name: str
    description: str
    properties: dict[str, Json]
    """JSON schemas of its arguments; all of them are required and there are no others."""
    tokens: int
    """Most tokens of an answer."""

    @property
    def schema(self) -> dict[str, Json]:
        """Schema of the arguments, strict."""
        return strict_object(self.properties)


def strict_object(properties: dict[str, Json]) -> dict[str, Json]:
    """Return the schema of an object that has exactly these members."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@dataclass(frozen=True, slots=True)
class Request:
    """One turn. What earlier turns of the same transcript sent stands at its beginning."""

    model: str
    effort: str
    """``low``, ``medium`` or ``high``; empty for a model that is not known to have it."""
    system: str
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    max_tokens: int = 4096
    seconds: float = 120.0
    """The turn is given up after so long."""
    schema: dict[str, Json] | None = None
    """The answer is a JSON object of this schema."""


@dataclass(frozen=True, slots=True)
class ToolUse:
    """One call of a tool."""

    id: str
    name: str
    input: Json


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back of a turn."""

    model: str
    """Who answered, as the server names it."""
    stop: str
    """Why it ended, e.g. ``tool_use``, ``end_turn``, ``max_tokens``, ``refusal``."""
    content: tuple[Json, ...]
    """Blocks, to be appended to the transcript as they are."""
    text: str
    calls: tuple[ToolUse, ...]
    usage: Usage
    refusal: str = ""
    """Kind of a refusal, empty for none or an unnamed one."""


class BackendError(Exception):
    """A model cannot be asked or did not answer; ``sentence`` is for people and has no key.

    ``begun`` tells that the turn may have been charged, ``again`` that another try makes sense.
    """

    def __init__(self, sentence: str, *, begun: bool = False, again: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.begun = begun
        self.again = again


class Backend(Protocol):
    """Something that speaks for models. Cancelling a call ends the turn at once."""

    async def turn(self, request: Request, hear: Hear) -> Reply:
        """Ask once. Raises BackendError."""
        ...

    async def count(self, request: Request) -> int | None:
        """Return how many tokens a request sends, None when nobody tells."""
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...
