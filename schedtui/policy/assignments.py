"""Reads parameter values as people write them on a command line: ``NAME=VALUE``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schedtui.model.external import Listed
from schedtui.model.policy import NameWeight, Parameter, ParameterType, ParameterValue
from schedtui.model.text import safe_text
from schedtui.policy.errors import PolicyError
from schedtui.policy.values import check_value

_BOOLEANS: Final = {"true": True, "false": False}


def read_assignments(policy: Listed, texts: Sequence[str]) -> dict[str, ParameterValue]:
    """Return the values that ``texts`` give to parameters of the policy, checked.

    An integer is written in digits, a boolean as true or false, a table of names as
    ``name:milliseconds`` with commas between. Raises PolicyError.
    """
    values: dict[str, ParameterValue] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise PolicyError(f"{safe_text(text)!r} is not of the form NAME=VALUE.")
        if name in values:
            raise PolicyError(f"{safe_text(name)} is given twice.")
        parameter = _parameter(policy, name)
        values[name] = check_value(parameter, _value(parameter, value))
    return values


def _parameter(policy: Listed, name: str) -> Parameter:
    try:
        return policy.parameter(name)
    except KeyError as error:
        known = ", ".join(parameter.name for parameter in policy.parameters) or "none"
        raise PolicyError(
            f"{policy.name} has no parameter called {safe_text(name)!r}; it has: {known}."
        ) from error


def _value(parameter: Parameter, text: str) -> ParameterValue:
    if parameter.type is ParameterType.INTEGER:
        return _integer(parameter, text)
    if parameter.type is ParameterType.NAMES:
        return tuple(_row(parameter, row) for row in text.split(",") if row)
    if text not in _BOOLEANS:
        raise PolicyError(f"{parameter.name} is either true or false.")
    return _BOOLEANS[text]


def _row(parameter: Parameter, text: str) -> NameWeight:
    name, _, expected = text.rpartition(":")
    return NameWeight(name, _integer(parameter, expected))


def _integer(parameter: Parameter, text: str) -> int:
    # int() also takes spaces, underscores and digits of every script, and any length.
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 20):
        raise PolicyError(f"{parameter.name} takes whole numbers, not {safe_text(text)!r}.")
    return int(text)
