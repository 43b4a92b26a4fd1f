"""Live parameters: numbers of a policy that the node sets while it runs, each within a range.

Value and range lie in a section of their own, in the object whose hash was approved. Programs
cannot write there, so the value is what the node wrote; and what they read they keep within the
range themselves. The verifier believes no value of it: it has checked the programs for all.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schedtui.model.protocol import Parameters
from schedtui.model.text import safe_name
from schedtui.node.btf_view import (
    INT_SIGNED,
    KIND_INT,
    KIND_SECTION,
    KIND_STRUCT,
    KIND_VARIABLE,
    BtfView,
    TypeView,
)
from schedtui.node.libbpf import BpfObject, LibbpfError, Map
from schedtui.node.rodata import ParameterError

SECTION: Final = ".data.live"

_SHAPE: Final = struct.Struct("=QQQ")
_VALUE: Final = struct.Struct("=Q")
_MEMBERS: Final = (("value", 0), ("minimum", 64), ("maximum", 128))
"""Of ``struct live_parameter`` in schedtui.h: name and first bit."""
_ONLY: Final = struct.pack("=I", 0)
"""A section is a map of one element."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a live parameter is, and what it may be."""

    offset: int
    minimum: int
    maximum: int


class LiveParameters:
    """The live parameters of one object, which may have none."""

    def __init__(self, section: Map | None, places: dict[str, _Place]) -> None:
        self._section = section
        # Read before the load: whoever may write to the map later does not change what is allowed.
        self._places = places

    @property
    def names(self) -> frozenset[str]:
        """Names of all of them."""
        return frozenset(self._places)

    def begin_with(self, parameters: Parameters) -> None:
        """Set what they are when the object is loaded. Raises ParameterError."""
        if self._section is not None:
            self._write(self._section.initial(), parameters)

    def set(self, parameters: Parameters) -> Parameters:
        """Set some of them in the loaded object, all or none of these; returns all as they are.

        The programs may see one of two changes a moment before the other.

        Raises:
            ParameterError: an unknown name, one given twice, a value out of its range; or the
                kernel refused.
        """
        section = self._section
        if section is None:
            raise ParameterError("the policy has no live parameters")
        try:
            content = bytearray(section.lookup_index(0))
            self._write(memoryview(content), parameters)
            section.update(_ONLY, bytes(content))
            return tuple(self._values(section.lookup_index(0)))
        except LibbpfError as error:
            raise ParameterError(f"the parameters cannot be set: {error.sentence}") from error

    def _write(self, content: memoryview, parameters: Parameters) -> None:
        if len(dict(parameters)) != len(parameters):
            raise ParameterError("a parameter is given twice")
        for place, value in [self._placed(name, value) for name, value in parameters]:
            _VALUE.pack_into(content, place.offset, value)

    def _placed(self, name: str, value: int) -> tuple[_Place, int]:
        place = self._places.get(name)
        if place is None:
            raise ParameterError(f"the policy has no live parameter {safe_name(name)}")
        if not place.minimum <= value <= place.maximum:
            bounds = f"{place.minimum} to {place.maximum}"
            raise ParameterError(f"{safe_name(name)} = {value} is outside of {bounds}")
        return place, value

    def _values(self, content: bytes) -> Iterator[tuple[str, int]]:
        for name, place in self._places.items():
            yield name, int(_VALUE.unpack_from(content, place.offset)[0])


def find_live(opened: BpfObject) -> LiveParameters:
    """Return the live parameters of an object that is not loaded yet; programs cannot write them.

    Raises ParameterError when one has another shape than schedtui.h gives it, or begins outside
    of its range.
    """
    section = next((each for each in opened.maps if each.name == SECTION), None)
    if section is None:
        return LiveParameters(None, {})
    section.forbid_writes()
    content = section.initial()
    places = {name: _place(name, offset, content) for name, offset in _variables(BtfView(opened))}
    if len(places) * _SHAPE.size != len(content):
        raise ParameterError(f"the section {SECTION} holds something else than live parameters")
    return LiveParameters(section, places)


def _variables(types: BtfView) -> Iterator[tuple[str, int]]:
    section = types.find(SECTION, KIND_SECTION)
    for number, offset, _ in section.rows() if section else ():
        variable = types.type(number)
        if variable.kind == KIND_VARIABLE and _is_live(types, types.plain(variable.size)):
            yield types.name(variable.name_at), offset


def _is_live(types: BtfView, shape: TypeView) -> bool:
    if shape.kind != KIND_STRUCT or shape.size != _SHAPE.size or shape.bitfields:
        return False
    rows = tuple(shape.rows())
    members = tuple((types.name(name), bit) for name, _, bit in rows)
    return members == _MEMBERS and all(_is_u64(types.plain(number)) for _, number, _ in rows)


def _is_u64(shape: TypeView) -> bool:
    kind = shape.tail() >> 24 & 15 if shape.kind == KIND_INT else INT_SIGNED
    return shape.size == _VALUE.size and not kind & INT_SIGNED


def _place(name: str, offset: int, content: memoryview) -> _Place:
    if offset + _SHAPE.size > len(content):
        raise ParameterError(f"{safe_name(name)} lies outside of its section")
    value, minimum, maximum = _SHAPE.unpack_from(content, offset)
    if not minimum <= value <= maximum:
        raise ParameterError(f"{safe_name(name)} begins outside of its own range")
    return _Place(offset, minimum, maximum)
