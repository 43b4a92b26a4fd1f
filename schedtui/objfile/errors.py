"""The one exception of this room."""

from __future__ import annotations


class ObjectFileError(ValueError):
    """The bytes are no object or program that these readers accept; the message says why."""
