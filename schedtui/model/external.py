"""External schedulers: programs that somebody else installed and that attach themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass

from schedtui.model.goal import Family
from schedtui.model.policy import Origin, Parameter, Policy, parameter_called
from schedtui.model.wire import WireError, from_json, to_json


@dataclass(frozen=True, slots=True)
class Program:
    """An installed program, as it was read."""

    path: str
    sha256: str
    size: int
    """In bytes."""


@dataclass(frozen=True, slots=True)
class HelpOption:
    """One option as a program's own help names it."""

    flags: tuple[str, ...]
    value: str
    """What the help calls its value; empty for one that takes none."""
    default: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ProgramHelp:
    """What a program says of itself."""

    version: str = ""
    options: tuple[HelpOption, ...] = ()
    trouble: str = ""
    """Why nothing could be learnt, empty when something was."""


@dataclass(frozen=True, slots=True)
class External:
    """An external scheduler: what our notes say of it, and the program that is installed."""

    name: str
    """Of the program."""
    title: str
    description: str
    families: tuple[Family, ...]
    tags: tuple[str, ...]
    use_cases: tuple[str, ...]
    limits: tuple[str, ...]
    requires: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    """The options that can be set, each ``--NAME VALUE``; a truth is the option alone."""
    arguments: tuple[str, ...]
    """What it is always given."""
    kernel_name: str
    """How the name begins that the kernel shows while it is in charge."""
    program: Program
    noted: bool
    """Whether there are notes on it. Without notes no option can be set."""
    unverified: tuple[str, ...]
    """What nobody can verify of it, in sentences for a person who decides."""
    origin: Origin = Origin.EXTERNAL

    def parameter(self, name: str) -> Parameter:
        """Return the parameter called ``name``; raises KeyError when there is none."""
        return parameter_called(name, self.parameters)


@dataclass(frozen=True, slots=True)
class ProgramFile:
    """One file that a program needs, itself among them."""

    name: str
    size: int
    """In bytes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that is started of an external scheduler: what a token for one is bound to."""

    kernel_name: str
    """How the name begins that the kernel must show."""
    program: str
    """Which of the files is the program."""
    linker: str
    """Which of them starts it; empty for a program that needs no libraries."""
    arguments: tuple[str, ...]
    files: tuple[ProgramFile, ...]

    def shows(self, name: str) -> bool:
        """Tell whether this is the scheduler that the kernel calls ``name``."""
        return name == self.kernel_name or name.startswith(f"{self.kernel_name}_")


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return the one byte form of a manifest; a token is for the hash of it."""
    return json.dumps(to_json(manifest), sort_keys=True, separators=(",", ":")).encode("ascii")


def read_manifest(data: bytes) -> Manifest:
    """Return the manifest that some bytes are. Raises WireError."""
    try:
        manifest = from_json(Manifest, json.loads(data))
    except (ValueError, RecursionError) as error:
        raise WireError("this is no manifest of a program") from error
    if manifest_bytes(manifest) != data:
        raise WireError("this is no manifest of a program")
    return manifest


Listed = Policy | External
"""What can be listed, searched and compared."""
