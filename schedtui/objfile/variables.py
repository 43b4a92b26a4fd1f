"""Global variables of an object, as its types describe them."""

from __future__ import annotations

from dataclasses import dataclass

from schedtui.objfile.btf import Btf, Kind, Member, Type


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable. ``members`` are name, offset and size in bytes, of a struct only."""

    section: str
    name: str
    type: str
    size: int
    members: tuple[tuple[str, int, int], ...] = ()


def read_variables(btf: Btf) -> tuple[Variable, ...]:
    """Return all variables of all data sections. Raises ObjectFileError."""
    return tuple(
        _variable(btf, section, entry)
        for section in btf.of(Kind.DATASEC)
        for entry in section.members
        if btf.type(entry.type_id).kind is Kind.VAR
    )


def _variable(btf: Btf, section: Type, entry: Member) -> Variable:
    variable = btf.type(entry.type_id)
    shape = btf.plain(variable.size_or_type)
    members = shape.members if shape.kind is Kind.STRUCT else ()
    placed = tuple((m.name, m.offset // 8, btf.size(m.type_id)) for m in members)
    return Variable(section.name, variable.name, shape.name, entry.size, placed)
