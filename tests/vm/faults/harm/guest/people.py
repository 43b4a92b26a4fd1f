"""Processes of the guest that a policy can do something to."""

from __future__ import annotations

import os
import signal
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_REPORT: Final = struct.Struct("=qq")
_WORTH_TELLING_NS: Final = 20_000_000
_ALIVE_NS: Final = 100_000_000


def _named(name: bytes) -> None:
    Path("/proc/self/comm").write_bytes(name)


@contextmanager
def person(name: bytes, life: Callable[[], None]) -> Iterator[int]:
    """Let a child called ``name`` live meanwhile; yields its pid."""
    pid = os.fork()
    if pid == 0:
        try:
            _named(name)
            life()
        finally:
            os._exit(0)
    try:
        yield pid
    finally:
        end(pid)


def end(pid: int) -> int:
    """Kill a child; returns the signal that ended it, 0 when it had exited by itself."""
    try:
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        return 0
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def fate(pid: int, seconds: float) -> str:
    """Return ``alive``, ``exit N`` or ``signal N`` of a child after at most ``seconds``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            killed = os.WIFSIGNALED(status)
            return f"signal {os.WTERMSIG(status)}" if killed else f"exit {os.WEXITSTATUS(status)}"
        time.sleep(0.02)
    return "alive"


def spin() -> None:
    """Never stop computing."""
    while True:
        pass


def sleep_short() -> None:
    """Sleep a millisecond, again and again."""
    while True:
        time.sleep(0.001)


@contextmanager
def crowd(count: int) -> Iterator[None]:
    """Let ``count`` processes compute meanwhile."""
    with _many(count):
        yield


@contextmanager
def _many(count: int) -> Iterator[None]:
    if count == 0:
        yield
        return
    with person(b"busy", spin), _many(count - 1):
        yield


class Gaps:
    """The longest time that a light sleeper was kept from running."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)

    def life(self) -> None:
        """Be the sleeper. Reports long gaps, and now and then that it lives."""
        before = reported = time.monotonic_ns()
        while True:
            time.sleep(0.001)
            now = time.monotonic_ns()
            if now - before > _WORTH_TELLING_NS or now - reported > _ALIVE_NS:
                os.write(self._write, _REPORT.pack(now, now - before))
                reported = now
            before = now

    def longest_ms(self) -> float:
        """Return the longest gap since the last call, the one that lasts included."""
        last, longest = 0, 0
        try:
            while data := os.read(self._read, _REPORT.size * 256):
                for now, gap in _REPORT.iter_unpack(data):
                    last, longest = now, max(longest, gap)
        except BlockingIOError:
            pass
        waiting = time.monotonic_ns() - last - _ALIVE_NS if last else 0
        return max(longest, waiting) / 1e6
