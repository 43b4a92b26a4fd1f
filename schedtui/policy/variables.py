"""The variables of one slot: where each is known, and that each is good for something."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from schedtui.policy.grammar import RefusalError

MOST: Final = 20
"""Variables of one slot."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
RESERVED: Final = frozenset(
    {
        *("auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else"),
        *("enum", "extern", "float", "for", "goto", "if", "inline", "int", "long", "register"),
        *("restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch"),
        *("typedef", "union", "unsigned", "void", "volatile", "while", "asm", "typeof", "bool"),
        *("true", "false", "barrier", "likely", "unlikely", "unix", "linux", "alignas", "alignof"),
        *("u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "constexpr", "nullptr"),
        *("thread_local", "static_assert", "typeof_unqual"),
    }
)
"""Words of C and of the header that mean something else."""


@dataclass(slots=True)
class _Variable:
    line: int
    constant: bool
    is_read: bool = False


class Variables:
    """Knows what has been declared while a slot is read from its beginning to its end."""

    def __init__(self, taken: frozenset[str]) -> None:
        """Begin with no variables; ``taken`` are names that mean something already."""
        self._taken = taken
        self._blocks: list[list[str]] = []
        self._known: dict[str, _Variable] = {}
        self._all: dict[str, _Variable] = {}

    def enter(self) -> None:
        """Enter a block."""
        self._blocks.append([])

    def leave(self) -> None:
        """Leave the innermost block; what was declared in it is gone."""
        for name in self._blocks.pop():
            del self._known[name]

    def declare(self, name: str, line: int, *, constant: bool) -> None:
        """Take a new variable. Raises RefusalError."""
        if not _NAME.fullmatch(name):
            raise RefusalError(line, "a variable has small letters, digits and _ only.")
        if name in self._taken or name in RESERVED or name.startswith(("bpf_", "scx_", "slot_")):
            raise RefusalError(line, f"{name} means something else already.")
        if name in self._all:
            raise RefusalError(line, f"{name} is declared twice.")
        if len(self._all) == MOST:
            raise RefusalError(line, f"more than {MOST} variables are too many.")
        self._known[name] = self._all[name] = _Variable(line, constant)
        self._blocks[-1].append(name)

    def assign(self, name: str, line: int) -> None:
        """Note an assignment. Raises RefusalError."""
        variable = self._variable(name, line)
        if variable.constant:
            raise RefusalError(line, f"{name} is constant.")

    def read(self, name: str, line: int) -> None:
        """Note a use. Raises RefusalError."""
        self._variable(name, line).is_read = True

    def require_all_read(self) -> None:
        """Refuse a variable that nothing reads: the compiler would. Raises RefusalError."""
        for name, variable in self._all.items():
            if not variable.is_read:
                raise RefusalError(variable.line, f"{name} is never read.")

    def _variable(self, name: str, line: int) -> _Variable:
        variable = self._known.get(name)
        if variable is None:
            raise RefusalError(line, f"{name[:40]} is not known here.")
        return variable
