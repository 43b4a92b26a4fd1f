"""Runs one program with limits on time, memory and output, and ends all it started."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from schedtui.toolchain.spent import tree_cpu_s

_GRACE_S: Final = 1.3
"""A killed process is gone in milliseconds, one with gigabytes on a busy machine in a second."""
_CHUNK: Final = 1 << 16
_LOOK_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one run."""

    wall_s: float
    memory_mb: int
    """Address space of each process."""
    file_mb: int
    """Largest file."""
    output_bytes: int
    """Standard output beyond this ends the run."""
    talk_bytes: int
    """Standard error beyond this is read and thrown away."""
    open_files: int = 64

    @property
    def cpu_s(self) -> int:
        """Return the limit on CPU time: what ends a program that outlived us."""
        return int(self.wall_s) + 1


@dataclass(frozen=True, slots=True)
class Launch:
    """A program to start: nothing of our environment reaches it but what is named here."""

    command: tuple[str, ...]
    folder: str
    environment: dict[str, str] = field(default_factory=dict)
    descriptors: tuple[int, ...] = ()
    """Open files it inherits beside its three streams."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished run. ``code`` is negative for a signal."""

    code: int
    output: bytes
    talk: bytes
    timed_out: bool = False
    overflowed: bool = False
    """It was ended because it wrote too much."""
    cpu_s: float = 0.0
    """CPU time that it used at least; what it used just before its own end is not seen."""
    seconds: float = 0.0
    """How long it ran by our clock."""


class _Stream:
    """Keeps the first bytes of a stream and reads it to its end."""

    def __init__(self, limit: int, full: Callable[[], None] = lambda: None) -> None:
        self.kept = bytearray()
        self.overflowed = False
        self._limit = limit
        self._full = full

    async def follow(self, reader: asyncio.StreamReader | None) -> None:
        while reader is not None and (piece := await reader.read(_CHUNK)):
            room = self._limit - len(self.kept)
            self.kept += piece[:room]
            if len(piece) > room and not self.overflowed:
                self.overflowed = True
                self._full()


class _Spent:
    """Looks now and then at the CPU time of a process and all it started."""

    def __init__(self, root: int) -> None:
        self.cpu_s = 0.0
        self._root = root

    async def follow(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            self.look()

    def look(self) -> None:
        self.cpu_s = max(self.cpu_s, tree_cpu_s(self._root))


async def run_confined(launch: Launch, limits: Limits) -> Ran:
    """Run a program to its end.

    Its standard input is a pipe that nothing is written to and that ends when we do. It leads a
    process group of its own; the whole group is gone when this returns or is cancelled.

    Raises:
        OSError: it cannot be started.
    """
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *launch.command,
        cwd=launch.folder,
        env=launch.environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        pass_fds=launch.descriptors,
        start_new_session=True,
    )
    output = _Stream(limits.output_bytes, lambda: _kill(process.pid))
    talk = _Stream(limits.talk_bytes)
    reading = asyncio.gather(output.follow(process.stdout), talk.follow(process.stderr))
    timed_out, spent = False, _Spent(process.pid)
    looking = asyncio.create_task(spent.follow())
    try:
        async with asyncio.timeout(limits.wall_s):
            await asyncio.shield(reading)
            await process.wait()
    except TimeoutError:
        timed_out = True
        spent.look()
    finally:
        looking.cancel()
        await asyncio.shield(_end(process, reading))
    code, seconds = process.returncode or 0, time.monotonic() - started
    kept, said = bytes(output.kept), bytes(talk.kept)
    return Ran(code, kept, said, timed_out, output.overflowed, spent.cpu_s, seconds)


def limited(command: tuple[str, ...], limits: Limits) -> tuple[str, ...]:
    """Return a command that runs ``command`` with these limits. Raises OSError without prlimit."""
    prlimit = shutil.which("prlimit")
    if prlimit is None:
        raise FileNotFoundError("prlimit is not installed")
    return (
        prlimit,
        f"--as={limits.memory_mb << 20}",
        f"--fsize={limits.file_mb << 20}",
        f"--cpu={limits.cpu_s}",
        "--core=0",
        f"--nofile={limits.open_files}",
        "--",
        *command,
    )


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


async def _end(
    process: asyncio.subprocess.Process, reading: asyncio.Future[tuple[None, None]]
) -> None:
    """Kill the group, even if its leader is gone already, and wait until all let go of the pipes.

    Processes inside a namespace die with their leader, but a moment later.
    """
    _kill(process.pid)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GRACE_S):
            await process.wait()
            await reading
    reading.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading
