"""Opens what a person chose: a model, or none with the reason."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from schedtui.agent.backends.credentials import KEY, Credentials
from schedtui.agent.backends.port import Backend
from schedtui.agent.backends.routes import OFFLINE

PACKAGE: Final = "anthropic"


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a goal may use of models."""

    dollars: float = 0.50
    turns: int = 12
    seconds: float = 300.0
    """Of waiting for models, not of measuring."""
    strict: bool = False
    """The money was named by a person: what has no known price is not asked at all."""

    def within(self, dollars: float | None) -> Limits:
        """Return the limits for a goal whose words name a sum, or None."""
        if dollars is None:
            return self
        return replace(self, dollars=min(self.dollars, dollars), strict=True)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What a person chose."""

    name: str = OFFLINE
    """``auto``, ``offline``, or the name of a model."""
    limits: Limits = field(default_factory=Limits)
    credentials: Credentials = field(default_factory=Credentials)

    @property
    def lack(self) -> str:
        """Why no model can be asked though one is wanted; empty when one can, or none is."""
        if self.name == OFFLINE:
            return ""
        if not self.credentials.there:
            return f"there is no key for a model ({KEY} is not set)"
        if self.credentials.fault:
            return self.credentials.fault
        if importlib.util.find_spec(PACKAGE) is None:
            return (
                f"the Python package {PACKAGE} is not installed "
                "(python3 -m pip install 'schedtui[model]')"
            )
        return ""

    @property
    def asked(self) -> bool:
        """Tell whether a model is to be asked, and can be."""
        return self.name != OFFLINE and not self.lack


OpenBackend = Callable[[Credentials], Backend]
"""Makes the backend, at the first use."""


def open_messages(credentials: Credentials) -> Backend:
    """Return the backend for the Messages API; it takes a second to load."""
    from schedtui.agent.backends.messages import MessagesBackend  # noqa: PLC0415 - see above

    return MessagesBackend(credentials)
