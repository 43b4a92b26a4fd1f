"""The time constants of an object, which a trial must outlast."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from schedtui.objfile.elf import ElfFile, read_elf
from schedtui.objfile.errors import ObjectFileError
from schedtui.verify.object_data import LIVE_SECTION

SHORTEST_S: Final = 1.0
LONGEST_S: Final = 60.0
"""The longest time that a trial outlasts."""
_NEVER_S: Final = 366 * 86400.0
"""Who names a longer time means that it never comes."""

_UNITS: Final = {"_ns": 1e9, "_us": 1e6, "_ms": 1e3, "_s": 1.0, "_sec": 1.0, "_secs": 1.0}
"""How the name of a constant ends, and how many of its unit make a second."""
_NS: Final = 10**9
_LOAD_WIDE: Final = 0x18
_JUMP: Final = 0x05
_ALU64: Final = 0x07
_IMMEDIATE_CLASSES: Final = {0x04, _JUMP, 0x06, _ALU64}
"""Instruction classes ALU, JMP, JMP32 and ALU64, in their form with an immediate."""
_LOADING: Final = {0x00, 0x01, 0x04, _ALU64}
"""Classes that write their target."""
_BY_REGISTER: Final = 0x08
_NO_COMPARISONS: Final = {0x00, 0x80, 0x90}
"""Plain jump, call and exit."""
_SUMS: Final = {0x00, 0x10}
_NEAR: Final = 200
"""How many instructions after a number's load its use is looked for."""
_A_FLAG: Final = 1 << 32
"""SCX_ENQ_PREEMPT, which many schedulers hold, and which is no time. Were it one, of 4.3 s, the
full battery would outlast it and the watchdog, the quick one unless the watchdog comes late."""
_SIZES: Final = {1: "<B", 2: "<H", 4: "<I", 8: "<Q"}
_LIVE_SIZES: Final = {24: "<QQQ"}
"""Value and range of a live parameter, which can be set to either end of it."""


def constants_s(data: bytes) -> tuple[float, ...]:
    """Return the times of a second and more that the object names, in seconds, rising.

    Immediates of instructions are read as nanoseconds. Above a minute only whole seconds count that
    are compared, added or subtracted: larger numbers are flags, masks, factors and first values
    more often than times. Constants are read by the unit that
    their name ends in. What cannot be read holds no times: judging such an object is the object
    gate's matter.
    """
    try:
        elf = read_elf(data)
        found = {*_named(elf), *_immediates(elf)}
    except (ObjectFileError, struct.error):
        return ()
    return tuple(sorted(s for s in found if SHORTEST_S <= s <= _NEVER_S))


def _named(elf: ElfFile) -> Iterator[float]:
    held = {
        number: section
        for number, section in enumerate(elf.sections)
        if section.name.startswith((".rodata", ".data"))
    }
    for symbol in elf.symbols:
        section = held.get(symbol.section)
        sizes = _LIVE_SIZES if section is not None and section.name == LIVE_SECTION else _SIZES
        form = sizes.get(symbol.size)
        unit = next((per for end, per in _UNITS.items() if symbol.name.endswith(end)), 0.0)
        if section is not None and form is not None and unit:
            data = elf.content(section).data[symbol.value : symbol.value + symbol.size]
            if len(data) == symbol.size:
                yield from (float(value) / unit for value in struct.unpack(form, data))


def _immediates(elf: ElfFile) -> Iterator[float]:
    for section in elf.sections:
        if section.is_code:
            data = elf.content(section).data
            code = [
                _Insn(*part) for part in struct.iter_unpack("<BBhi", data[: len(data) // 8 * 8])
            ]
            yield from (value / _NS for value in map(abs, _values(code)) if value != _A_FLAG)
            yield from _late(code)


class _Insn(NamedTuple):
    opcode: int
    registers: int
    jump: int
    value: int

    @property
    def target(self) -> int:
        return self.registers & 0x0F

    @property
    def source(self) -> int:
        return self.registers >> 4

    def weighs(self, register: int) -> bool:
        """Tell whether it compares, adds or subtracts a register."""
        used = self.target == register or (self.opcode & _BY_REGISTER and self.source == register)
        kind, deed = self.opcode & 0x07, self.opcode & 0xF0
        compares = kind == _JUMP and deed not in _NO_COMPARISONS
        return bool(used) and (compares or (kind == _ALU64 and deed in _SUMS))

    def replaces(self, register: int) -> bool:
        """Tell whether it gives a register another value."""
        return self.target == register and self.opcode & 0x07 in _LOADING


def _values(code: Sequence[_Insn]) -> Iterator[int]:
    """Return immediates of up to a minute, as nanoseconds."""
    after_wide = False
    for at, insn in enumerate(code):
        if after_wide:
            after_wide = False
        elif insn.opcode == _LOAD_WIDE:
            after_wide = True
            value = _wide(code, at)
            yield value if abs(value) <= LONGEST_S * _NS else 0
        elif insn.opcode & 0x07 in _IMMEDIATE_CLASSES:
            yield insn.value


def _late(code: Sequence[_Insn]) -> Iterator[float]:
    """Return times of more than a minute."""
    for at, insn in enumerate(code):
        if insn.opcode == _LOAD_WIDE:
            # A compiler turns "at least" into "more than" the number below.
            whole, rest = divmod(abs(_wide(code, at)) + 1, _NS)
            if rest <= 1 and whole > LONGEST_S and _weighed(code[at + 2 : at + _NEAR], insn.target):
                yield float(whole)


def _wide(code: Sequence[_Insn], at: int) -> int:
    high = code[at + 1].value if at + 1 < len(code) else 0
    return (high << 32) | (code[at].value & 0xFFFFFFFF)


def _weighed(code: Sequence[_Insn], register: int) -> bool:
    for insn in code:
        if insn.weighs(register):
            return True
        if insn.replaces(register):
            return False
    return False
