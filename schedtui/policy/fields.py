"""Typed access to the fields of a policy file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from schedtui.model.policy import NameWeight, Parameter, ParameterType, ParameterValue
from schedtui.model.text import safe_text
from schedtui.policy.errors import PolicyError
from schedtui.policy.values import check_value

_TEXT_LIMIT: Final = 1000
_LIST_LIMIT: Final = 40
_LARGEST: Final = 2**63 - 1
_PARAMETER_KEYS: Final = frozenset(
    {"name", "type", "default", "unit", "meaning", "minimum", "maximum", "live"}
)
_IDENTIFIER: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")


def is_identifier(text: str) -> bool:
    """Tell whether ``text`` can be the name of a policy or a parameter."""
    return _IDENTIFIER.fullmatch(text) is not None


def text_of(data: Mapping[str, object], key: str, *, empty: bool = False) -> str:
    """Return the text under ``key``, sanitised. Raises PolicyError."""
    value = data.get(key)
    if not isinstance(value, str):
        raise PolicyError(f"{key} is missing or not text.")
    if len(value) > _TEXT_LIMIT:
        raise PolicyError(f"{key} is longer than {_TEXT_LIMIT} characters.")
    if not value.strip() and not empty:
        raise PolicyError(f"{key} is empty.")
    return safe_text(" ".join(value.split()), _TEXT_LIMIT)


def texts_of(data: Mapping[str, object], key: str) -> tuple[str, ...]:
    """Return the list of texts under ``key``, sanitised. Raises PolicyError."""
    value = data.get(key)
    if not isinstance(value, list) or len(value) > _LIST_LIMIT:
        raise PolicyError(f"{key} is missing or not a list of at most {_LIST_LIMIT} texts.")
    return tuple(text_of({key: item}, key) for item in value)


def read_parameters(data: Mapping[str, object]) -> tuple[Parameter, ...]:
    """Return the typed parameters. Raises PolicyError."""
    rows = data.get("parameters", [])
    if not isinstance(rows, list) or len(rows) > _LIST_LIMIT:
        raise PolicyError(f"parameters is not a list of at most {_LIST_LIMIT} tables.")
    parameters = tuple(_parameter(row) for row in rows)
    if len({parameter.name for parameter in parameters}) != len(parameters):
        raise PolicyError("Two parameters have the same name.")
    return parameters


def read_constants(data: Mapping[str, object]) -> tuple[Parameter, ...]:
    """Return parameters none of which may be live. Raises PolicyError."""
    parameters = read_parameters(data)
    live = next((each.name for each in parameters if each.live), None)
    if live is not None:
        raise PolicyError(f"{live} cannot be live: only policies that are written whole have such.")
    return parameters


def _parameter(row: object) -> Parameter:
    if not isinstance(row, dict):
        raise PolicyError("A parameter is not a table.")
    unknown = row.keys() - _PARAMETER_KEYS
    if unknown:
        raise PolicyError(f"The key {safe_text(min(unknown))!r} of a parameter is not known.")
    name = text_of(row, "name")
    if not is_identifier(name):
        raise PolicyError("A parameter name has small letters, digits and _ only.")
    kind = _type(name, text_of(row, "type"))
    low, high = _bounds(name, kind, row)
    unit = text_of(row, "unit", empty=True)
    meaning, live = text_of(row, "meaning"), _live(name, kind, row)
    bare = Parameter(name, kind, 0, unit, meaning, low, high, live)
    default = check_value(bare, _default(row.get("default")))
    return replace(bare, default=default)


def _live(name: str, kind: ParameterType, row: Mapping[str, object]) -> bool:
    live = row.get("live", False)
    if not isinstance(live, bool):
        raise PolicyError(f"live of {name} is either true or false.")
    if live and kind is not ParameterType.INTEGER:
        raise PolicyError(f"{name} cannot be live: only integers can.")
    return live


def _type(name: str, text: str) -> ParameterType:
    try:
        return ParameterType(text)
    except ValueError as error:
        known = ", ".join(ParameterType)
        raise PolicyError(f"The type of {name} is not one of {known}.") from error


def _bounds(name: str, kind: ParameterType, row: Mapping[str, object]) -> tuple[int, int]:
    if kind is ParameterType.BOOLEAN:
        if "minimum" in row or "maximum" in row:
            raise PolicyError(f"{name} is true or false and has no minimum or maximum.")
        return 0, 0
    low, high = row.get("minimum"), row.get("maximum")
    if type(low) is not int or type(high) is not int:
        raise PolicyError(f"{name} needs a minimum and a maximum, both whole numbers.")
    if not 0 <= low <= high <= _LARGEST:
        raise PolicyError(f"The range of {name} is not between 0 and {_LARGEST}, in order.")
    return low, high


def _default(value: object) -> ParameterValue | object:
    if not isinstance(value, list):
        return value
    return tuple(_name_weight(item) for item in value)


def _name_weight(item: object) -> NameWeight:
    if not isinstance(item, dict) or item.keys() != {"name", "expected_ms"}:
        raise PolicyError("A row of names has exactly the keys name and expected_ms.")
    name, expected = item["name"], item["expected_ms"]
    if not isinstance(name, str) or type(expected) is not int:
        raise PolicyError("A row of names has a text and a whole number.")
    return NameWeight(name, expected)
