"""The struct_ops variables of an object: what the kernel would be handed as a scheduler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schedtui.objfile.bounded import Bytes
from schedtui.objfile.btf import Btf, Kind, Member, Type
from schedtui.objfile.elf import ElfFile, Relocation, Section
from schedtui.objfile.errors import ObjectFileError

SECTIONS: Final = (".struct_ops", ".struct_ops.link")
SCHEDULER_TYPE: Final = "sched_ext_ops"


@dataclass(frozen=True, slots=True)
class StructOps:
    """One struct_ops variable."""

    section: str
    variable: str
    type: str


@dataclass(frozen=True, slots=True)
class Operations:
    """Content of one struct_ops variable."""

    name: str
    """The ``name`` member."""
    data: tuple[tuple[str, int], ...]
    """Integer members that are not zero, as unsigned numbers."""
    callbacks: tuple[tuple[str, str], ...]
    """Member and the program it refers to."""


def read_struct_ops(elf: ElfFile, btf: Btf) -> tuple[StructOps, ...]:
    """Return every struct_ops variable. Raises ObjectFileError for a section without types."""
    found: list[StructOps] = []
    for section in elf.sections:
        if is_struct_ops(section.name) and section.is_loaded:
            found += _variables(btf, section)
    return tuple(found)


def is_struct_ops(section: str) -> bool:
    """Tell whether libbpf would make struct_ops maps out of a section of this name."""
    return section.removeprefix("?").startswith(SECTIONS)


def _variables(btf: Btf, section: Section) -> list[StructOps]:
    types = btf.data_section(section.name)
    if types is None or not types.members:
        raise ObjectFileError(f"section {section.name!r} has no types")
    variables = [btf.type(member.type_id) for member in types.members]
    return [StructOps(section.name, v.name, btf.plain(v.size_or_type).name) for v in variables]


def read_operations(elf: ElfFile, btf: Btf, ops: StructOps) -> Operations:
    """Return the content of one struct_ops variable. Raises ObjectFileError."""
    section = elf.section(ops.section)
    symbol = next((s for s in elf.symbols if s.name == ops.variable), None)
    if section is None or symbol is None or symbol.section != section.index:
        raise ObjectFileError(f"the variable {ops.variable!r} has no symbol")
    layout = _layout(btf, ops)
    value = elf.content(section).part(symbol.value, layout.size_or_type, ops.variable)
    end = symbol.value + layout.size_or_type
    patches = {
        r.offset - symbol.value: r
        for r in elf.relocations.get(section.index, ())
        if symbol.value <= r.offset < end
    }
    members = {member.name: member for member in layout.members}
    data = ((m.name, _integer(btf, value, m)) for m in layout.members)
    return Operations(
        _text(btf, value, members["name"]) if "name" in members else "",
        tuple((name, number) for name, number in data if number),
        tuple(_callbacks(elf, btf, layout, patches)),
    )


def _layout(btf: Btf, ops: StructOps) -> Type:
    entries = btf.data_section(ops.section)
    variables = [btf.type(m.type_id) for m in entries.members] if entries else []
    variable = next(v for v in variables if v.name == ops.variable)
    layout = btf.plain(variable.size_or_type)
    if layout.kind is not Kind.STRUCT:
        raise ObjectFileError(f"the variable {ops.variable!r} is not a struct")
    return layout


def _integer(btf: Btf, value: Bytes, member: Member) -> int:
    found = btf.plain(member.type_id)
    if found.kind not in {Kind.INT, Kind.ENUM, Kind.ENUM64} or found.size_or_type > 8:
        return 0
    piece = value.part(member.offset // 8, found.size_or_type, member.name)
    return int.from_bytes(piece.data, "little")


def _text(btf: Btf, value: Bytes, member: Member) -> str:
    piece = value.part(member.offset // 8, btf.size(member.type_id), member.name)
    return piece.text(0) if piece.data else ""


def _callbacks(
    elf: ElfFile, btf: Btf, layout: Type, patches: dict[int, Relocation]
) -> list[tuple[str, str]]:
    places = {member.offset // 8: member for member in layout.members}
    found = []
    for offset, patch in sorted(patches.items()):
        member = places.get(offset)
        if member is None or btf.plain(member.type_id).kind is not Kind.PTR:
            raise ObjectFileError("a program is referred to from a place that is no callback")
        found.append((member.name, _program_name(elf, patch)))
    return found


def _program_name(elf: ElfFile, patch: Relocation) -> str:
    symbol = patch.symbol
    if not 0 < symbol.section < len(elf.sections) or not elf.sections[symbol.section].is_code:
        raise ObjectFileError("a callback refers to something that is no program")
    return symbol.name
