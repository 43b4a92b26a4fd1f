"""All files that an installed program needs to run elsewhere: itself, its linker, its libraries."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from schedtui.model.external import External, Manifest, ProgramFile, manifest_bytes
from schedtui.model.parcel import CarriedFile
from schedtui.model.text import safe_text
from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.linked import linker_of
from schedtui.policy.errors import PolicyError, reason_of
from schedtui.policy.external.programs import Trust, why_not
from schedtui.toolchain.errors import ToolchainError
from schedtui.toolchain.linking import libraries_of


@dataclass(frozen=True, slots=True)
class Bundle:
    """An external scheduler with options, ready to be started elsewhere."""

    scheduler: External
    manifest: Manifest
    files: tuple[CarriedFile, ...]
    """Those of the manifest."""

    @property
    def object(self) -> bytes:
        """The manifest, as a token is bound to it."""
        return manifest_bytes(self.manifest)

    @property
    def program_sha256(self) -> str:
        """Of the program alone."""
        return self.scheduler.program.sha256


async def bundle(
    scheduler: External, arguments: tuple[str, ...], trust: Trust | None = None
) -> Bundle:
    """Read all that a scheduler needs. Raises PolicyError.

    Its libraries are found by its own linker, which loads them and starts nothing.
    """
    path = Path(scheduler.program.path)
    program = _read(path.name, path, trust)
    if program.sha256 != scheduler.program.sha256:
        raise PolicyError(f"{scheduler.name} was changed after it was looked at.")
    try:
        linker = linker_of(program.content)
    except ObjectFileError as error:
        reason = f"It is no program for x86-64, which the sandbox is: {error}."
        raise PolicyError(reason) from error
    files = {program.path: program}
    for each in await _linked(path, linker, trust) if linker else ():
        files.setdefault(each.path, each)
    whole = tuple(file for _, file in sorted(files.items()))
    rows = tuple(ProgramFile(each.path, len(each.content), each.sha256) for each in whole)
    manifest = Manifest(scheduler.kernel_name, path.name, Path(linker).name, arguments, rows)
    return Bundle(scheduler, manifest, whole)


async def _linked(program: Path, linker: str, trust: Trust | None) -> list[CarriedFile]:
    """Return the linker of a program and the libraries that it finds for it."""
    files = [_read(Path(linker).name, Path(linker), trust)]
    try:
        libraries = await libraries_of(program, linker)
    except ToolchainError as error:
        raise PolicyError(f"{error.sentence[0].upper()}{error.sentence[1:]}.") from error
    return [*files, *(_read(name, path, trust) for name, path in libraries)]


def _read(name: str, path: Path, trust: Trust | None) -> CarriedFile:
    shown = safe_text(str(path))
    if reason := why_not(path, trust or Trust()):
        raise PolicyError(f"{shown} is not used: {reason}.")
    try:
        return CarriedFile(name, path.read_bytes(), executable=True)
    except OSError as error:
        raise PolicyError(f"{shown} cannot be read: {reason_of(error)}.") from error
