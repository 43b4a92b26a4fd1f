"""The largest time constant of an object, which a trial must outlast."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from schedtui.objfile.elf import ElfFile, Section, read_elf
from schedtui.objfile.errors import ObjectFileError

SHORTEST_S: Final = 1.0
LONGEST_S: Final = 60.0

_UNITS: Final = {"_ns": 1e9, "_us": 1e6, "_ms": 1e3, "_s": 1.0, "_sec": 1.0, "_secs": 1.0}
"""How the name of a constant ends, and how many of its unit make a second."""
_NS: Final = 1e9
_LOAD_WIDE: Final = 0x18
_IMMEDIATE_CLASSES: Final = {0x04, 0x05, 0x06, 0x07}
"""Instruction classes ALU, JMP, JMP32 and ALU64, in their form with an immediate."""
_A_FLAG: Final = 1 << 32
"""SCX_ENQ_PREEMPT, which many schedulers hold, and which is no time. A trial outlasts 4.3 s."""
_SIZES: Final = {1: "<B", 2: "<H", 4: "<I", 8: "<Q"}


def longest_constant_s(data: bytes) -> float:
    """Return the largest time between 1 and 60 s that the object names, 0 when there is none.

    Immediates of instructions are read as nanoseconds; constants by the unit that their name ends
    in. What cannot be read holds no times: judging such an object is the object gate's matter.
    """
    try:
        elf = read_elf(data)
        found = [*_named(elf), *_immediates(elf)]
    except (ObjectFileError, struct.error):
        return 0.0
    return max((s for s in found if SHORTEST_S <= s <= LONGEST_S), default=0.0)


def _named(elf: ElfFile) -> Iterator[float]:
    held = {
        number: section
        for number, section in enumerate(elf.sections)
        if section.name.startswith((".rodata", ".data"))
    }
    for symbol in elf.symbols:
        section, form = held.get(symbol.section), _SIZES.get(symbol.size)
        unit = next((per for end, per in _UNITS.items() if symbol.name.endswith(end)), 0.0)
        if section is not None and form is not None and unit:
            data = elf.content(section).data[symbol.value : symbol.value + symbol.size]
            if len(data) == symbol.size:
                yield float(struct.unpack(form, data)[0]) / unit


def _immediates(elf: ElfFile) -> Iterator[float]:
    for section in elf.sections:
        if section.is_code:
            yield from (abs(v) / _NS for v in _values(elf, section) if v != _A_FLAG)


def _values(elf: ElfFile, section: Section) -> Iterator[int]:
    data = elf.content(section).data
    half: int | None = None
    for opcode, _registers, _jump, value in struct.iter_unpack("<BBhi", data[: len(data) // 8 * 8]):
        if half is not None:
            yield (value << 32) | half
            half = None
        elif opcode == _LOAD_WIDE:
            half = value & 0xFFFFFFFF
        elif opcode & 0x07 in _IMMEDIATE_CLASSES:
            yield value
