"""ELF as the BPF compiler writes it: 64 bit, little endian, relocatable, machine BPF.

Stricter than the format on purpose: whatever two readers could understand differently (two
symbol tables, repeated section names, compressed sections, relocations with addends) is refused.
Layout: System V gABI chapter 4; relocation types: kernel Documentation/bpf/llvm_reloc.rst.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schedtui.objfile.bounded import Bytes
from schedtui.objfile.errors import ObjectFileError

SIZE_LIMIT: Final = 2 * 1024 * 1024
"""Largest object that is read, in bytes."""

_ASIDE: Final = (".debug_", ".llvm_", ".BTF")
_IDENT: Final = b"\x7fELF\x02\x01\x01"
_RELOCATABLE: Final = 1
_MACHINE_BPF: Final = 247
_MAX_SECTIONS: Final = 1024
_MAX_SYMBOLS: Final = 20_000
_MAX_RELOCATIONS: Final = 100_000

SHT_PROGBITS: Final = 1
SHT_SYMTAB: Final = 2
SHT_STRTAB: Final = 3
SHT_RELA: Final = 4
SHT_NOBITS: Final = 8
SHT_REL: Final = 9
SHT_SYMTAB_SHNDX: Final = 18

SHF_EXECINSTR: Final = 4
SHF_COMPRESSED: Final = 0x800

STT_FUNC: Final = 2
SHN_UNDEF: Final = 0


@dataclass(frozen=True, slots=True)
class Section:
    """One section header."""

    index: int
    name: str
    kind: int
    flags: int
    offset: int
    size: int
    link: int
    info: int

    @property
    def is_code(self) -> bool:
        """Tell whether the section holds instructions."""
        return bool(self.flags & SHF_EXECINSTR) and self.size > 0

    @property
    def is_loaded(self) -> bool:
        """Tell whether a loader could look at the section, by name and not only by flag."""
        return self.kind in {SHT_PROGBITS, SHT_NOBITS} and not self.name.startswith(_ASIDE)


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol. ``section`` is SHN_UNDEF for what the kernel must provide."""

    name: str
    value: int
    size: int
    kind: int
    section: int


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
        """Return the section called ``name``, or None. Names of loaded sections are unique."""
        return next((s for s in self.sections if s.name == name), None)

    def content(self, section: Section) -> Bytes:
        """Return the bytes of a section; zeroes are not made up for one without bytes."""
        if section.kind == SHT_NOBITS:
            return Bytes(b"", section.name)
        return self.file.part(section.offset, section.size, section.name)


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
    kind, machine, version, *_ = file.fields("HHI", 16)
    if (kind, machine, version) != (_RELOCATABLE, _MACHINE_BPF, 1):
        raise ObjectFileError("not a relocatable BPF object")
    (table,) = file.fields("Q", 40)
    header_size, *_, entry_size, count, names = file.fields("HHHHHH", 52)
    if header_size != 64 or entry_size != 64 or not 0 < count <= _MAX_SECTIONS:
        raise ObjectFileError("unusual ELF header sizes")
    if not 0 < names < count:
        raise ObjectFileError("section names are missing")
    return table, count, names


def _read_sections(file: Bytes) -> tuple[Section, ...]:
    table, count, names_index = _read_header(file)
    raw = [file.fields("IIQQQQIIQQ", table + 64 * i) for i in range(count)]
    names_raw = raw[names_index]
    if names_raw[1] != SHT_STRTAB:
        raise ObjectFileError("section names are not a string table")
    names = file.part(names_raw[4], names_raw[5], "section names")
    sections = tuple(_section(names, index, fields) for index, fields in enumerate(raw))
    for section in sections:
        _check_section(file, section)
    _check_unique(sections)
    return sections


def _section(names: Bytes, index: int, fields: tuple[int, ...]) -> Section:
    name, kind, flags, _address, offset, size, link, info, *_ = fields
    return Section(index, names.text(name), kind, flags, offset, size, link, info)


def _check_section(file: Bytes, section: Section) -> None:
    if section.kind in {SHT_RELA, SHT_SYMTAB_SHNDX} or section.flags & SHF_COMPRESSED:
        raise ObjectFileError(f"section {section.name!r} has a form that BPF objects do not use")
    if section.flags & SHF_EXECINSTR and section.size and section.kind != SHT_PROGBITS:
        raise ObjectFileError(f"code section {section.name!r} has no bytes")
    if section.kind not in {0, SHT_NOBITS}:
        file.part(section.offset, section.size, f"section {section.name!r}")


def _check_unique(sections: tuple[Section, ...]) -> None:
    named = [s.name for s in sections if s.is_loaded or s.name in {".BTF", ".BTF.ext"}]
    if len(named) != len(set(named)):
        raise ObjectFileError("two sections have the same name")
    if sum(s.kind == SHT_SYMTAB for s in sections) != 1:
        raise ObjectFileError("the object needs exactly one symbol table")


def _read_symbols(file: Bytes, sections: tuple[Section, ...]) -> tuple[Symbol, ...]:
    table = next(s for s in sections if s.kind == SHT_SYMTAB)
    if table.link >= len(sections) or sections[table.link].kind != SHT_STRTAB:
        raise ObjectFileError("the symbol table has no names")
    names_section = sections[table.link]
    names = file.part(names_section.offset, names_section.size, "symbol names")
    rows = file.part(table.offset, table.size, "symbol table")
    count, rest = divmod(table.size, 24)
    if rest or count > _MAX_SYMBOLS:
        raise ObjectFileError("the symbol table has an unusual size")
    return tuple(_symbol(names, rows, 24 * i) for i in range(count))


def _symbol(names: Bytes, rows: Bytes, offset: int) -> Symbol:
    name, info, _other, section, value, size = rows.fields("IBBHQQ", offset)
    return Symbol(names.text(name), value, size, info & 0xF, section)


def _read_relocations(
    file: Bytes, sections: tuple[Section, ...], symbols: tuple[Symbol, ...]
) -> dict[int, tuple[Relocation, ...]]:
    found: dict[int, tuple[Relocation, ...]] = {}
    for table in (s for s in sections if s.kind == SHT_REL):
        if not 0 < table.info < len(sections) or table.info in found:
            raise ObjectFileError(f"relocations {table.name!r} patch no single section")
        if not sections[table.info].is_loaded:
            continue
        found[table.info] = _relocation_rows(file, table, symbols)
    return found


def _relocation_rows(
    file: Bytes, table: Section, symbols: tuple[Symbol, ...]
) -> tuple[Relocation, ...]:
    rows = file.part(table.offset, table.size, table.name)
    count, rest = divmod(table.size, 16)
    if rest or count > _MAX_RELOCATIONS:
        raise ObjectFileError(f"relocations {table.name!r} have an unusual size")
    return tuple(_relocation(rows, 16 * i, symbols) for i in range(count))


def _relocation(rows: Bytes, offset: int, symbols: tuple[Symbol, ...]) -> Relocation:
    place, info = rows.fields("QQ", offset)
    number = info >> 32
    if number >= len(symbols):
        raise ObjectFileError("a relocation names no symbol")
    return Relocation(place, symbols[number], info & 0xFFFFFFFF)
