"""A real terminal for the real program: tmux, driven from outside."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from tests.processes import Process, descendants

ENDED: Final = "[ended "
"""What the program's parent prints when the program has ended."""

_POLL_S: Final = 0.1


class Terminal:
    """A terminal in which a program runs below a parent, as it would below a shell.

    Everything ends with the context: the terminal, its server and the folder of its socket.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        width: int = 120,
        height: int = 32,
    ) -> None:
        self._command = list(command)
        self._environment = {"COLORTERM": "truecolor"} | dict(environment)
        self._size = (width, height)
        self._folder = tempfile.TemporaryDirectory(prefix="schedtui-terminal-")

    def __enter__(self) -> Self:
        width, height = self._size
        parent = (sys.executable, "-m", "tests.e2e.parent")
        self._tmux(
            "start-server", ";",
            "set-option", "-g", "default-terminal", "tmux-256color", ";",
            "set-option", "-g", "history-limit", "2000", ";",
            "new-session", "-d", "-x", str(width), "-y", str(height), *parent, *self._command,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(
            [*self._client(), "kill-server"], capture_output=True, check=False, timeout=10
        )
        self._folder.cleanup()

    # -- what a person does ------------------------------------------------------------------

    def keys(self, *names: str) -> None:
        """Press keys, by tmux's names (``Enter``, ``C-y``, ``Tab``, a character)."""
        self._tmux("send-keys", *names)

    def text(self, literal: str) -> None:
        """Type ``literal``."""
        self._tmux("send-keys", "-l", literal)

    def resize(self, width: int, height: int) -> None:
        """Make the terminal another size."""
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def close(self) -> None:
        """Close the window while the program runs, as with a mouse or a lost connection."""
        self._tmux("kill-session")

    # -- what a person sees --------------------------------------------------------------------

    def screen(self) -> str:
        """Return what is shown, as text."""
        return self._tmux("capture-pane", "-p")

    def coloured(self) -> str:
        """Return what is shown, with the escape sequences of its colours and all spaces."""
        return self._tmux("capture-pane", "-p", "-e", "-N")

    def wait_for(self, text: str, seconds: float) -> str:
        """Wait until ``text`` is shown; return the whole screen then."""
        return self.wait_until(lambda screen: text in screen, repr(text), seconds)

    def wait_until(self, seen: Callable[[str], bool], what: str, seconds: float) -> str:
        """Wait until ``seen`` is true of the screen; fails with the screen when it does not."""
        deadline = time.monotonic() + seconds
        while not seen(screen := self.screen()):
            assert time.monotonic() < deadline, f"no {what} within {seconds:g} s:\n{screen}"
            assert ENDED not in screen, f"ended before {what}:\n{screen}"
            time.sleep(_POLL_S)
        return screen

    def press_until(
        self, names: Sequence[str], seen: Callable[[str], bool], what: str, seconds: float
    ) -> str:
        """Press ``names`` over and over until ``seen`` is true; no key comes after that."""
        deadline = time.monotonic() + seconds
        while not seen(screen := self.screen()):
            assert time.monotonic() < deadline, f"no {what} within {seconds:g} s:\n{screen}"
            self.keys(*names)
            time.sleep(_POLL_S)
        return screen

    def wait_ended(self, seconds: float) -> str:
        """Wait until the program has ended; return what the terminal shows then."""
        deadline = time.monotonic() + seconds
        while ENDED not in (screen := self.screen()):
            assert time.monotonic() < deadline, f"still there after {seconds:g} s:\n{screen}"
            time.sleep(0.02)
        return screen

    @property
    def modes(self) -> str:
        """Alternate screen, mouse reporting, cursor: ``0 0 1`` is a plain terminal."""
        return self._tmux(
            "display-message", "-p", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}"
        ).strip()

    def processes(self) -> list[Process]:
        """Return the program and everything below it."""
        return descendants(int(self._tmux("list-panes", "-F", "#{pane_pid}")))

    # -- tmux -----------------------------------------------------------------------------------

    def _client(self) -> list[str]:
        return ["tmux", "-u", "-S", str(Path(self._folder.name) / "server"), "-f", "/dev/null"]

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._client(), *arguments], env=self._environment, cwd=self._folder.name,
            capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"tmux {arguments[0]}: {done.stderr}"
        return done.stdout
