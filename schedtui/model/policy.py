"""Policies and their parameters, as the repository describes them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schedtui.model.goal import Family


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


@dataclass(frozen=True, slots=True)
class Parameter:
    """A typed knob of a policy. It is the ``const volatile`` variable of the same name."""

    name: str
    type: ParameterType
    default: ParameterValue
    unit: str
    meaning: str
    minimum: int = 0
    maximum: int = 0


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
    """File name below ``bpf/schedulers``."""
    source: str

    def parameter(self, name: str) -> Parameter:
        """Return the parameter called ``name``; raises KeyError when there is none."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)
