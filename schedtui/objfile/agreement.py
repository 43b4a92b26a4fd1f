"""Whether the types of an object tell of the same things as its symbols.

Loaders take some facts from the one and some from the other. Where they differ, what is judged
and what is loaded could differ too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from schedtui.objfile.btf import Btf, Kind, Linkage, Member, Type
from schedtui.objfile.elf import STT_FUNC, ElfFile, Section, Symbol

_WITHOUT_SECTION: Final = {".ksyms", ".kconfig"}
"""Data sections that hold what the kernel must provide."""


def disagreements(elf: ElfFile, btf: Btf) -> tuple[str, ...]:
    """Return in words where types and symbols differ; empty when all is well."""
    return (*_functions(elf, btf), *_sections(elf, btf))


def _functions(elf: ElfFile, btf: Btf) -> Iterator[str]:
    typed = btf.of(Kind.FUNC)
    linkage = {function.name: function.linkage for function in typed}
    for name, times in Counter(function.name for function in typed).items():
        if times > 1:
            yield f"{name} has {times} types"
    for symbol in elf.defined(STT_FUNC):
        wanted = Linkage.STATIC if symbol.is_local else Linkage.GLOBAL
        if linkage.get(symbol.name) is not wanted:
            yield f"the function {symbol.name} is not typed as the {wanted.name.lower()} one it is"
    for symbol in elf.undefined:
        if linkage.get(symbol.name, Linkage.EXTERN) is not Linkage.EXTERN:
            yield f"{symbol.name} is typed as a function of the object and is none"


def _sections(elf: ElfFile, btf: Btf) -> Iterator[str]:
    symbols = {(s.section, s.name): s for s in elf.symbols}
    types = btf.of(Kind.DATASEC)
    for name, times in Counter(section.name for section in types).items():
        if times > 1:
            yield f"the section {name} has {times} types"
    for typed in types:
        section = elf.section(typed.name)
        if section is not None:
            yield from _section(btf, typed, section, symbols)
        elif typed.name not in _WITHOUT_SECTION:
            yield f"the section {typed.name} has types and does not exist"


def _section(
    btf: Btf, typed: Type, section: Section, symbols: dict[tuple[int, str], Symbol]
) -> Iterator[str]:
    # Compilers leave 0 here for the loader to fill in.
    if typed.size_or_type not in {0, section.size}:
        yield f"the section {typed.name} is typed as {typed.size_or_type} bytes of {section.size}"
    for entry in typed.members:
        variable = btf.type(entry.type_id)
        symbol = symbols.get((section.number, variable.name))
        if variable.kind is not Kind.VAR or symbol is None:
            yield f"{variable.name or 'something'} is typed in {typed.name} and is not there"
        elif not _fits(btf, entry, variable, symbol):
            yield f"the variable {variable.name} is not as its type says"


def _fits(btf: Btf, entry: Member, variable: Type, symbol: Symbol) -> bool:
    if variable.linkage is Linkage.EXTERN or entry.offset not in {0, symbol.value}:
        return False
    return entry.size == symbol.size == btf.size(variable.size_or_type)
