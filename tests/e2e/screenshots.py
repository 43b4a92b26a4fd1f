"""``make screenshots``: pictures of real sessions in the sandbox, driven through the real screen.

``python -m tests.e2e.screenshots [FOLDER]`` writes them all in about four minutes.
"""

from __future__ import annotations

import asyncio
import re
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from schedtui.target.sandbox.lab import LabOptions, prepare
from schedtui.ui.theme_shelf import ThemeShelf
from tests.e2e.picture import picture
from tests.e2e.program import HERE, Program, own_network
from tests.e2e.terminal import Terminal

GOAL: Final = "cut the p99 latency of the request service, throughput must not drop"
USUAL: Final = (120, 32)
USER: Final = "you"
"""Who approves in the pictures."""

_HISTORY_S: Final = 45.0
"""Seconds of figures on the live pictures; the chart is 60 s wide."""
_LARGEST: Final = 200_000


class Photographer:
    """Takes pictures of one session."""

    def __init__(self, terminal: Terminal, theme: str, folder: Path) -> None:
        self.terminal = terminal
        self._theme = ThemeShelf().themes[theme]
        self._folder = folder

    def take(self, name: str, size: tuple[int, int] = USUAL) -> None:
        """Write ``NAME-WIDTHxHEIGHT.svg`` of the screen at that size."""
        self.terminal.resize(*size)
        time.sleep(2.0)  # a few samples at the new size
        full = f"{name}-{size[0]}x{size[1]}"
        svg = picture(self.terminal.coloured(), size, self._theme)
        _require_public(svg)
        path = self._folder / f"{full}.svg"
        path.write_text(svg)
        print(f"{path.name}  {len(svg) // 1000} kB", flush=True)


def _require_public(svg: str) -> None:
    """Refuse a picture with a name of this machine in it, or one that is too large."""
    for name in (str(Path.home()), socket.gethostname(), str(HERE)):
        if name in svg:
            raise SystemExit(f"the picture shows {name}, which is of this machine alone")
    if len(svg) > _LARGEST:
        raise SystemExit(f"the picture has {len(svg)} bytes, {_LARGEST} at most")


def _open_with_load(terminal: Terminal) -> None:
    terminal.wait_for("source bpf", 60)
    terminal.keys("l")
    terminal.wait_for("Request service", 10)
    terminal.keys("1")
    terminal.wait_for("service-worker", 20)
    time.sleep(_HISTORY_S)


def _goal_to_deployment(photographer: Photographer) -> None:
    terminal = photographer.terminal
    terminal.keys("g")
    terminal.text(GOAL)
    terminal.wait_for(GOAL, 5)
    terminal.keys("Enter")
    terminal.wait_until(
        lambda screen: re.search(r"Trial +2 pairs", screen) is not None, "a second pair", 60
    )
    photographer.take("goal")
    review = terminal.wait_for("to approve: tab", 180)
    photographer.take("review")
    match = re.search(r"type ([0-9a-f]{4}) here", review)
    if match is None:
        raise SystemExit("the review shows no hash")
    terminal.keys("Tab")
    terminal.text(match[1])
    terminal.wait_for("ctrl+y deploys exactly these bytes", 5)
    terminal.keys("C-y")
    terminal.wait_for("promoted", 60)
    time.sleep(_HISTORY_S / 3)


def _dark(program: Program, folder: Path) -> None:
    with Terminal(program.arguments(), program.environment(LOGNAME=USER)) as terminal:
        photographer = Photographer(terminal, "dark", folder)
        _open_with_load(terminal)
        for size in ((80, 24), (200, 50), USUAL):
            photographer.take("live", size)
        _goal_to_deployment(photographer)
        photographer.take("deployed", (200, 50))
        terminal.keys("a")  # the charts instead of the story
        photographer.take("deployed")
        terminal.keys("q")
        terminal.wait_ended(5)


def _light(program: Program, folder: Path) -> None:
    arguments = program.arguments("--theme", "light")
    with Terminal(arguments, program.environment(LOGNAME=USER)) as terminal:
        _open_with_load(terminal)
        Photographer(terminal, "light", folder).take("live-light")
        terminal.keys("q")
        terminal.wait_ended(5)


def main() -> int:
    """Take all pictures."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else HERE / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(prepare(LabOptions(), print))
    with tempfile.TemporaryDirectory(prefix="schedtui-pictures-") as state, own_network() as prefix:
        program = Program(Path(state), prefix)
        _light(program, folder)
        _dark(program, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
