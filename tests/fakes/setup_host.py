"""A machine to set up that exists only in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from setup.host import Result, Show

Effect = Callable[["MemoryHost"], None]


@dataclass
class MemoryHost:
    """Commands succeed unless ``failing`` says otherwise; ``effects`` happen when they do."""

    python: str = "3.11.2"
    root: bool = True
    programs: set[str] = field(default_factory=lambda: {"apt-get", "python3"})
    modules: set[str] = field(default_factory=lambda: {"ensurepip"})
    files: dict[Path, str] = field(default_factory=dict)
    failing: list[str] = field(default_factory=list)
    """Commands whose line contains one of these fail; each entry with ``once:`` only once."""
    effects: dict[str, Effect] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    became: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    clock: float = 0.0

    def which(self, program: str) -> str:
        return program if program in self.programs else ""

    def has_module(self, name: str) -> bool:
        return name in self.modules

    def read(self, path: Path) -> str:
        return self.files.get(path, "")

    def write(self, path: Path, text: str) -> None:
        self.files[path] = text

    def any_file(self, folder: Path, pattern: str) -> bool:
        return any(fnmatch(str(path), f"{folder}/{pattern}") for path in self.files)

    def run(self, argv: Sequence[str], show: Show = Show.NOTHING) -> Result:
        line = " ".join(argv)
        self.ran.append(line)
        self.clock += 1.0
        if self._fails(line):
            return Result(1, ("it went wrong",))
        for part, effect in self.effects.items():
            if part in line:
                effect(self)
        return Result(0, ())

    def _fails(self, line: str) -> bool:
        for entry in list(self.failing):
            if entry.removeprefix("once:") in line:
                if entry.startswith("once:"):
                    self.failing.remove(entry)
                return True
        return False

    def become(self, argv: Sequence[str]) -> int:
        self.became = list(argv)
        return 0

    def say(self, sentence: str) -> None:
        self.said.append(sentence)

    def now(self) -> float:
        return self.clock

    @property
    def talk(self) -> str:
        return "\n".join(self.said)
