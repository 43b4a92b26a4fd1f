"""The one error of the policy room."""

from __future__ import annotations


class PolicyError(ValueError):
    """A policy file or a parameter value is not acceptable; the message is a full sentence."""
