"""External schedulers: programs that somebody else installed and that attach themselves."""

from __future__ import annotations

from dataclasses import dataclass

from schedtui.model.goal import Family
from schedtui.model.policy import Origin, Parameter, Policy


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
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)


Listed = Policy | External
"""What can be listed, searched and compared."""
