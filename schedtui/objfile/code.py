"""What the instructions of an object call.

Encoding: kernel Documentation/bpf/standardization/instruction-set.rst.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schedtui.objfile.elf import SHN_UNDEF, STT_FUNC, ElfFile, Section
from schedtui.objfile.errors import ObjectFileError

_CALL: Final = 0x85
_CALL_REGISTER: Final = 0x8D
_LOAD_WIDE: Final = 0x18
_HELPER: Final = 0
_LOCAL_OR_EXTERN: Final = 1
_KFUNC: Final = 2


@dataclass(frozen=True, slots=True)
class Program:
    """One function of a code section; ``insns`` counts 8-byte slots."""

    section: str
    name: str
    insns: int


@dataclass(frozen=True, slots=True)
class Calls:
    """Everything that leaves the code of one section."""

    section: str
    helpers: frozenset[int]
    externs: frozenset[str]
    hard_coded: frozenset[int]
    """Ids of kfuncs called by number, which hides their name."""
    odd: int
    """Calls and wide loads of a form that a compiler never writes into an object."""


@dataclass(frozen=True, slots=True)
class _Insn:
    slot: int
    opcode: int
    source: int
    value: int


def programs(elf: ElfFile) -> tuple[Program, ...]:
    """Return all functions of all code sections, in the order of the symbol table."""
    code = {s.index: s for s in elf.sections if s.is_code}
    found = (s for s in elf.symbols if s.kind == STT_FUNC and s.section in code)
    return tuple(Program(code[s.section].name, s.name, s.size // 8) for s in found)


def calls(elf: ElfFile) -> tuple[Calls, ...]:
    """Return what the code of each section calls. Raises ObjectFileError."""
    return tuple(_section_calls(elf, section) for section in elf.sections if section.is_code)


def _instructions(elf: ElfFile, section: Section) -> Iterator[_Insn]:
    data = elf.content(section).data
    if len(data) % 8:
        raise ObjectFileError(f"code section {section.name!r} is not whole instructions")
    wide = False
    for slot, (opcode, registers, _jump, value) in enumerate(struct.iter_unpack("<BBhi", data)):
        # The second half of a wide load is data and must not be read as an instruction.
        if not wide:
            yield _Insn(slot, opcode, registers >> 4, value)
        wide = opcode == _LOAD_WIDE and not wide
    if wide:
        raise ObjectFileError(f"code section {section.name!r} ends inside an instruction")


def _section_calls(elf: ElfFile, section: Section) -> Calls:
    patched = {r.offset: r.symbol for r in elf.relocations.get(section.index, ())}
    helpers, externs, hard_coded, odd = set[int](), set[str](), set[int](), 0
    for insn in _instructions(elf, section):
        symbol = patched.get(insn.slot * 8)
        if symbol is not None and symbol.section == SHN_UNDEF:
            externs.add(symbol.name)
        if insn.opcode == _CALL and insn.source == _HELPER:
            helpers.add(insn.value)
            odd += symbol is not None
        elif insn.opcode == _CALL and insn.source == _KFUNC:
            hard_coded.add(insn.value)
        else:
            odd += _is_odd(insn, relocated=symbol is not None)
    return Calls(section.name, frozenset(helpers), frozenset(externs), frozenset(hard_coded), odd)


def _is_odd(insn: _Insn, *, relocated: bool) -> bool:
    if insn.opcode == _CALL:
        return insn.source != _LOCAL_OR_EXTERN
    if insn.opcode == _LOAD_WIDE:
        # Map, variable and function references arrive as relocations, never as finished forms.
        return insn.source != 0 and not relocated
    return insn.opcode == _CALL_REGISTER
