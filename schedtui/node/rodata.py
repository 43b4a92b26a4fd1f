"""Parameters of a policy: constants of its object, set before the kernel sees them.

The verifier takes them for constants and cuts what they switch off, so an object is verified
and loaded with the same ones. Where a constant is and what it can hold is read from the object's
own type information.
"""

from __future__ import annotations

from typing import Final

from schedtui.model.protocol import Parameters
from schedtui.model.sealing import rodata_sha256
from schedtui.model.text import safe_name
from schedtui.node.btf_view import (
    INT_BOOLEAN,
    INT_CHARACTER,
    INT_SIGNED,
    KIND_INT,
    KIND_SECTION,
    KIND_VARIABLE,
    BtfView,
    TypeView,
)
from schedtui.node.libbpf import BpfObject, Map

_SECTION: Final = ".rodata"
_GLOBAL: Final = 1
_SIZES: Final = (1, 2, 4, 8)


class ParameterError(Exception):
    """A parameter does not fit the object; the message says which and why."""


def set_parameters(opened: BpfObject, parameters: Parameters) -> str:
    """Write ``parameters`` into the object's constants; returns the hash of all constants.

    Nothing is written unless all of them fit. Raises ParameterError for an unknown name, one
    given twice, a constant that is no whole number or boolean, a value outside of its type.
    """
    values = _encoded(opened, parameters) if parameters else []
    for place, raw in values:
        place[:] = raw
    found = (each.constants() for each in opened.maps)
    return rodata_sha256(section for section in found if section is not None)


def _encoded(opened: BpfObject, parameters: Parameters) -> list[tuple[memoryview, bytes]]:
    section = _section(opened)
    known = _variables(BtfView(opened))
    if len({name for name, _ in parameters}) != len(parameters):
        raise ParameterError("a parameter is given twice")
    return [_placed(section, known, name, value) for name, value in parameters]


def _section(opened: BpfObject) -> memoryview:
    found = [each for each in opened.maps if _is_rodata(each)]
    section = found[0].constants() if len(found) == 1 else None
    if section is None:
        raise ParameterError("the object has no parameters")
    return section


def _is_rodata(candidate: Map) -> bool:
    # libbpf puts the object's name before the section's; sections of a name of their own keep it.
    name = candidate.name
    return candidate.is_constant and name.endswith(_SECTION) and not name.startswith(f"{_SECTION}.")


def _variables(types: BtfView) -> dict[str, tuple[int, TypeView]]:
    """Return the global constants with their offset and plain type."""
    section = types.find(_SECTION, KIND_SECTION)
    found: dict[str, tuple[int, TypeView]] = {}
    for number, offset, _ in section.rows() if section else ():
        variable = types.type(number)
        if variable.kind == KIND_VARIABLE and variable.tail() == _GLOBAL:
            found[types.name(variable.name_at)] = offset, types.plain(variable.size)
    return found


def _placed(
    section: memoryview, known: dict[str, tuple[int, TypeView]], name: str, value: int
) -> tuple[memoryview, bytes]:
    shown = safe_name(name)
    if name not in known:
        raise ParameterError(f"the object has no parameter {shown}")
    offset, shape = known[name]
    if shape.kind != KIND_INT or shape.size not in _SIZES:
        raise ParameterError(f"{shown} is no whole number or boolean")
    place = section[offset : offset + shape.size]
    if len(place) != shape.size:
        raise ParameterError(f"{shown} lies outside of the constants")
    return place, _bytes_of(shown, shape, value)


def _bytes_of(name: str, shape: TypeView, value: int) -> bytes:
    encoding = shape.tail()
    kind, bits, first_bit = encoding >> 24 & 15, encoding & 0xFF, encoding >> 16 & 0xFF
    if bits != shape.size * 8 or first_bit or kind & INT_CHARACTER:
        raise ParameterError(f"{name} is no whole number or boolean")
    if kind & INT_BOOLEAN and value not in {0, 1}:
        raise ParameterError(f"{name} is either 0 or 1")
    try:
        return value.to_bytes(shape.size, "little", signed=bool(kind & INT_SIGNED))
    except OverflowError as error:
        raise ParameterError(f"{name} cannot hold {value}") from error
