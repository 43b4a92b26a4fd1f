"""Where the parts of an object lie, and that no byte is two things at once.

Constants: System V gABI chapter 4; LLVM's own section types: docs/Extensions.rst of LLVM.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

from schedtui.objfile.errors import ObjectFileError

SHT_NULL: Final = 0
SHT_PROGBITS: Final = 1
SHT_SYMTAB: Final = 2
SHT_STRTAB: Final = 3
SHT_NOBITS: Final = 8
SHT_REL: Final = 9
_SHT_LLVM_ADDRSIG: Final = 0x6FFF4C03
_KINDS: Final = {SHT_NULL, SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_NOBITS, SHT_REL}
_WITHOUT_BYTES: Final = {SHT_NULL, SHT_NOBITS}

SHF_WRITE: Final = 1
SHF_EXECINSTR: Final = 4
_FLAGS: Final = 0x80000077
"""WRITE, ALLOC, EXECINSTR, MERGE, STRINGS, INFO_LINK, EXCLUDE."""
_MAX_ALIGN: Final = 4096
_HEADER_BYTES: Final = 64
_MAX_BYTES: Final = 1 << 40
"""Largest section without bytes; anything near it is refused by the memory rule anyway."""

STT_NOTYPE: Final = 0
STT_OBJECT: Final = 1
STT_FUNC: Final = 2
_SYMBOL_KINDS: Final = {STT_NOTYPE, STT_OBJECT, STT_FUNC, 3, 4}
_BINDINGS: Final = {0, 1, 2}
_SHN_ABS: Final = 0xFFF1

_ASIDE: Final = (".debug_", ".llvm_")
_TYPES: Final = {".BTF", ".BTF.ext"}


class Section(NamedTuple):
    """One section header."""

    number: int
    name: str
    kind: int
    flags: int
    offset: int
    size: int
    link: int
    info: int
    align: int

    @property
    def is_code(self) -> bool:
        """Tell whether the section holds instructions."""
        return bool(self.flags & SHF_EXECINSTR) and self.size > 0

    @property
    def is_loaded(self) -> bool:
        """Tell whether a loader could look at the section, by name and not only by flag."""
        if self.kind not in {SHT_PROGBITS, SHT_NOBITS} or self.name in _TYPES:
            return False
        return self.is_code or not self.name.startswith(_ASIDE)


class Symbol(NamedTuple):
    """One symbol. ``section`` is SHN_UNDEF for what the kernel must provide."""

    name: str
    value: int
    size: int
    kind: int
    binding: int
    """0 local, 1 global, 2 weak."""
    section: int

    @property
    def is_local(self) -> bool:
        """Tell whether only this file knows the symbol."""
        return self.binding == 0


def check_sections(sections: tuple[Section, ...], file_size: int, table: tuple[int, int]) -> None:
    """Refuse unusual sections, names that repeat, and parts that overlap.

    Args:
        sections: All of them, in order.
        file_size: Bytes of the file.
        table: First byte of the section table, and the one after it.

    Raises:
        ObjectFileError: the object is not one that a compiler wrote.
    """
    if sections[0] != Section(0, "", *[0] * 7):
        raise ObjectFileError("the first section is not empty")
    for section in sections[1:]:
        _check_section(section, file_size)
    names = [section.name for section in sections]
    if len(names) != len(set(names)):
        raise ObjectFileError("two sections have the same name")
    if sum(s.kind == SHT_SYMTAB for s in sections) != 1:
        raise ObjectFileError("the object needs exactly one symbol table")
    taken = [(s.offset, s.offset + s.size) for s in sections if s.kind not in _WITHOUT_BYTES]
    _check_apart([(0, _HEADER_BYTES), table, *(span for span in taken if span[0] != span[1])])


def _check_section(section: Section, file_size: int) -> None:
    known = section.kind in _KINDS or section.kind == _SHT_LLVM_ADDRSIG
    if section.kind == SHT_NULL or not known or section.flags & ~_FLAGS:
        raise ObjectFileError(f"section {section.name!r} has a form that BPF objects do not use")
    if section.align & section.align - 1 or section.align > _MAX_ALIGN:
        raise ObjectFileError(f"section {section.name!r} has an unusual alignment")
    if section.is_code and (section.kind != SHT_PROGBITS or section.flags & SHF_WRITE):
        raise ObjectFileError(f"code section {section.name!r} has no bytes of its own")
    limit = _MAX_BYTES if section.kind == SHT_NOBITS else file_size - section.offset
    if section.size > limit:
        raise ObjectFileError(f"section {section.name!r} lies outside the file")


def _check_apart(spans: list[tuple[int, int]]) -> None:
    spans.sort()
    for (_, end), (start, _) in pairwise(spans):
        if start < end:
            raise ObjectFileError("parts of the object overlap")


def check_symbols(symbols: tuple[Symbol, ...], sections: tuple[Section, ...]) -> None:
    """Refuse unusual symbols, and names that two of them share. Raises ObjectFileError."""
    names = set[str]()
    for symbol in symbols:
        if symbol.kind not in _SYMBOL_KINDS or symbol.binding not in _BINDINGS:
            raise ObjectFileError("a symbol has a form that BPF objects do not use")
        if symbol.section not in {0, _SHN_ABS}:
            _check_inside(symbol, sections)
        if _is_named(symbol):
            if symbol.name in names:
                raise ObjectFileError(f"two symbols are called {symbol.name!r}")
            names.add(symbol.name)


def _is_named(symbol: Symbol) -> bool:
    thing = symbol.kind in {STT_OBJECT, STT_FUNC} or not symbol.is_local
    return bool(symbol.name) and thing


def _check_inside(symbol: Symbol, sections: tuple[Section, ...]) -> None:
    if symbol.section >= len(sections):
        raise ObjectFileError("a symbol is in no section")
    if symbol.value + symbol.size > sections[symbol.section].size:
        raise ObjectFileError(f"the symbol {symbol.name!r} lies outside its section")


def check_functions(symbols: tuple[Symbol, ...], sections: tuple[Section, ...]) -> None:
    """Refuse code that is not whole functions, one after the other. Raises ObjectFileError.

    A function that began in the middle of an instruction would hide calls from every reader
    that goes through a section from its beginning.
    """
    homes = defaultdict[int, list[Symbol]](list)
    for symbol in symbols:
        if symbol.kind == STT_FUNC and symbol.section:
            homes[symbol.section].append(symbol)
    code = {section.number: section for section in sections if section.is_code}
    if homes.keys() - code.keys():
        raise ObjectFileError("a function lies outside of the code")
    for number, section in code.items():
        _check_tiles(section, homes[number])


def _check_tiles(section: Section, functions: Iterable[Symbol]) -> None:
    place = 0
    for function in sorted(functions, key=lambda f: f.value):
        if function.value != place or not function.size or function.size % 8:
            raise ObjectFileError(f"the functions of {section.name!r} are not whole and in a row")
        place += function.size
    if place != section.size:
        raise ObjectFileError(f"code section {section.name!r} has bytes of no function")
