"""What the set-up asks of the machine: one port and the real thing."""

from __future__ import annotations

import collections
import importlib.util
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

KEPT_LINES = 15
"""Last lines of a failed command that are shown."""


class Show(Enum):
    """Which lines of a command people see."""

    NOTHING = "nothing"
    TALK = "standard error, and standard output is dropped"
    ALL = "both"


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

    def run(self, argv: Sequence[str], show: Show = Show.NOTHING) -> Result:
        """Run a command to its end. What is not shown is kept for the case that it fails."""
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

    def run(self, argv: Sequence[str], show: Show = Show.NOTHING) -> Result:
        """See the port."""
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if show is Show.TALK else subprocess.PIPE,
                stderr=subprocess.PIPE if show is Show.TALK else subprocess.STDOUT,
                env=_environment(),
            )
        except OSError as error:
            return Result(127, (f"{argv[0]}: {error.strerror}",))
        kept: collections.deque[str] = collections.deque(maxlen=KEPT_LINES)
        with process:
            self._follow(process, kept, show)
        return Result(process.returncode, tuple(kept))

    def _follow(
        self, process: subprocess.Popen[bytes], kept: collections.deque[str], show: Show
    ) -> None:
        source = process.stderr if show is Show.TALK else process.stdout
        started, live = self.now(), show is Show.NOTHING and sys.stderr.isatty()
        for line in _lines(source.fileno() if source else -1):
            if line:
                kept.append(line)
            if line and show is not Show.NOTHING:
                self.say(f"    {line.strip()}")
            if live:
                _status(f"    {self.now() - started:4.0f} s  {kept[-1].strip() if kept else ''}")
        if live:
            _status("")

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


def _status(text: str) -> None:
    """Show one line that the next one replaces."""
    width = shutil.get_terminal_size().columns - 1
    print(f"\r\x1b[K{text[:width]}", end="", file=sys.stderr, flush=True)


def _lines(descriptor: int) -> Iterator[str]:
    """Yield each line as it comes, and an empty string for every second without one."""
    rest = b""
    while True:
        if not select.select([descriptor], [], [], 1.0)[0]:
            yield ""
            continue
        chunk = os.read(descriptor, 65536)
        *whole, rest = (rest + chunk).split(b"\n")
        yield from map(_printable, whole if chunk else [rest])
        if not chunk:
            return


def _printable(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace").rstrip().expandtabs(8)
    return "".join(char if char.isprintable() else "?" for char in text)
