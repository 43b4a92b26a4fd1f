"""One parameter in one line."""

from __future__ import annotations

from schedtui.model.policy import Parameter, ParameterType


def parameter_text(parameter: Parameter) -> str:
    """Return name, default, range and meaning of a parameter."""
    bounds = ""
    if parameter.type is ParameterType.INTEGER:
        live = ", live" if parameter.live else ""
        bounds = f" ({parameter.minimum} to {parameter.maximum}{live})"
    value = f"{parameter.default} {parameter.unit}".strip()
    if parameter.type is ParameterType.NAMES:
        value = "a table of process names"
    return f"{parameter.name} = {value}{bounds}: {parameter.meaning}"
