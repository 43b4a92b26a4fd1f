"""The one error of the policy room, and the system's reasons in it."""

from __future__ import annotations

from schedtui.model.text import safe_text


class PolicyError(ValueError):
    """A policy file or a parameter value is not acceptable; the message is a full sentence."""


def reason_of(error: OSError) -> str:
    """Return why the system refused, for people."""
    return safe_text(error.strerror or "unknown error")
