"""Builds the workload programs: small static binaries that run in any guest of this machine's kind.

The result is content-addressed: the folder's name is a hash of sources, options and compiler, so
a second build finds everything done and a changed source can never meet an old binary.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib.metadata
import os
import platform
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from schedtui.model.text import safe_lines, safe_text
from schedtui.toolchain.errors import ToolchainError

SOURCES: Final = Path(__file__).resolve().parents[1] / "measure" / "workloads"
"""Where the programs' sources are: ``*.c``, one program each, and one shared header."""

_COMPILE_LIMIT_S: Final = 300.0  # the first build on a machine also builds the C library
_SHOWN_LINES: Final = 6
_FLAGS: Final = (
    ("-std=c11", "-static", "-O2", "-s", "-pthread"),
    ("-Wall", "-Wextra", "-Werror"),
)

Progress = Callable[[str], None]
"""Receives one short sentence per step."""


async def build_workloads(
    directory: Path, progress: Progress, sources: Path = SOURCES
) -> dict[str, Path]:
    """Return the path of each workload program by name, building what is not there yet.

    Args:
        directory: Where built folders are kept; made when missing. Several builds may share it.
        progress: Told once per program that is built.
        sources: Folder with ``*.c`` and ``*.h``.

    Raises:
        ToolchainError: ziglang is not installed, or a source does not compile.
    """
    command = _command()
    names = await asyncio.to_thread(_program_names, sources)
    target = directory / await asyncio.to_thread(_content_hash, sources, command)
    if not await asyncio.to_thread(_complete, target, names):
        await _build_into(target, names, sources, command, progress)
    return {name: target / name for name in names}


def built_workloads(directory: Path, sources: Path = SOURCES) -> dict[str, Path]:
    """Return the programs as ``build_workloads`` would, empty when they are not built yet."""
    names = _program_names(sources)
    target = directory / _content_hash(sources, _command())
    return {name: target / name for name in names} if _complete(target, names) else {}


async def _build_into(
    target: Path, names: list[str], sources: Path, command: list[str], progress: Progress
) -> None:
    unfinished = await asyncio.to_thread(_unfinished_folder, target.parent)
    try:
        for name in names:
            progress(f"compiling the workload {name}")
            await _compile(command, sources / f"{name}.c", unfinished / name)
        await asyncio.to_thread(_move_into_place, unfinished, target, names)
    finally:
        await asyncio.to_thread(shutil.rmtree, unfinished, True)


async def _compile(command: list[str], source: Path, output: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *command,
        "-o",
        str(output),
        str(source),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,  # the compiler starts processes of its own
    )
    try:
        async with asyncio.timeout(_COMPILE_LIMIT_S):
            said, _ = await process.communicate()
    except TimeoutError as error:
        raise ToolchainError(f"compiling {source.name} took too long") from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if process.returncode:
        lines = safe_lines(said, _SHOWN_LINES)
        raise ToolchainError(f"{source.name} does not compile", lines=lines)


def _command() -> list[str]:
    target = f"{platform.machine()}-linux-musl"
    flags = [flag for group in _FLAGS for flag in group]
    return [sys.executable, "-m", "ziglang", "cc", "-target", target, *flags]


def _program_names(sources: Path) -> list[str]:
    return sorted(path.stem for path in sources.glob("*.c"))


def _content_hash(sources: Path, command: list[str]) -> str:
    try:
        compiler = importlib.metadata.version("ziglang")
    except importlib.metadata.PackageNotFoundError as error:
        raise ToolchainError("the ziglang package, our C compiler, is not installed") from error
    # The interpreter's path is no part of what is built.
    digest = hashlib.sha256("\0".join((compiler, *command[1:])).encode())
    for path in sorted((*sources.glob("*.c"), *sources.glob("*.h"))):
        data = path.read_bytes()
        digest.update(f"\0{path.name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:16]


def _complete(target: Path, names: list[str]) -> bool:
    return all((target / name).is_file() for name in names)


def _unfinished_folder(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=directory))
    # The programs run as an unprivileged user, who must be able to get here.
    unfinished.chmod(0o755)
    return unfinished


def _move_into_place(unfinished: Path, target: Path, names: list[str]) -> None:
    for name in names:
        (unfinished / name).chmod(0o755)
    if target.is_dir() and not _complete(target, names):
        shutil.rmtree(target)  # somebody deleted a part of it
    try:
        unfinished.rename(target)
    except OSError as error:
        # Another build was faster; its content is the same by construction of the name.
        if not _complete(target, names):
            raise ToolchainError(f"cannot write {safe_text(str(target))}") from error
