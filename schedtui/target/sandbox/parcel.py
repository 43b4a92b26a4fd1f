"""What a command of a person's own needs in the guest, gathered from this machine.

The guest sees no file of its host. What a command is to have there is read once, here, and sent to
it: its program with the interpreter and the libraries that this names, and the files and folders
that the person named. Nothing else is looked for, so that nothing is given away by accident.
"""

from __future__ import annotations

import base64
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from schedtui.model.parcel import CarriedFile, Parcel
from schedtui.model.protocol import Nothing, PlaceArgs
from schedtui.model.text import safe_text
from schedtui.target.link import NodeLink
from schedtui.target.port import TargetError

MOST_BYTES: Final = 32 << 20
MOST_FILES: Final = 2000
_PART_BYTES: Final = 2 << 20
_ELF: Final = b"\x7fELF\x02\x01"
_SEGMENTS_AT: Final = 32
_SEGMENT_SIZE_AT: Final = 54
_INTERPRETER: Final = 3
_LIST_SECONDS: Final = 10
_USUAL_FOLDERS: Final = ("/lib", "/usr/lib")
_CACHE: Final = Path("/etc/ld.so.cache")
"""By which libraries are found that are elsewhere."""


def gather(command: Sequence[str], named: Sequence[Path], folder: Path) -> Parcel:
    """Return the parcel of a command that is run in ``folder``.

    Args:
        command: The program's absolute path, see :func:`found`, then its arguments.
        named: Files and folders that it needs besides; relative to ``folder``, or absolute.
        folder: Where it runs.

    Raises:
        TargetError: Something is not there, cannot be read, or is too much.
    """
    gathering = _Gathering()
    gathering.add_program(Path(command[0]))
    for path in named:
        for each in _below(folder / path):
            gathering.add_program(each)
    return Parcel(tuple(gathering.files.values()), str(folder))


def found(program: str, folder: Path) -> Path:
    """Return the path of a program as a shell in ``folder`` would find it. Raises TargetError."""
    here = folder / program if "/" in program else None
    path = shutil.which(str(here or program))
    if path is None:
        raise TargetError(f"there is no program called {safe_text(program)}", "name one that is")
    return Path(os.path.normpath(folder / path))


async def send(link: NodeLink, parcel: Parcel) -> None:
    """Place all files in a guest. Raises LinkError."""
    for each in parcel.files:
        for offset in range(0, max(len(each.content), 1), _PART_BYTES):
            part = base64.b64encode(each.content[offset : offset + _PART_BYTES]).decode()
            args = PlaceArgs(each.path, offset, part, each.executable)
            await link.call("place", args, Nothing)


class _Gathering:
    """Files by their path, and how much they are together."""

    def __init__(self) -> None:
        self.files: dict[str, CarriedFile] = {}
        self._bytes = 0

    def add_program(self, path: Path) -> None:
        """Add a file, and what it takes to run it where it can be run."""
        path = Path(os.path.normpath(path))
        if str(path) in self.files:
            return
        content = self._add(path)
        if os.access(path, os.X_OK):
            for needed in (*_script_programs(content), *_libraries(path, content)):
                self.add_program(needed)

    def _add(self, path: Path) -> bytes:
        content = _read(path, MOST_BYTES - self._bytes + 1)
        self._bytes += len(content)
        if self._bytes > MOST_BYTES or len(self.files) >= MOST_FILES:
            raise TargetError(
                f"the command's files are more than {MOST_BYTES >> 20} MiB or {MOST_FILES}",
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


def _libraries(path: Path, content: bytes) -> Iterator[Path]:
    """Yield the interpreter of a program and the libraries that it says it will load."""
    interpreter = _interpreter(content)
    if not interpreter:
        return
    yield Path(interpreter)
    try:
        said = subprocess.run(
            [interpreter, "--list", str(path)],
            env={},
            capture_output=True,
            timeout=_LIST_SECONDS,
            check=True,
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError) as error:
        shown = safe_text(str(path))
        raise TargetError(f"the libraries of {shown} are not all there", f"try: ldd {shown}") from (
            error
        )
    words = (line.rpartition(" => ")[2].strip().partition(" (0x")[0] for line in said.splitlines())
    named = [word for word in words if word.startswith("/") and word != interpreter]
    yield from map(Path, named)
    if not all(word.startswith(_USUAL_FOLDERS) for word in named) and _CACHE.is_file():
        yield _CACHE


def _interpreter(content: bytes) -> str:
    """Return the program interpreter that an ELF file names, empty when it names none."""
    if not content.startswith(_ELF):
        return ""
    try:
        (at,) = struct.unpack_from("<Q", content, _SEGMENTS_AT)
        size, count = struct.unpack_from("<HH", content, _SEGMENT_SIZE_AT)
        for start in range(at, at + size * count, size):
            kind, _, offset, _, _, length = struct.unpack_from("<IIQQQQ", content, start)
            if kind == _INTERPRETER:
                return content[offset : offset + length].rstrip(b"\0").decode("utf-8", "replace")
    except (struct.error, ValueError):
        return ""
    return ""
