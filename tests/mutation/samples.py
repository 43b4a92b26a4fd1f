"""A value of every kind of message, made from the types of its fields."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from enum import Enum
from typing import Any, Union

from schedtui.model import battery, machine, protocol, telemetry, verdict


def shapes() -> tuple[type, ...]:
    """Return all dataclasses that travel between a client and a node."""
    modules = (protocol, telemetry, machine, verdict, battery)
    found = {
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if dataclasses.is_dataclass(kind)
    }
    return tuple(sorted(found, key=lambda kind: (kind.__module__, kind.__name__)))


def sample(shape: Any) -> Any:
    """Return a value of a type that a message may have."""
    parts = typing.get_args(shape)
    if typing.get_origin(shape) is tuple:
        parts = (parts[0], parts[0]) if parts[-1] is Ellipsis else parts
        return tuple(sample(part) for part in parts)
    if typing.get_origin(shape) in {Union, types.UnionType}:
        return sample(next(part for part in parts if part is not type(None)))
    if dataclasses.is_dataclass(shape):
        hints = typing.get_type_hints(shape)
        return typing.cast("type", shape)(**{name: sample(hints[name]) for name in hints})
    if issubclass(shape, Enum):
        return next(iter(shape))
    return {str: "text", int: 41, float: 2.5, bool: True}[shape]


def conforms(shape: Any, value: Any) -> bool:
    """Tell whether a value really is of a type, to its last field."""
    parts = typing.get_args(shape)
    if typing.get_origin(shape) is tuple:
        if type(value) is not tuple:
            return False
        every = (parts[0],) * len(value) if parts[-1] is Ellipsis else parts
        return len(every) == len(value) and all(map(conforms, every, value))
    if typing.get_origin(shape) in {Union, types.UnionType}:
        return any(conforms(part, value) for part in parts)
    if type(value) is not shape:
        return False
    if dataclasses.is_dataclass(shape):
        hints = typing.get_type_hints(shape)
        return all(conforms(hints[name], getattr(value, name)) for name in hints)
    return True
