"""Runs one program with limits on time, memory and output, and ends all it started."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_GRACE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one run."""

    wall_s: float
    memory_mb: int
    """Address space, where ``prlimit`` is installed."""
    file_mb: int
    """Largest file, where ``prlimit`` is installed."""
    output_bytes: int
    """Output beyond this is read and thrown away."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished run. ``code`` is negative for a signal."""

    code: int
    output: bytes
    """Standard output and error together, cut at the limit."""
    timed_out: bool


async def run_confined(
    command: tuple[str, ...], folder: Path, environment: dict[str, str], limits: Limits
) -> Ran:
    """Run ``command`` in ``folder`` with nothing but ``environment``.

    The program leads a process group of its own; the whole group is gone when this returns or is
    cancelled. Raises OSError when the program cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *_limited(command, limits),
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    output = bytearray()
    timed_out = False
    try:
        async with asyncio.timeout(limits.wall_s):
            await _drain(process, output, limits.output_bytes)
            await process.wait()
    except TimeoutError:
        timed_out = True
    finally:
        await asyncio.shield(_end(process))
    return Ran(process.returncode or 0, bytes(output), timed_out)


def _limited(command: tuple[str, ...], limits: Limits) -> tuple[str, ...]:
    prlimit = shutil.which("prlimit")
    if prlimit is None:
        return command
    seconds = int(limits.wall_s) * 2 + 1
    return (
        prlimit,
        f"--as={limits.memory_mb << 20}",
        f"--fsize={limits.file_mb << 20}",
        f"--cpu={seconds}",
        "--core=0",
        "--nofile=256",
        "--",
        *command,
    )


async def _drain(process: asyncio.subprocess.Process, output: bytearray, limit: int) -> None:
    while process.stdout is not None and (piece := await process.stdout.read(1 << 16)):
        output += piece[: max(0, limit - len(output))]


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the group, even if its leader is gone already: children may hold the pipe open."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GRACE_S):
            await process.wait()
