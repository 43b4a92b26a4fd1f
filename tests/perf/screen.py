"""First frame and quitting, seen from outside through a real pseudo-terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

from schedtui.target.sandbox.lab import LabOptions, prepare
from tests.perf.row import Row, of_samples
from tests.processes import descendants

_ROUNDS = 5


async def first_frame_and_quit() -> list[Row]:
    """Start the program, wait for its first frame and for live figures, quit, look around."""
    await prepare(LabOptions(), lambda _: None)
    frames, lives, quits, left = [], [], [], 0
    for _ in range(_ROUNDS):
        seen = _one_run()
        frames.append(seen[0])
        lives.append(seen[1])
        quits.append(seen[2])
        left += seen[3]
    return [
        of_samples("first frame after start", frames, "s", 1.0),
        of_samples("live figures after start", lives, "s", 3.0),
        of_samples("quit", quits, "s", 0.5),
        Row("processes left behind", left, "", 0, at_most=True, detail=f"{_ROUNDS} runs"),
    ]


def _one_run() -> tuple[float, float, float, int]:
    started = time.monotonic()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        os.execv(sys.executable, [sys.executable, "-m", "schedtui"])  # noqa: S606 - ours
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 32, 120, 0, 0))
    _read_until(terminal, b"schedtui", 20)
    first = time.monotonic() - started
    _read_until(terminal, b"EEVDF", 60)
    live = time.monotonic() - started
    children = descendants(pid)
    asked = time.monotonic()
    os.write(terminal, b"q")
    _drain_until_exit(terminal, pid)
    quit_after = time.monotonic() - asked
    os.close(terminal)
    time.sleep(0.2)  # the kernel takes a moment to free a guest's memory
    return first, live, quit_after, sum(child.there for child in children)


def _read_until(terminal: int, text: bytes, seconds: float) -> None:
    seen, deadline = b"", time.monotonic() + seconds
    while text not in seen:
        assert time.monotonic() < deadline, f"{text!r} did not appear: {seen[-500:]!r}"
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 65536)


def _drain_until_exit(terminal: int, pid: int) -> None:
    deadline = time.monotonic() + 10
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        assert time.monotonic() < deadline, "the program does not quit"
        if select.select([terminal], [], [], 0.01)[0]:
            try:
                os.read(terminal, 65536)
            except OSError:
                time.sleep(0.005)
