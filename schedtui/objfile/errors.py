"""The one exception of this room."""

from __future__ import annotations


class ObjectFileError(ValueError):
    """The bytes are not a BPF object that this reader accepts; the message says why."""
