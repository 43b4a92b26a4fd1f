"""What a command of a person's own needs in the guest, gathered from this machine.

The guest sees no file of its host. What a command is to have there is read once, here, and sent to
it: its program with the interpreter and the libraries that this names, and the files and folders
that the person named. Nothing else is looked for, so that nothing is given away by accident.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from schedtui.model.parcel import BOUNDS, CarriedFile, Parcel, Use
from schedtui.model.text import safe_text
from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.linked import linker_of
from schedtui.target.port import TargetError
from schedtui.toolchain.errors import ToolchainError
from schedtui.toolchain.linking import libraries_of

_MOST: Final = BOUNDS[Use.COMMAND]
_USUAL_FOLDERS: Final = ("/lib", "/usr/lib")
_CACHE: Final = Path("/etc/ld.so.cache")
"""By which libraries are found that are elsewhere."""


async def gather(command: Sequence[str], named: Sequence[Path], folder: Path) -> Parcel:
    """Return the parcel of a command that is run in ``folder``.

    Args:
        command: The program's absolute path, see :func:`found`, then its arguments.
        named: Files and folders that it needs besides; relative to ``folder``, or absolute.
        folder: Where it runs.

    Raises:
        TargetError: Something is not there, cannot be read, or is too much.
    """
    gathering = _Gathering()
    await gathering.add_program(Path(command[0]))
    for path in named:
        for each in _below(folder / path):
            await gathering.add_program(each)
    return Parcel(tuple(gathering.files.values()), str(folder))


def found(program: str, folder: Path) -> Path:
    """Return the path of a program as a shell in ``folder`` would find it. Raises TargetError."""
    here = folder / program if "/" in program else None
    path = shutil.which(str(here or program))
    if path is None:
        raise TargetError(f"there is no program called {safe_text(program)}", "name one that is")
    return Path(os.path.normpath(folder / path))


class _Gathering:
    """Files by their path, and how much they are together."""

    def __init__(self) -> None:
        self.files: dict[str, CarriedFile] = {}
        self._bytes = 0

    async def add_program(self, path: Path) -> None:
        """Add a file, and what it takes to run it where it can be run."""
        path = Path(os.path.normpath(path))
        if str(path) in self.files:
            return
        content = self._add(path)
        if os.access(path, os.X_OK):
            for needed in (*_script_programs(content), *await _linked(path, content)):
                await self.add_program(needed)

    def _add(self, path: Path) -> bytes:
        content = _read(path, _MOST.size - self._bytes + 1)
        self._bytes += len(content)
        if self._bytes > _MOST.size or len(self.files) >= _MOST.count:
            raise TargetError(
                f"the command's files are more than {_MOST.size >> 20} MiB or {_MOST.count}",
                "name fewer with --with",
            )
        self.files[str(path)] = CarriedFile(str(path), content, os.access(path, os.X_OK))
        return content


def _read(path: Path, most: int) -> bytes:
    """Return at most ``most`` bytes of a plain file; a pipe would never end."""
    shown = safe_text(str(path))
    try:
        if not path.is_file():
            path.stat()
            raise TargetError(f"{shown} is no plain file", "name files and folders")
        with path.open("rb") as handle:
            return handle.read(most)
    except OSError as error:
        raise TargetError(f"cannot read {shown}: {error.strerror}", "check --with") from error


def _below(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for folder, _, names in os.walk(path):
        files = (Path(folder, name) for name in sorted(names))
        yield from (each for each in files if each.is_file())


def _script_programs(content: bytes) -> Iterator[Path]:
    """Yield what the first line of a script names: an interpreter, and what env looks for."""
    if not content.startswith(b"#!"):
        return
    words = content[2:256].split(b"\n", 1)[0].decode("utf-8", "replace").split()
    if words and Path(words[0]).is_absolute():
        yield Path(words[0])
    if len(words) > 1 and Path(words[0]).name == "env" and (path := shutil.which(words[-1])):
        yield Path(path)


async def _linked(path: Path, content: bytes) -> tuple[Path, ...]:
    """Return the linker of a program and the libraries that this lists, none for other files."""
    try:
        linker = linker_of(content)
    except ObjectFileError:
        return ()
    if not linker:
        return ()
    try:
        named = [library for _, library in await libraries_of(path, linker)]
    except ToolchainError as error:
        shown = safe_text(str(path))
        sentence = f"the libraries of {shown} are not all there: {error.sentence}"
        raise TargetError(sentence, f"try: ldd {shown}") from error
    usual = all(str(library).startswith(_USUAL_FOLDERS) for library in named)
    cache = () if usual or not _CACHE.is_file() else (_CACHE,)
    return (Path(linker), *named, *cache)
