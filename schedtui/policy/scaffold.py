"""Fills the scaffold: the part of a composed source that is the same for all, and trusted.

The scaffold is C with lines of its own that begin with ``//@``: ``if``, ``else`` and ``end``
leave parts out that a composition does not need, ``put`` takes in lines that depend on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Final

from schedtui.resources import resource_dir

_MARK: Final = "//@ "


@cache
def template() -> tuple[str, ...]:
    """Return the lines of the scaffold. Raises FileNotFoundError."""
    path = resource_dir("bpf") / "scaffold" / "scaffold.bpf.c.in"
    return tuple(path.read_text("utf-8").splitlines())


def filled(flags: frozenset[str], puts: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the lines of a source.

    Args:
        flags: Parts that are needed.
        puts: Lines by the name under which the scaffold takes them in.

    Raises:
        KeyError: The scaffold asks for lines that are not there.
        FileNotFoundError: This installation has no scaffold.
    """
    return _tidy(list(_chosen(template(), flags, puts)))


def _chosen(
    template: Sequence[str], flags: frozenset[str], puts: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    wanted = [True]
    for line in template:
        word, _, rest = line.removeprefix(_MARK).partition(" ")
        if not line.startswith(_MARK):
            word = ""
        if word == "if":
            wanted.append(rest in flags)
        elif word == "else":
            wanted[-1] = not wanted[-1]
        elif word == "end":
            wanted.pop()
        elif all(wanted):
            yield from puts[rest] if word == "put" else [line]


def _tidy(lines: list[str]) -> list[str]:
    """Leave out empty lines that follow another, open a block, or close one."""
    before = ["", *lines]
    after = [*lines[1:], ""]
    return [
        line
        for line, previous, following in zip(lines, before, after, strict=False)
        if line or not (previous in {"", "{"} or _closes(following))
    ]


def _closes(line: str) -> bool:
    return line.lstrip().startswith("}")


def joined_operations(head: str, operations: Sequence[str], width: int) -> list[str]:
    """Return a macro call with its arguments, in as few lines as fit into ``width`` columns."""
    indent = "\t" * (len(head) // 8) + " " * (len(head) % 8)
    lines, current = list[str](), head
    for operation, following in pairwise([*operations, ""]):
        word = operation + ("," if following else ");")
        between = "" if current in {head, indent} else " "
        if len((current + between + word).expandtabs(8)) > width and current not in {head, indent}:
            lines.append(current)
            current, between = indent, ""
        current += between + word
    return [*lines, current]
