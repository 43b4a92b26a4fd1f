"""Dataclasses to JSON and back, strictly.

The node protocol, recordings and ``--json`` all use this one form: a dataclass is an object with
its field names, a tuple is a list, an enum is its value. Decoding trusts nothing: an unknown
field, a missing field without default, a wrong type or a non-finite number raises WireError.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import types
import typing
from enum import Enum
from typing import Any, TypeVar, Union

T = TypeVar("T")

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


class WireError(ValueError):
    """Data does not have the shape that was promised."""


def to_json(value: object) -> Json:
    """Return ``value`` as plain JSON types. Raises WireError for anything unexpected."""
    # The common cases come first and cheap: a node does this many times a second.
    kind = type(value)
    if kind in _PLAIN:
        return typing.cast("Json", value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if kind is tuple or kind is list:
        return [to_json(item) for item in typing.cast("tuple[object, ...]", value)]
    names = _field_names(kind)
    if names is not None:
        return {name: to_json(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return to_json(value.value)
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    raise WireError(f"cannot send a {kind.__name__}")


_PLAIN = frozenset({type(None), str, bool, int})


_FIELD_NAMES: dict[type, tuple[str, ...] | None] = {}


def _field_names(kind: type) -> tuple[str, ...] | None:
    """Return the names of a dataclass's fields, None for another type; remembered."""
    if kind not in _FIELD_NAMES:
        known = dataclasses.is_dataclass(kind)
        _FIELD_NAMES[kind] = tuple(f.name for f in dataclasses.fields(kind)) if known else None
    return _FIELD_NAMES[kind]


def tagged(value: object) -> dict[str, Json]:
    """Return a dataclass as JSON with its class name under ``event``."""
    body = to_json(value)
    if not isinstance(body, dict):
        raise WireError(f"{type(value).__name__} is not a dataclass")
    return {"event": type(value).__name__, **body}


def from_json(shape: type[T], data: object) -> T:
    """Build a ``shape`` from JSON data. Raises WireError when the data does not fit."""
    return typing.cast("T", _decode(shape, data, shape.__name__))


def warm(*shapes: type) -> None:
    """Work out how to decode ``shapes`` and what they hold, ahead of the first use."""
    for shape in shapes:
        for hint in _hints(shape).values():
            inner = [part for part in (hint, *typing.get_args(hint)) if isinstance(part, type)]
            warm(*(part for part in inner if dataclasses.is_dataclass(part)))


@functools.cache
def _hints(shape: type) -> dict[str, Any]:
    return typing.get_type_hints(shape)


def _decode(shape: object, data: object, where: str) -> object:
    origin = typing.get_origin(shape)
    if origin in {Union, types.UnionType}:
        return _decode_union(typing.get_args(shape), data, where)
    if origin is tuple:
        return _decode_tuple(typing.get_args(shape), data, where)
    if dataclasses.is_dataclass(shape) and isinstance(shape, type):
        return _decode_dataclass(shape, data, where)
    if isinstance(shape, type) and issubclass(shape, Enum):
        return _decode_enum(shape, data, where)
    return _decode_scalar(shape, data, where)


def _decode_scalar(shape: object, data: object, where: str) -> object:
    if shape is type(None) and data is None:
        return None
    if shape is float and type(data) in {int, float}:
        number = _as_float(typing.cast("float", data))
        if math.isfinite(number):
            return number
    if shape in {str, bool, int} and type(data) is shape:
        return data
    raise WireError(f"{where}: expected {getattr(shape, '__name__', shape)}")


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf


def _decode_enum(shape: type[Enum], data: object, where: str) -> object:
    try:
        return shape(data)
    except ValueError as error:
        raise WireError(f"{where}: unknown {shape.__name__}") from error


def _decode_union(shapes: tuple[object, ...], data: object, where: str) -> object:
    for shape in shapes:
        try:
            return _decode(shape, data, where)
        except WireError:
            continue
    raise WireError(f"{where}: none of the allowed shapes")


def _decode_tuple(shapes: tuple[object, ...], data: object, where: str) -> object:
    if not isinstance(data, list | tuple):
        raise WireError(f"{where}: expected a list")
    if len(shapes) == 2 and shapes[1] is Ellipsis:
        return tuple(_decode(shapes[0], item, f"{where}[{i}]") for i, item in enumerate(data))
    if len(data) != len(shapes):
        raise WireError(f"{where}: expected {len(shapes)} items")
    pairs = zip(shapes, data, strict=True)
    return tuple(_decode(shape, item, f"{where}[{i}]") for i, (shape, item) in enumerate(pairs))


def _decode_dataclass(shape: type, data: object, where: str) -> object:
    if not isinstance(data, dict):
        raise WireError(f"{where}: expected an object")
    hints = _hints(shape)
    unknown = data.keys() - hints.keys()
    if unknown:
        raise WireError(f"{where}: unknown field {min(map(str, unknown))!r}")
    values = {name: _decode(hints[name], data[name], f"{where}.{name}") for name in data}
    try:
        return shape(**values)
    except TypeError as error:
        raise WireError(f"{where}: a field is missing") from error
