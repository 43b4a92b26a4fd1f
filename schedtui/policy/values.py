"""Checks parameter values and writes them as C initialisers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schedtui.model.policy import NameWeight, Parameter, ParameterType, ParameterValue, Policy
from schedtui.policy.errors import PolicyError

MAX_ROWS: Final = 16
"""Rows that a names parameter can hold (HINTS_MAX in the BPF source)."""

MAX_NAME_BYTES: Final = 15
"""Longest process name the kernel keeps, in bytes."""

_PLAIN: Final = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.:/+#@()[],="
)


def check_value(parameter: Parameter, value: object) -> ParameterValue:
    """Return ``value`` when it has the parameter's type and range. Raises PolicyError."""
    if parameter.type is ParameterType.BOOLEAN:
        return _check_boolean(parameter, value)
    if parameter.type is ParameterType.INTEGER:
        return _check_integer(parameter, value)
    return _check_names(parameter, value)


def load_values(
    policy: Policy, chosen: Mapping[str, ParameterValue]
) -> tuple[tuple[str, int], ...]:
    """Return ``chosen`` as a node sets them in a compiled object, in the policy's order.

    Type and range are the policy's; that the object has such a constant, the node looks itself.
    Raises PolicyError for an unknown parameter, a value of the wrong type or range, and a table
    of names, which can only be written into the source.
    """
    known = {parameter.name for parameter in policy.parameters}
    for name in chosen:
        if name not in known:
            raise PolicyError(f"{policy.name} has no parameter called {name!r}.")
    wanted = (parameter for parameter in policy.parameters if parameter.name in chosen)
    return tuple((each.name, _number(each, chosen[each.name])) for each in wanted)


def _number(parameter: Parameter, value: object) -> int:
    checked = check_value(parameter, value)
    if isinstance(checked, tuple):
        raise PolicyError(f"{parameter.name} is a table; it is set in the source only.")
    return int(checked)


def fits_name(name: str) -> bool:
    """Tell whether ``name`` can be a row of a names parameter."""
    return 0 < len(name.encode("utf-8", "replace")) <= MAX_NAME_BYTES and name.isprintable()


def written(value: ParameterValue) -> str:
    """Return a checked value as the C initialiser of its variable."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    rows = ", ".join(f'{{ "{_c_string(row.name)}", {row.expected_ms} }}' for row in value)
    return f"{{ {rows} }}" if rows else "{}"


def _check_boolean(parameter: Parameter, value: object) -> bool:
    if not isinstance(value, bool):
        raise PolicyError(f"{parameter.name} is either true or false.")
    return value


def _check_integer(parameter: Parameter, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise PolicyError(f"{parameter.name} is a whole number.")
    if not parameter.minimum <= value <= parameter.maximum:
        raise PolicyError(f"{parameter.name} = {value} is outside {_range_of(parameter)}.")
    return value


def _check_names(parameter: Parameter, value: object) -> tuple[NameWeight, ...]:
    if not isinstance(value, tuple) or not all(isinstance(row, NameWeight) for row in value):
        raise PolicyError(f"{parameter.name} is a table of process names.")
    if len(value) > MAX_ROWS:
        raise PolicyError(f"{parameter.name} holds at most {MAX_ROWS} names, not {len(value)}.")
    if len({row.name for row in value}) != len(value):
        raise PolicyError(f"{parameter.name} names a process twice.")
    for row in value:
        _check_row(parameter, row)
    return value


def _check_row(parameter: Parameter, row: NameWeight) -> None:
    if not fits_name(row.name):
        raise PolicyError(
            f"A name in {parameter.name} is empty, not printable or over {MAX_NAME_BYTES} bytes."
        )
    if type(row.expected_ms) is not int:
        raise PolicyError(f"The expected time of a name in {parameter.name} is a whole number.")
    if not parameter.minimum <= row.expected_ms <= parameter.maximum:
        raise PolicyError(
            f"An expected time in {parameter.name}, {row.expected_ms}, is outside "
            f"{_range_of(parameter)}."
        )


def _range_of(parameter: Parameter) -> str:
    return f"{parameter.minimum} to {parameter.maximum} {parameter.unit}".rstrip()


def _c_string(name: str) -> str:
    # Always three octal digits: no following character can lengthen the escape, and no quote,
    # backslash or trigraph of a process name can end the string.
    return "".join(chr(b) if b in _PLAIN else f"\\{b:03o}" for b in name.encode("utf-8", "replace"))
