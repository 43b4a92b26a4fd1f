"""The checks that stand before the tests, cheapest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

C_FOLDERS = ("bpf", "schedtui/measure/workloads", "schedtui/node/native")


@dataclass(frozen=True)
class Check:
    """One program that says yes or no to the whole checkout."""

    title: str
    program: str
    arguments: Sequence[str]
    on_c_files: bool = False

    def command(self, checkout: Path, programs: Path) -> list[str]:
        """Return the argument vector; empty when there is nothing to check."""
        files = c_files(checkout) if self.on_c_files else []
        if self.on_c_files and not files:
            return []
        return [str(programs / self.program), *self.arguments, *files]


def c_files(checkout: Path) -> list[str]:
    """Return our C sources and headers, sorted."""
    found = [
        path for folder in C_FOLDERS for ending in ("*.c", "*.h")
        for path in (checkout / folder).rglob(ending)
    ]  # fmt: skip
    return sorted(map(str, found))


CHECKS = (
    Check("format of Python", "ruff", ("format", "--check", ".")),
    Check("format of C", "clang-format", ("--dry-run", "--Werror"), on_c_files=True),
    Check("rules", "ruff", ("check", ".")),
    Check("import contracts", "lint-imports", ()),
    Check("types", "mypy", ()),
)
