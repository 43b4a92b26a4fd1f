"""The struct_ops variables of an object: what the kernel would be handed as a scheduler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schedtui.objfile.bounded import Bytes
from schedtui.objfile.btf import Btf, Kind, Member, Type
from schedtui.objfile.elf import STT_FUNC, STT_OBJECT, ElfFile, Relocation, Section, Symbol
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
    stray: tuple[str, ...] = ()
    """Members with bytes that are no number, no name and no reference to a program."""


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
    section, symbol = elf.section(ops.section), _variable_symbol(elf, ops)
    if section is None or symbol.section != section.number:
        raise ObjectFileError(f"the variable {ops.variable!r} has no symbol")
    layout = _layout(btf, ops)
    if layout.size_or_type != symbol.size:
        raise ObjectFileError(f"the variable {ops.variable!r} has not the size of its type")
    value = elf.content(section).part(symbol.value, symbol.size, ops.variable)
    patches = {
        r.offset - symbol.value: r
        for r in elf.relocations.get(section.number, ())
        if symbol.value <= r.offset < symbol.value + symbol.size
    }
    data = [(m.name, _integer(btf, value, m)) for m in layout.members]
    name = next((m for m in layout.members if m.name == "name"), None)
    return Operations(
        _text(btf, value, name) if name else "",
        tuple((member, number) for member, number in data if number),
        tuple(_callbacks(elf, btf, layout, patches)),
        _stray(btf, value, layout),
    )


def _variable_symbol(elf: ElfFile, ops: StructOps) -> Symbol:
    symbols = elf.defined(STT_OBJECT)
    symbol = next((s for s in symbols if s.name == ops.variable), None)
    if symbol is None:
        raise ObjectFileError(f"the variable {ops.variable!r} has no symbol")
    return symbol


def _layout(btf: Btf, ops: StructOps) -> Type:
    entries = btf.data_section(ops.section)
    variables = [btf.type(m.type_id) for m in entries.members] if entries else []
    variable = next(v for v in variables if v.name == ops.variable)
    layout = btf.plain(variable.size_or_type)
    if layout.kind is not Kind.STRUCT or layout.bitfields:
        raise ObjectFileError(f"the variable {ops.variable!r} is not a plain struct")
    _check_members(btf, layout)
    return layout


def _check_members(btf: Btf, layout: Type) -> None:
    """Refuse members that share bytes or a name: two readers could take either."""
    names = [member.name for member in layout.members if member.name]
    end = 0
    for member in layout.members:
        if member.offset % 8 or member.offset < end:
            raise ObjectFileError("members of the operations overlap")
        end = member.offset + 8 * btf.size(member.type_id)
    if len(names) != len(set(names)) or end > 8 * layout.size_or_type:
        raise ObjectFileError("the operations have an unusual form")


def _is_integer(found: Type) -> bool:
    return found.kind in {Kind.INT, Kind.ENUM, Kind.ENUM64} and found.size_or_type <= 8


def _integer(btf: Btf, value: Bytes, member: Member) -> int:
    found = btf.plain(member.type_id)
    if not _is_integer(found):
        return 0
    piece = value.part(member.offset // 8, found.size_or_type, member.name)
    return int.from_bytes(piece.data, "little")


def _text(btf: Btf, value: Bytes, member: Member) -> str:
    piece = value.part(member.offset // 8, btf.size(member.type_id), member.name)
    return piece.text(0) if piece.data else ""


def _stray(btf: Btf, value: Bytes, layout: Type) -> tuple[str, ...]:
    """Return the members with bytes that nobody accounts for, in order."""
    rest = bytearray(value.data)
    for member in layout.members:
        start = member.offset // 8
        if _is_integer(btf.plain(member.type_id)):
            rest[start : start + btf.size(member.type_id)] = bytes(btf.size(member.type_id))
        elif member.name == "name":
            length = len(_text(btf, value, member))
            rest[start : start + length] = bytes(length)
    left = [index for index, byte in enumerate(rest) if byte] if any(rest) else []
    return tuple(dict.fromkeys(_member_at(layout, index) for index in left))


def _member_at(layout: Type, index: int) -> str:
    before = [member.name for member in layout.members if member.offset // 8 <= index]
    return before[-1] if before else "first"


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
    """Return the function that begins where the symbol points, as libbpf looks for it."""
    place = (patch.symbol.section, patch.symbol.value)
    for function in elf.defined(STT_FUNC):
        if (function.section, function.value) == place:
            return function.name
    raise ObjectFileError("a callback refers to something that is no program")
