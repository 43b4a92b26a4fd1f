"""Builds what runs natively in a guest: the workload programs and the guest's own small library.

The result is content-addressed: the folder's name is a hash of sources, options and compiler, so
a second build finds everything done and a changed source can never meet an old binary.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.metadata
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schedtui.model.text import safe_lines, safe_text
from schedtui.toolchain.errors import ToolchainError
from schedtui.toolchain.unfinished import unfinished_folder

_ROOMS: Final = Path(__file__).resolve().parents[1]
_WATCHED: Final = Path(__file__).with_name("watched.py")
_COMPILE_LIMIT_S: Final = 300.0  # the first build on a machine also builds the C library
_SHOWN_LINES: Final = 6
_FLAGS: Final = ("-std=c11", "-O2", "-s", "-Wall", "-Wextra", "-Werror")

Progress = Callable[[str], None]
"""Receives one short sentence per step."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is built from the C files of one folder, and how."""

    what: str
    """What one of them is, for people."""
    sources: Path
    """Folder with ``*.c``, of which each becomes one file, and ``*.h``."""
    libc: str
    """The C library it is for, as the compiler calls it."""
    flags: tuple[str, ...]


PROGRAMS: Final = Recipe(
    "the workload", _ROOMS / "measure" / "workloads", "musl", ("-static", "-pthread")
)
"""Static programs that run on any machine of this kind."""

KERNEL_TYPES: Final = Recipe(
    "the guest's library",
    _ROOMS / "node" / "native",
    "gnu",
    ("-shared", "-fPIC", "-nostdlib", "-fvisibility=hidden"),
)
"""The library that the guest's libbpf shares its knowledge of the kernel's types by."""


async def build(directory: Path, progress: Progress, recipe: Recipe = PROGRAMS) -> dict[str, Path]:
    """Return the path of each built file by its source's name, building what is not there yet.

    Args:
        directory: Where built folders are kept; made when missing. Several builds may share it.
        progress: Told once per file that is built.
        recipe: What to build.

    Raises:
        ToolchainError: ziglang is not installed, or a source does not compile.
    """
    names = await asyncio.to_thread(_names, recipe)
    target = directory / await asyncio.to_thread(_content_hash, recipe)
    if not await asyncio.to_thread(_complete, target, names):
        await _build_into(target, names, recipe, progress)
    return {name: target / name for name in names}


def built(directory: Path, recipe: Recipe = PROGRAMS) -> dict[str, Path]:
    """Return what ``build`` would, empty when it is not built yet."""
    names = _names(recipe)
    target = directory / _content_hash(recipe)
    return {name: target / name for name in names} if _complete(target, names) else {}


async def _build_into(target: Path, names: list[str], recipe: Recipe, progress: Progress) -> None:
    with unfinished_folder(target.parent) as unfinished:
        for name in names:
            progress(f"compiling {recipe.what} {name}")
            await _compile(_command(recipe), recipe.sources / f"{name}.c", unfinished / name)
        await asyncio.to_thread(_move_into_place, unfinished, target, names)


async def _compile(command: list[str], source: Path, output: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(_WATCHED), str(output.parent)),
        *command,
        "-o",
        str(output),
        str(source),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C is ours to pass on
    )
    try:
        async with asyncio.timeout(_COMPILE_LIMIT_S):
            said = await _all_said(process)
            await process.wait()
    except TimeoutError as error:
        raise ToolchainError(f"compiling {source.name} took too long") from error
    finally:
        await asyncio.shield(_end(process))
    if process.returncode:
        lines = safe_lines(said, _SHOWN_LINES)
        raise ToolchainError(f"{source.name} does not compile", lines=lines)


async def _all_said(process: asyncio.subprocess.Process) -> bytes:
    return await process.stdout.read() if process.stdout is not None else b""


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let go of a compiler, which ends it."""
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()


def _command(recipe: Recipe) -> list[str]:
    target = f"{platform.machine()}-linux-{recipe.libc}"
    return [sys.executable, "-m", "ziglang", "cc", "-target", target, *_FLAGS, *recipe.flags]


def _names(recipe: Recipe) -> list[str]:
    return sorted(path.stem for path in recipe.sources.glob("*.c"))


def _content_hash(recipe: Recipe) -> str:
    try:
        compiler = importlib.metadata.version("ziglang")
    except importlib.metadata.PackageNotFoundError as error:
        raise ToolchainError("the ziglang package, our C compiler, is not installed") from error
    # The interpreter's path is no part of what is built.
    digest = hashlib.sha256("\0".join((compiler, *_command(recipe)[1:])).encode())
    for path in sorted((*recipe.sources.glob("*.c"), *recipe.sources.glob("*.h"))):
        data = path.read_bytes()
        digest.update(f"\0{path.name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:16]


def _complete(target: Path, names: list[str]) -> bool:
    return all((target / name).is_file() for name in names)


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
