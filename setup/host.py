"""What the set-up asks of the machine: one port and the real thing."""

from __future__ import annotations

import collections
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

KEPT_LINES = 15
"""Last lines of a failed command that are shown."""


@dataclass(frozen=True)
class Result:
    """How a command ended, with its last lines."""

    code: int
    tail: tuple[str, ...]


class Host(Protocol):
    """The machine that is set up."""

    @property
    def python(self) -> str:
        """Return the version of the Python that runs the set-up, e.g. ``3.11.2``."""
        ...

    @property
    def root(self) -> bool:
        """Tell whether system packages may be installed."""
        ...

    def which(self, program: str) -> str:
        """Return the path of a program, empty when it is not installed."""
        ...

    def has_module(self, name: str) -> bool:
        """Tell whether this Python has the module."""
        ...

    def read(self, path: Path) -> str:
        """Return a file's text, empty when it cannot be read."""
        ...

    def write(self, path: Path, text: str) -> None:
        """Write a file. Raises OSError."""
        ...

    def any_file(self, folder: Path, pattern: str) -> bool:
        """Tell whether a file below ``folder`` fits ``pattern``."""
        ...

    def run(self, argv: Sequence[str], *, show: bool = False) -> Result:
        """Run a command to its end; ``show`` prints its lines, else they are only kept."""
        ...

    def become(self, argv: Sequence[str]) -> int:
        """Replace this process by a command; the real one does not return."""
        ...

    def say(self, sentence: str) -> None:
        """Tell one line."""
        ...

    def now(self) -> float:
        """Return monotonic seconds."""
        ...


class RealHost:
    """This machine."""

    @property
    def python(self) -> str:
        """See the port."""
        return ".".join(map(str, sys.version_info[:3]))

    @property
    def root(self) -> bool:
        """See the port."""
        return os.geteuid() == 0

    def which(self, program: str) -> str:
        """See the port."""
        return shutil.which(program) or ""

    def has_module(self, name: str) -> bool:
        """See the port."""
        return importlib.util.find_spec(name) is not None

    def read(self, path: Path) -> str:
        """See the port."""
        try:
            return path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def write(self, path: Path, text: str) -> None:
        """See the port."""
        path.write_text(text, encoding="utf-8")

    def any_file(self, folder: Path, pattern: str) -> bool:
        """See the port."""
        return next(folder.glob(pattern), None) is not None

    def run(self, argv: Sequence[str], *, show: bool = False) -> Result:
        """See the port."""
        kept: collections.deque[str] = collections.deque(maxlen=KEPT_LINES)
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=_environment(),
            )
        except OSError as error:
            return Result(127, (f"{argv[0]}: {error.strerror}",))
        with process:
            self._follow(process, kept, show=show)
        return Result(process.returncode, tuple(kept))

    def _follow(
        self, process: subprocess.Popen[bytes], kept: collections.deque[str], *, show: bool
    ) -> None:
        started, live = self.now(), sys.stderr.isatty()
        for raw in process.stdout or ():
            line = _printable(raw)
            kept.append(line)
            if show:
                self.say(f"    {line.strip()}")
            elif live:
                text = f"    {self.now() - started:4.0f} s  {line.strip()}"
                width = shutil.get_terminal_size().columns - 1
                print(f"\r\x1b[K{text[:width]}", end="", file=sys.stderr, flush=True)
        if live and not show:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def become(self, argv: Sequence[str]) -> int:
        """See the port."""
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(argv[0], list(argv))  # noqa: S606 - an argument vector, no shell

    def say(self, sentence: str) -> None:
        """See the port."""
        print(sentence, file=sys.stderr, flush=True)

    def now(self) -> float:
        """See the port."""
        return time.monotonic()


def _environment() -> Mapping[str, str]:
    return {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PIP_NO_INPUT": "1"}


def _printable(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace").rstrip().expandtabs(8)
    return "".join(char if char.isprintable() else "?" for char in text)
