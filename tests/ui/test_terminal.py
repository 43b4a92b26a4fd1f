"""The real program in a pseudo-terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ESCAPES = re.compile(rb"\x1b\[[0-9;?$>]*[a-zA-Z]|\x1b[()=>P_].|\x1b\]")


class Terminal:
    """One program in one terminal of fixed size."""

    def __init__(self, *arguments: str, **env: str) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        base = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.engine_demo", "--fast", *arguments],
            cwd=ROOT,
            env={**base, "TERM": "xterm-256color", **env},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.output = b""

    def read_until(self, text: bytes, seconds: float = 15.0) -> None:
        """Read until ``text`` was shown."""
        end = time.monotonic() + seconds
        while text not in ESCAPES.sub(b"", self.output):
            assert time.monotonic() < end, ESCAPES.sub(b"", self.output)[-2000:]
            if select.select([self.master], [], [], 0.1)[0]:
                self.output += os.read(self.master, 65536)

    def drain_to_end(self, seconds: float = 8.0) -> float:
        """Read until the program is gone; returns how long that took."""
        began = time.monotonic()
        while self.process.poll() is None:
            assert time.monotonic() - began < seconds, "the program is still there"
            if select.select([self.master], [], [], 0.05)[0]:
                try:
                    self.output += os.read(self.master, 65536)
                except OSError:
                    break
        self.process.wait(seconds)
        return time.monotonic() - began

    def send(self, keys: bytes) -> None:
        os.write(self.master, keys)


@contextmanager
def terminal(*arguments: str, **env: str) -> Iterator[Terminal]:
    running = Terminal(*arguments, **env)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait(5)
        os.close(running.master)


def test_no_colour_means_no_colour() -> None:
    with terminal(NO_COLOR="1") as running:
        running.read_until(b"Most delayed")
        running.send(b"?")
        running.read_until(b"sampling goes on")
        running.send(b"\x03")
        running.drain_to_end()
        codes = {
            int(code)
            for match in re.findall(rb"\x1b\[([0-9;]*)m", running.output)
            for code in match.split(b";")
            if code
        }
        assert not codes & {*range(30, 50), *range(90, 108)}
        assert running.process.returncode == 0


def test_the_mouse_is_given_back_and_taken_again() -> None:
    given = b"\x1b[?1000l\x1b[?1003l"
    with terminal() as running:
        running.read_until(b"kernel default")
        assert given not in running.output
        running.send(b"M")
        running.read_until(b"the mouse is the terminal's")
        assert given in running.output
        before = running.output.count(b"\x1b[?1003h")
        running.send(b"M")
        running.read_until(b"the mouse works here")
        assert running.output.count(b"\x1b[?1003h") == before + 1
        running.send(b"\x03")
        running.drain_to_end()
        assert running.output.rindex(b"\x1b[?1003l") > running.output.rindex(b"\x1b[?1003h")


def test_without_mouse_it_is_the_terminals_from_the_start() -> None:
    with terminal("--no-mouse") as running:
        running.read_until(b"kernel default")
        assert running.output.rindex(b"\x1b[?1003l") > running.output.rindex(b"\x1b[?1003h")
        running.send(b"M")
        running.read_until(b"the mouse works here")
        assert running.output.rindex(b"\x1b[?1003h") > running.output.rindex(b"\x1b[?1003l")


def test_ctrl_c_leaves_a_clean_terminal_soon() -> None:
    with terminal() as running:
        running.read_until(b"kernel default")
        running.send(b"\x03")
        assert running.drain_to_end() < 5  # on a busy machine; make bench has the figure
        assert running.process.returncode == 0
        assert b"Traceback" not in running.output
        assert b"\x1b[?1049l" in running.output


def test_ctrl_c_works_while_a_goal_is_typed_and_before_the_target_is_open() -> None:
    with terminal() as running:
        running.read_until(b"From one plain sentence")
        running.send(b"\x03")
        running.drain_to_end()
        assert running.process.returncode == 0
    with terminal() as running:
        running.read_until(b"kernel default")
        running.send(b"gcut")
        running.read_until(b"cut")
        running.send(b"\x03")
        running.drain_to_end()
        assert running.process.returncode == 0
        assert b"Traceback" not in running.output


def test_keys_that_come_in_one_burst_reach_the_right_place() -> None:
    with terminal() as running:
        running.read_until(b"kernel default")
        running.send(b"gcut the p99 r q\r")
        running.read_until(b"keys do nothing yet")
        running.send(b"\t9f31\x19")
        running.read_until(b"to approve: tab, type 9f31")
        running.send(b"\t9f31")
        running.read_until(b"ctrl+y deploys exactly")
        running.send(b"\x19")
        running.read_until(b"rtc_fifo is in charge")
        running.send(b"r")
        running.read_until(b"rolled back")
        running.send(b"q")
        running.drain_to_end()
        assert running.process.returncode == 0


def test_a_lost_terminal_ends_the_program() -> None:
    running = Terminal()
    running.read_until(b"kernel default")
    os.close(running.master)
    try:
        running.process.wait(8)
    finally:
        running.process.kill()
        running.process.wait(5)


def test_without_a_terminal_nothing_is_opened() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fakes.engine_demo"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=20,
    )
    assert done.returncode == 2
    assert b"needs a terminal" in done.stderr
