"""The errors of this room."""

from __future__ import annotations


class ToolchainError(Exception):
    """A compiler is missing or refused a source of ours.

    Attributes:
        sentence: What happened, for people.
        fix: What a person can do about it, may be empty.
        lines: First lines the compiler wrote, sanitised; may be empty.
    """

    def __init__(self, sentence: str, fix: str = "", lines: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.fix = fix
        self.lines = lines


class NoConfinementError(ToolchainError):
    """Nothing on this machine can keep a compiler away from the machine's files."""
