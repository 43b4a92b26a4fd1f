"""Models behind the Messages API, at its usual address or any other that speaks the same."""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

import anthropic
import httpx2
from anthropic.types import Message

from schedtui.agent.backends.credentials import Credentials
from schedtui.agent.backends.port import BackendError, Hear, Reply, Request, Tool, ToolUse
from schedtui.agent.backends.speech import Speech
from schedtui.model.spending import Usage
from schedtui.model.text import safe_name, safe_text
from schedtui.model.wire import Json

RETRIES: Final = 2
"""Times that a request is sent again before anything was answered."""

_COUNT_SECONDS: Final = 10.0

_WORDS: Final[tuple[tuple[type[anthropic.APIStatusError], str], ...]] = (
    (anthropic.AuthenticationError, "it does not accept the key"),
    (anthropic.PermissionDeniedError, "the key may not ask this model"),
    (anthropic.PaymentRequiredError, "the account behind the key has no money left"),
    (anthropic.NotFoundError, "it does not have this model"),
    (anthropic.RateLimitError, "too many requests for now"),
    (anthropic.OverloadedError, "it is overloaded"),
    (anthropic.RequestTooLargeError, "the request is too large"),
    (anthropic.BadRequestError, "it does not accept the request"),
    (anthropic.InternalServerError, "it has a fault of its own"),
)
_AGAIN: Final = (
    anthropic.RateLimitError,
    anthropic.OverloadedError,
    anthropic.InternalServerError,
    anthropic.APIConnectionError,
    httpx2.TransportError,
)


class MessagesBackend:
    """Asks over the network. The key is in no error and no text that comes back."""

    def __init__(self, credentials: Credentials) -> None:
        self._hide = credentials
        self._client = anthropic.AsyncAnthropic(
            api_key=credentials.key or None,
            auth_token=None if credentials.key else credentials.token,
            base_url=credentials.base_url or "https://api.anthropic.com",
            max_retries=RETRIES,
            http_client=anthropic.DefaultAsyncHttpxClient(verify=_trust()),
            open_telemetry=False,
        )

    async def turn(self, request: Request, hear: Hear) -> Reply:
        """Ask once, and tell every line as it comes."""
        speech = Speech(lambda aloud, line: hear(aloud, self._plain(line)))
        with self._in_words(speech):
            async with (
                asyncio.timeout(request.seconds),
                self._client.messages.stream(**_arguments(request)) as stream,
            ):
                async for event in stream:
                    speech.take(event)
                if not (speech.begun and speech.whole):
                    raise BackendError("the answer broke off", begun=True, again=True)
                return self._reply(await stream.get_final_message())

    async def count(self, request: Request) -> int | None:
        """Ask the server; one that does not count is no error."""
        arguments = _arguments(request)
        for name in ("max_tokens", "output_config"):
            arguments.pop(name, None)
        try:
            async with asyncio.timeout(_COUNT_SECONDS):
                counted = await self._client.messages.count_tokens(**arguments)
        except Exception:  # noqa: BLE001 - a server that cannot count is asked all the same
            return None
        tokens: object = counted.input_tokens
        return tokens if isinstance(tokens, int) and tokens >= 0 else None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    @contextmanager
    def _in_words(self, speech: Speech) -> Iterator[None]:
        """Raise everything that the client raises as one sentence."""
        try:
            yield
        except TimeoutError as error:
            raise BackendError("it took too long", begun=True) from error
        except anthropic.APIStatusError as error:
            raise self._error(_status_words(error), error, speech) from None
        except (anthropic.APIConnectionError, httpx2.HTTPError) as error:
            raise self._error("it cannot be reached, or the line broke", error, speech) from None
        except BackendError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the client makes of hostile bytes
            raise self._error("its answer cannot be read", error, speech) from None

    def _error(self, words: str, error: Exception, speech: Speech) -> BackendError:
        said = error.api_message if isinstance(error, anthropic.APIStatusError) else ""
        more = f": {self._plain(said)}" if said else ""
        return BackendError(words + more, begun=speech.begun, again=isinstance(error, _AGAIN))

    def _plain(self, text: str) -> str:
        return safe_text(self._hide.hidden(text))

    def _reply(self, message: Message) -> Reply:
        content = cast("list[Json]", [_block(block) for block in message.content])
        hidden = self._hide.hidden_in(content)
        blocks = tuple(hidden) if isinstance(hidden, list) else ()
        details = message.stop_details
        return Reply(
            model=safe_name(self._hide.hidden(message.model)),
            stop=safe_name(message.stop_reason or ""),
            content=blocks,
            text="".join(_member(block, "text") for block in blocks),
            calls=tuple(call for block in blocks for call in _calls(block)),
            usage=_usage(message),
            refusal=safe_name(details.category or "") if details else "",
        )


@functools.cache
def _trust() -> ssl.SSLContext:
    """Return whom to trust, as the client has it; reading that takes longer than all else."""
    return httpx2.create_ssl_context()


def _arguments(request: Request) -> dict[str, Any]:
    config: dict[str, Json] = {"effort": request.effort} if request.effort else {}
    if request.schema is not None:
        config["format"] = {"type": "json_schema", "schema": request.schema}
    arguments: dict[str, Any] = {
        "model": request.model,
        "max_tokens": request.max_tokens,
        "system": request.system,
        "messages": list(request.messages),
        # The server keeps what the turns of a transcript have in common.
        "cache_control": {"type": "ephemeral"},
    }
    if request.tools:
        arguments["tools"] = [_tool(tool) for tool in request.tools]
    if config:
        arguments["output_config"] = config
    if request.effort:
        arguments["thinking"] = {"type": "adaptive", "display": "summarized"}
    return arguments


def _tool(tool: Tool) -> dict[str, Json]:
    return {
        "name": tool.name,
        "description": tool.description,
        "input_schema": tool.schema,
        "strict": True,
    }


def _block(block: Any) -> Json:  # noqa: ANN401 - the client's union of thirty types
    data = block.model_dump(mode="json", exclude_unset=True)
    data.pop("parsed_output", None)
    return cast("Json", data)


def _member(block: Json, name: str) -> str:
    value = block.get(name) if isinstance(block, dict) and block.get("type") == name else None
    return value if isinstance(value, str) else ""


def _calls(block: Json) -> Iterator[ToolUse]:
    if isinstance(block, dict) and block.get("type") == "tool_use":
        yield ToolUse(str(block.get("id")), str(block.get("name")), block.get("input"))


def _usage(message: Message) -> Usage:
    used = message.usage
    return Usage(
        max(0, used.input_tokens or 0),
        max(0, used.cache_creation_input_tokens or 0),
        max(0, used.cache_read_input_tokens or 0),
        max(0, used.output_tokens or 0),
    )


def _status_words(error: anthropic.APIStatusError) -> str:
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words
    return f"it answered with the status {error.status_code}"
