"""What every kind of target offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from schedtui.model.machine import Hello
from schedtui.target.link import NodeLink

Progress = Callable[[str], None]


class TargetError(Exception):
    """A target cannot be had. ``fix`` says what a person can do about it."""

    def __init__(self, sentence: str, fix: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.fix = fix


class Target(Protocol):
    """A machine with a node on it."""

    name: str
    """``sandbox`` or ``local``."""

    async def start(self, progress: Progress) -> tuple[NodeLink, Hello]:
        """Start the node and greet it. Raises TargetError."""
        ...

    def last_words(self) -> str:
        """Return what is known of why the target was lost, empty when nothing is."""
        ...

    async def close(self) -> None:
        """End the node and everything that was started for it."""
        ...
