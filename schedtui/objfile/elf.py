"""ELF as the BPF compiler writes it: 64 bit, little endian, relocatable, machine BPF.

Stricter than the format on purpose: whatever two readers could understand differently (two
symbol tables, repeated names, compressed or overlapping sections, functions that share bytes,
relocations with addends) is refused.
Layout: System V gABI chapter 4; relocation types: kernel Documentation/bpf/llvm_reloc.rst.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schedtui.objfile.bounded import Bytes
from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.layout import (
    SHT_NOBITS,
    SHT_REL,
    SHT_STRTAB,
    SHT_SYMTAB,
    STT_FUNC,
    STT_OBJECT,
    Section,
    Symbol,
    check_functions,
    check_sections,
    check_symbols,
)

__all__ = [
    "SHN_UNDEF",
    "SIZE_LIMIT",
    "STT_FUNC",
    "STT_OBJECT",
    "ElfFile",
    "Relocation",
    "Section",
    "Symbol",
    "read_elf",
]

SIZE_LIMIT: Final = 2 * 1024 * 1024
"""Largest object that is read, in bytes."""

SHN_UNDEF: Final = 0

_IDENT: Final = b"\x7fELF\x02\x01\x01"
_RELOCATABLE: Final = 1
_MACHINE_BPF: Final = 247
_MAX_SECTIONS: Final = 1024
_MAX_SYMBOLS: Final = 20_000
_MAX_RELOCATIONS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Relocation:
    """A place in a section that refers to a symbol."""

    offset: int
    symbol: Symbol
    kind: int


@dataclass(frozen=True, slots=True)
class ElfFile:
    """A read object file."""

    file: Bytes
    sections: tuple[Section, ...]
    symbols: tuple[Symbol, ...]
    relocations: dict[int, tuple[Relocation, ...]]
    """By the index of the loaded section that is patched."""

    def section(self, name: str) -> Section | None:
        """Return the section called ``name``, or None. Names of sections are unique."""
        return next((s for s in self.sections if s.name == name), None)

    def content(self, section: Section) -> Bytes:
        """Return the bytes of a section; zeroes are not made up for one without bytes."""
        if section.kind == SHT_NOBITS:
            return Bytes(b"", section.name)
        return self.file.part(section.offset, section.size, section.name)

    def defined(self, kind: int) -> tuple[Symbol, ...]:
        """Return the symbols of a kind that have a place in this file."""
        return tuple(s for s in self.symbols if s.kind == kind and s.section != SHN_UNDEF)

    @property
    def undefined(self) -> tuple[Symbol, ...]:
        """What the kernel must provide."""
        return tuple(s for s in self.symbols if s.name and s.section == SHN_UNDEF)


def read_elf(data: bytes) -> ElfFile:
    """Read a BPF object file. Raises ObjectFileError for anything else."""
    if len(data) > SIZE_LIMIT:
        raise ObjectFileError(f"object is larger than {SIZE_LIMIT // 1024} KiB")
    file = Bytes(data, "file")
    sections = _read_sections(file)
    symbols = _read_symbols(file, sections)
    return ElfFile(file, sections, symbols, _read_relocations(file, sections, symbols))


def _read_header(file: Bytes) -> tuple[int, int, int]:
    if file.data[:7] != _IDENT:
        raise ObjectFileError("not a 64-bit little-endian ELF file")
    kind, machine, version, entry, segments, table = file.fields("HHIQQQ", 16)
    if (kind, machine, version) != (_RELOCATABLE, _MACHINE_BPF, 1):
        raise ObjectFileError("not a relocatable BPF object")
    header_size, _, segment_count, entry_size, count, names = file.fields("HHHHHH", 52)
    if header_size != 64 or entry_size != 64 or not 0 < count <= _MAX_SECTIONS:
        raise ObjectFileError("unusual ELF header sizes")
    if entry or segments or segment_count:
        raise ObjectFileError("the object has segments, as only linked programs do")
    if not 0 < names < count:
        raise ObjectFileError("section names are missing")
    return table, count, names


def _read_sections(file: Bytes) -> tuple[Section, ...]:
    table, count, names_index = _read_header(file)
    rows = file.part(table, 64 * count, "section table").rows("IIQQQQIIQQ", _MAX_SECTIONS)
    raw = list(rows)
    names_raw = raw[names_index]
    if names_raw[1] != SHT_STRTAB:
        raise ObjectFileError("section names are not a string table")
    names = file.part(names_raw[4], names_raw[5], "section names")
    sections = tuple(_section(names, index, fields) for index, fields in enumerate(raw))
    check_sections(sections, len(file.data), (table, table + 64 * count))
    return sections


def _section(names: Bytes, index: int, fields: tuple[int, ...]) -> Section:
    name, kind, flags, address, offset, size, link, info, align, _ = fields
    if address:
        raise ObjectFileError("a section has an address, as only linked programs do")
    return Section(index, names.text(name), kind, flags, offset, size, link, info, align)


def _read_symbols(file: Bytes, sections: tuple[Section, ...]) -> tuple[Symbol, ...]:
    table = next(s for s in sections if s.kind == SHT_SYMTAB)
    if table.link >= len(sections) or sections[table.link].kind != SHT_STRTAB:
        raise ObjectFileError("the symbol table has no names")
    names_section = sections[table.link]
    names = file.part(names_section.offset, names_section.size, "symbol names")
    rows = file.part(table.offset, table.size, "symbol table").rows("IBBHQQ", _MAX_SYMBOLS)
    symbols = tuple(
        Symbol(names.text(name), value, size, info & 0xF, info >> 4, section)
        for name, info, _, section, value, size in rows
    )
    check_symbols(symbols, sections)
    check_functions(symbols, sections)
    return symbols


def _read_relocations(
    file: Bytes, sections: tuple[Section, ...], symbols: tuple[Symbol, ...]
) -> dict[int, tuple[Relocation, ...]]:
    found: dict[int, tuple[Relocation, ...]] = {}
    patched = set[int]()
    for table in (s for s in sections if s.kind == SHT_REL):
        if not 0 < table.info < len(sections) or table.info in patched:
            raise ObjectFileError(f"relocations {table.name!r} patch no single section")
        if table.link >= len(sections) or sections[table.link].kind != SHT_SYMTAB:
            raise ObjectFileError(f"relocations {table.name!r} have no symbols")
        patched.add(table.info)
        if sections[table.info].is_loaded:
            found[table.info] = _relocations(file, table, sections[table.info], symbols)
    return found


def _relocations(
    file: Bytes, table: Section, target: Section, symbols: tuple[Symbol, ...]
) -> tuple[Relocation, ...]:
    rows = file.part(table.offset, table.size, table.name).rows("QQ", _MAX_RELOCATIONS)
    found = tuple(_relocation(place, info, target, symbols) for place, info in rows)
    if len({patch.offset for patch in found}) != len(found):
        raise ObjectFileError(f"relocations {table.name!r} patch a place twice")
    return found


def _relocation(place: int, info: int, target: Section, symbols: tuple[Symbol, ...]) -> Relocation:
    number = info >> 32
    if not 0 < number < len(symbols):
        raise ObjectFileError("a relocation names no symbol")
    if place >= target.size:
        raise ObjectFileError(f"a relocation patches a place outside of {target.name!r}")
    return Relocation(place, symbols[number], info & 0xFFFFFFFF)
