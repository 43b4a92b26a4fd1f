"""The key of a model server: taken out of the environment once, and shown to nobody."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from schedtui.model.wire import Json

KEY: Final = "ANTHROPIC_API_KEY"
TOKEN: Final = "ANTHROPIC_AUTH_TOKEN"  # noqa: S105 - the name of a variable
BASE_URL: Final = "ANTHROPIC_BASE_URL"
_PREFIX: Final = "ANTHROPIC_"
_SHOWN: Final = "[key]"
_LEAST: Final = 4
"""Characters from which a key can be told from an ordinary word."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks, and whom. The secrets do not appear in its text."""

    key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    base_url: str = ""
    """Empty for the usual one."""

    @property
    def there(self) -> bool:
        """Tell whether a server can be asked."""
        return bool(self.key or self.token)

    @property
    def fault(self) -> str:
        """Why nothing can be asked with these, empty when it can."""
        for name, secret in ((KEY, self.key), (TOKEN, self.token)):
            if not all("!" <= char <= "~" for char in secret):
                return f"{name} has characters that no key has"
        if self.base_url and not _is_address(self.base_url):
            return f"{BASE_URL} is no address of the form https://host"
        return ""

    def hidden(self, text: str) -> str:
        """Return a text without the secrets."""
        for secret in (self.key, self.token):
            if len(secret) >= _LEAST:
                text = text.replace(secret, _SHOWN)
        return text

    def hidden_in(self, data: Json) -> Json:
        """Return JSON data without the secrets."""
        if isinstance(data, str):
            return self.hidden(data)
        if isinstance(data, list):
            return [self.hidden_in(item) for item in data]
        if isinstance(data, dict):
            return {self.hidden(key): self.hidden_in(item) for key, item in data.items()}
        return data


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        plain = url.isascii() and url.isprintable() and " " not in url
        return (
            plain and parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        )
    except ValueError:
        return False


def taken(environ: MutableMapping[str, str]) -> Credentials:
    """Return the credentials of an environment, which has none of them afterwards.

    What is started from then on (compilers, QEMU, a node) inherits no key, nor any other setting
    of the client, some of which can hold one.
    """
    own = {name: environ.pop(name) for name in tuple(environ) if name.startswith(_PREFIX)}
    return Credentials(
        own.get(KEY, "").strip(), own.get(TOKEN, "").strip(), own.get(BASE_URL, "").strip()
    )
