"""Policies and their parameters, as the repository describes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from schedtui.model.goal import Family
from schedtui.model.slots import SlotFilling


class Origin(StrEnum):
    """Whose a policy, a key or a theme is."""

    BUILT_IN = "built-in"
    """It comes with the program."""
    YOURS = "yours"
    """It is in a folder of the user, written or imported there."""
    EXTERNAL = "external"
    """It is a program that somebody else installed."""


class ParameterType(StrEnum):
    """How a parameter is written into the policy's source."""

    INTEGER = "integer"
    BOOLEAN = "boolean"
    NAMES = "names"
    """A table of process names with an expected run time in milliseconds each."""


@dataclass(frozen=True, slots=True)
class NameWeight:
    """One row of a names parameter."""

    name: str
    expected_ms: int


ParameterValue = int | bool | tuple[NameWeight, ...]

ParameterValues = tuple[tuple[str, ParameterValue], ...]
"""Names and values, in the order of the policy."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A typed knob of a policy. It is the variable of the same name at the source's file level."""

    name: str
    type: ParameterType
    default: ParameterValue
    unit: str
    meaning: str
    minimum: int = 0
    maximum: int = 0
    live: bool = False
    """Whether it can also be set while the policy runs; else it is a constant of the object."""


def parameter_called(name: str, parameters: Iterable[Parameter]) -> Parameter:
    """Return the parameter of a name; raises KeyError when there is none."""
    for parameter in parameters:
        if parameter.name == name:
            return parameter
    raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Policy:
    """One entry of the repository."""

    name: str
    title: str
    description: str
    families: tuple[Family, ...]
    tags: tuple[str, ...]
    use_cases: tuple[str, ...]
    limits: tuple[str, ...]
    """What it does badly or ignores, in sentences for a person who decides."""
    requires: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    source_name: str
    """File name below ``bpf/schedulers``, or in the user's own folder."""
    source: str
    origin: Origin = Origin.BUILT_IN
    fillings: tuple[SlotFilling, ...] = ()
    """The slots that the source was composed from; empty for one written as a whole."""

    def parameter(self, name: str) -> Parameter:
        """Return the parameter called ``name``; raises KeyError when there is none."""
        return parameter_called(name, self.parameters)


@dataclass(frozen=True, slots=True)
class WordMatch:
    """One word of a search that a policy has."""

    word: str
    """As it was asked."""
    term: str
    """As it was looked for: its synonym, or the word itself."""
    fields: tuple[str, ...]
    """Where it stands, weightiest first; names of fields of the policy."""


@dataclass(frozen=True, slots=True)
class Match:
    """One policy that a search found."""

    name: str
    title: str
    origin: Origin
    families: tuple[Family, ...]
    score: float
    """0 to 1, by the same index that planning uses."""
    words: tuple[WordMatch, ...]
