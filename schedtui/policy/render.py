"""Writes parameter values into a policy's source, one line per parameter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from schedtui.model.external import Listed
from schedtui.model.policy import Parameter, ParameterType, ParameterValue, Policy
from schedtui.policy.errors import PolicyError
from schedtui.policy.values import check_value, written

_DECLARATIONS: Final = {
    ParameterType.INTEGER: "const volatile u64 {name}",
    ParameterType.BOOLEAN: "const volatile bool {name}",
    ParameterType.NAMES: "const volatile struct name_weight {name}[HINTS_MAX]",
}


def render(policy: Policy, parameters: Mapping[str, ParameterValue]) -> str:
    """Return the policy's source with ``parameters`` in it; the others keep their defaults.

    Rendering the defaults returns the source unchanged. Raises PolicyError for an unknown
    parameter, a value of the wrong type or range, and a source that does not declare a
    parameter on exactly one line.
    """
    known = {parameter.name for parameter in policy.parameters}
    for name in parameters:
        if name not in known:
            raise PolicyError(f"{policy.name} has no parameter called {name!r}.")
    source = policy.source
    for parameter in policy.parameters:
        value = check_value(parameter, parameters.get(parameter.name, parameter.default))
        source = _with_line(policy.name, source, parameter, value)
    return source


def declared(parameter: Parameter, value: ParameterValue) -> str:
    """Return the line that declares a parameter in a source. Raises PolicyError."""
    return f"{_declaration(parameter)} = {_initialiser(parameter, check_value(parameter, value))};"


def complete(
    policy: Listed, parameters: Mapping[str, ParameterValue]
) -> tuple[tuple[str, ParameterValue], ...]:
    """Return every parameter of the policy with its chosen or default value, in their order."""
    return tuple((p.name, parameters.get(p.name, p.default)) for p in policy.parameters)


def _with_line(owner: str, source: str, parameter: Parameter, value: ParameterValue) -> str:
    declaration = _declaration(parameter)
    line = re.compile(rf"^{re.escape(declaration)} = [^;\n]*;$", re.MULTILINE)
    found = line.findall(source)
    if len(found) != 1:
        raise PolicyError(
            f"The source of {owner} declares {parameter.name} on {len(found)} lines of the form "
            f"'{declaration} = ...;'; exactly one is needed."
        )
    replacement = f"{declaration} = {_initialiser(parameter, value)};"
    return line.sub(lambda _: replacement, source)


def _declaration(parameter: Parameter) -> str:
    if parameter.live:
        return f"LIVE_PARAMETER {parameter.name}"
    return _DECLARATIONS[parameter.type].format(name=parameter.name)


def _initialiser(parameter: Parameter, value: ParameterValue) -> str:
    if parameter.live:
        # With its range, so that what is approved is the range too, and the node knows it.
        return f"{{ {written(value)}, {parameter.minimum}, {parameter.maximum} }}"
    return written(value)
