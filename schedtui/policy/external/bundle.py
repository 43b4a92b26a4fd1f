"""All files that an installed program needs to run elsewhere: itself, its linker, its libraries."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schedtui.model.external import External, Manifest, ProgramFile, manifest_bytes
from schedtui.model.text import safe_text
from schedtui.policy.errors import PolicyError, reason_of
from schedtui.policy.external.programs import Trust, why_not
from schedtui.toolchain.confined import Launch, Limits, limited, run_confined

_LIMITS: Final = Limits(
    wall_s=5.0, memory_mb=1024, file_mb=1, output_bytes=64 << 10, talk_bytes=4 << 10
)
_HEADER: Final = struct.Struct("<4sBBB9xHHIQQQIHHH")
_SEGMENT: Final = struct.Struct("<IIQQQQQQ")
_INTERPRETER: Final = 3
_X86_64: Final = 62
_MOST_SEGMENTS: Final = 64
_LIBRARY: Final = re.compile(r"\s*(?:(?P<name>\S+) => )?(?P<path>/\S+) \(0x[0-9a-f]+\)")
_MISSING: Final = re.compile(r"\s*(?P<name>\S+) => not found")


@dataclass(frozen=True, slots=True)
class Bundle:
    """An external scheduler with options, ready to be started elsewhere."""

    scheduler: External
    manifest: Manifest
    content: Mapping[str, bytes]
    """Of the files, by name."""

    @property
    def object(self) -> bytes:
        """The manifest, as a token is bound to it."""
        return manifest_bytes(self.manifest)

    @property
    def program_sha256(self) -> str:
        """Of the program alone."""
        return hashlib.sha256(self.content[self.manifest.program]).hexdigest()


async def bundle(
    scheduler: External, arguments: tuple[str, ...], trust: Trust | None = None
) -> Bundle:
    """Read all that a scheduler needs. Raises PolicyError.

    Its libraries are found by its own linker, which loads them and starts nothing.
    """
    program = Path(scheduler.program.path)
    content = {program.name: _read(program, trust)}
    if hashlib.sha256(content[program.name]).hexdigest() != scheduler.program.sha256:
        raise PolicyError(f"{scheduler.name} was changed after it was looked at.")
    linker = interpreter(content[program.name])
    if linker:
        content[Path(linker).name] = _read(Path(linker), trust)
        for name, path in await _libraries(linker, program):
            content.setdefault(name, _read(path, trust))
    files = tuple(_file(name, data) for name, data in sorted(content.items()))
    starts = Path(linker).name if linker else ""
    manifest = Manifest(scheduler.kernel_name, program.name, starts, arguments, files)
    return Bundle(scheduler, manifest, content)


def _read(path: Path, trust: Trust | None) -> bytes:
    shown = safe_text(str(path))
    if reason := why_not(path, trust or Trust()):
        raise PolicyError(f"{shown} is not used: {reason}.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise PolicyError(f"{shown} cannot be read: {reason_of(error)}.") from error


def _file(name: str, data: bytes) -> ProgramFile:
    return ProgramFile(name, len(data), hashlib.sha256(data).hexdigest())


def interpreter(data: bytes) -> str:
    """Return the linker that a program names, empty for one that needs none. Raises PolicyError."""
    try:
        head = _HEADER.unpack_from(data)
        at, size, count = head[8], head[12], head[13]
        if (*head[:3], head[5]) != (b"\x7fELF", 2, 1, _X86_64):
            raise PolicyError("It is no program for x86-64, which the sandbox is.")
        for number in range(min(count, _MOST_SEGMENTS)):
            kind, _, offset, _, _, length, _, _ = _SEGMENT.unpack_from(data, at + number * size)
            if kind == _INTERPRETER:
                return _whole_path(data[offset : offset + length].rstrip(b"\0").decode("ascii"))
    except (struct.error, OverflowError, UnicodeDecodeError) as error:
        raise PolicyError("It is no program for x86-64, which the sandbox is.") from error
    return ""


def _whole_path(text: str) -> str:
    if not text.startswith("/"):
        raise PolicyError("It names no whole path of a linker.")
    return text


async def _libraries(linker: str, program: Path) -> list[tuple[str, Path]]:
    """Return the libraries of a program, by the name they are looked for as."""
    try:
        command = limited((linker, "--list", str(program)), _LIMITS)
        ran = await run_confined(Launch(command, "/"), _LIMITS)
    except OSError as error:
        raise PolicyError(f"Its libraries cannot be found: {reason_of(error)}.") from error
    if ran.code != 0 or ran.timed_out or ran.overflowed:
        said = safe_text(ran.talk.strip()) or "no reason given"
        raise PolicyError(f"Its libraries cannot be found: {said}.")
    return list(_listed(ran.output.decode("utf-8", "replace")))


def _listed(text: str) -> Iterator[tuple[str, Path]]:
    for line in text.splitlines():
        missing = _MISSING.match(line)
        if missing:
            raise PolicyError(f"The library {safe_text(missing['name'])} is not installed.")
        found = _LIBRARY.fullmatch(line)
        if found:
            path = Path(found["path"])
            yield Path(found["name"] or path.name).name, path
