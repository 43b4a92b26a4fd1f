"""What the instructions of an object call and refer to.

Encoding: kernel Documentation/bpf/standardization/instruction-set.rst.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from schedtui.objfile.elf import SHN_UNDEF, STT_FUNC, ElfFile, Relocation, Section
from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.loops import Insn, loop_turns

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
    insns: int
    """8-byte slots of the whole section."""
    helpers: tuple[int, ...]
    """Id of each helper call, in order, as often as it is there."""
    externs: frozenset[str]
    touches: frozenset[str]
    """Sections of this file that the code refers to: data, maps, other code."""
    hard_coded: frozenset[int]
    """Ids of kfuncs called by number, which hides their name."""
    odd: int
    """Calls and wide loads of a form that a compiler never writes into an object."""
    loops: tuple[int | None, ...]
    """Turns of each counted loop; None where the instructions do not say."""


def programs(elf: ElfFile) -> tuple[Program, ...]:
    """Return all functions of all code sections, in the order of the symbol table."""
    names = {s.number: s.name for s in elf.sections}
    return tuple(Program(names[s.section], s.name, s.size // 8) for s in elf.defined(STT_FUNC))


def calls(elf: ElfFile) -> tuple[Calls, ...]:
    """Return what the code of each section calls. Raises ObjectFileError."""
    return tuple(_section_calls(elf, section) for section in elf.sections if section.is_code)


def _section_calls(elf: ElfFile, section: Section) -> Calls:
    patched = {r.offset: r for r in elf.relocations.get(section.number, ())}
    insns = _instructions(elf, section, patched)
    called = [insn for insn in insns if insn.opcode == _CALL]
    starts = {s.value // 8 for s in elf.defined(STT_FUNC) if s.section == section.number}
    # A patch that does not meet the start of an instruction would change one unseen.
    odd = len(patched.keys() - {insn.slot * 8 for insn in insns})
    return Calls(
        section.name,
        section.size // 8,
        tuple(insn.value for insn in called if insn.source == _HELPER),
        frozenset(r.symbol.name for r in patched.values() if r.symbol.section == SHN_UNDEF),
        _touched(elf, patched),
        frozenset(insn.value for insn in called if insn.source == _KFUNC),
        odd + sum(_is_odd(insn, starts) for insn in insns),
        loop_turns(insns),
    )


def _touched(elf: ElfFile, patched: dict[int, Relocation]) -> frozenset[str]:
    homes = {r.symbol.section for r in patched.values()} - {SHN_UNDEF}
    return frozenset(elf.sections[home].name for home in homes if home < len(elf.sections))


def _instructions(
    elf: ElfFile, section: Section, patched: dict[int, Relocation]
) -> tuple[Insn, ...]:
    data = elf.content(section).data
    if len(data) % 8:
        raise ObjectFileError(f"code section {section.name!r} is not whole instructions")
    found, wide = list[Insn](), False
    for slot, (head, jump, value) in enumerate(struct.iter_unpack("<Hhi", data)):
        if wide:
            # The second half of a wide load is data; only in this form is it nothing else.
            if head or jump:
                raise ObjectFileError(f"code section {section.name!r} hides an instruction")
            found[-1] = found[-1]._replace(wide=value & 0xFFFFFFFF)
            wide = False
            continue
        registers, symbol = head >> 8, _symbol(patched.get(slot * 8))
        opcode = head & 0xFF
        found.append(Insn(slot, opcode, registers & 0xF, registers >> 4, jump, value, 0, symbol))
        wide = opcode == _LOAD_WIDE
    if wide:
        raise ObjectFileError(f"code section {section.name!r} ends inside an instruction")
    return tuple(found)


def _symbol(patch: Relocation | None) -> str | None:
    if patch is None:
        return None
    return patch.symbol.name if patch.symbol.section == SHN_UNDEF else ""


def _is_odd(insn: Insn, starts: set[int]) -> bool:
    if insn.opcode == _CALL:
        return _is_odd_call(insn, starts)
    if insn.opcode == _LOAD_WIDE:
        # Map, variable and function references arrive as relocations, never as finished forms.
        return bool(insn.source or insn.jump)
    return insn.opcode == _CALL_REGISTER or insn.symbol is not None


def _is_odd_call(insn: Insn, starts: set[int]) -> bool:
    if insn.target or insn.jump:
        return True
    if insn.source == _HELPER:
        return insn.symbol is not None
    if insn.source == _LOCAL_OR_EXTERN and insn.symbol is None:
        return insn.slot + 1 + insn.value not in starts
    return insn.source not in {_LOCAL_OR_EXTERN, _KFUNC}
