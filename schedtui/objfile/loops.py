"""How often counted loops of the kernel turn, where the instructions say so.

Follows constants through straight pieces of code and forgets everything where a jump arrives:
what it says is certain, what it cannot say is None.
Encoding: kernel Documentation/bpf/standardization/instruction-set.rst.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_CLASS_LOAD, _CLASS_LOAD_REGISTER, _CLASS_STORE_REGISTER = 0x00, 0x01, 0x03
_CLASS_JUMP, _CLASS_JUMP32 = 0x05, 0x06
_CLASSES_ALU: Final = {0x04, 0x07}

_MOV64_VALUE, _MOV32_VALUE, _MOV64_REGISTER, _MOV32_REGISTER = 0xB7, 0xB4, 0xBF, 0xBC
_LOAD_WIDE, _CALL, _EXIT, _GO, _GO_FAR = 0x18, 0x85, 0x95, 0x05, 0x06
_MAY_GO: Final = 0xE5

_WORD: Final = 0xFFFFFFFF
_CALL_CLOBBERS: Final = range(6)

LOOP_HELPER: Final = 181
"""bpf_loop(turns, ...)."""
LOOP_ITERATOR: Final = "bpf_iter_num_new"
"""bpf_iter_num_new(iterator, first, end)."""


class Insn(NamedTuple):
    """One instruction; ``slot`` counts 8-byte slots from the start of its section."""

    slot: int
    opcode: int
    target: int
    source: int
    jump: int
    value: int
    wide: int
    """Upper half of a wide load's value."""
    symbol: str | None
    """Name of the undefined symbol it refers to; empty for one of this file."""


@dataclass(slots=True)
class _Registers:
    known: dict[int, int] = field(default_factory=dict)

    def after(self, insn: Insn) -> None:
        """Follow one instruction."""
        kind = insn.opcode & 0x07
        if kind in _CLASSES_ALU:
            self._put(insn.target, self._result(insn))
        elif insn.opcode == _LOAD_WIDE:
            whole = None if insn.symbol is not None else (insn.wide << 32) | (insn.value & _WORD)
            self._put(insn.target, whole)
        elif kind in {_CLASS_LOAD, _CLASS_LOAD_REGISTER}:
            self._put(insn.target, None)
        elif kind == _CLASS_STORE_REGISTER:
            # Atomic operations can write their source register, and r0.
            self._put(insn.source, None)
            self._put(0, None)
        elif insn.opcode == _CALL:
            for register in _CALL_CLOBBERS:
                self._put(register, None)
        elif insn.opcode in {_EXIT, _GO, _GO_FAR}:
            self.known.clear()

    def _result(self, insn: Insn) -> int | None:
        if insn.opcode == _MOV64_VALUE and insn.jump == 0:
            return insn.value
        if insn.opcode == _MOV32_VALUE and insn.jump == 0:
            return insn.value & _WORD
        if insn.opcode == _MOV64_REGISTER and insn.jump == 0:
            return self.known.get(insn.source)
        if insn.opcode == _MOV32_REGISTER and insn.jump == 0 and insn.source in self.known:
            return self.known[insn.source] & _WORD
        return None

    def _put(self, register: int, value: int | None) -> None:
        if value is None:
            self.known.pop(register, None)
        else:
            self.known[register] = value


def loop_turns(insns: Iterable[Insn]) -> tuple[int | None, ...]:
    """Return the turns of every counted loop of one section, None where they cannot be read."""
    listed = list(insns)
    if not any(_is_loop(insn) for insn in listed):
        return ()
    arrivals = {_destination(insn) for insn in listed if _is_jump(insn)}
    registers, found = _Registers(), list[int | None]()
    for insn in listed:
        if insn.slot in arrivals:
            registers.known.clear()
        if _is_loop(insn):
            found.append(_turns(insn, registers.known))
        registers.after(insn)
    return tuple(found)


def _is_loop(insn: Insn) -> bool:
    if insn.opcode == _CALL:
        by_number = insn.source == 0 and insn.value == LOOP_HELPER
        return by_number or insn.symbol == LOOP_ITERATOR
    return insn.opcode == _MAY_GO


def _turns(insn: Insn, known: dict[int, int]) -> int | None:
    if insn.opcode == _MAY_GO:
        return None
    if insn.symbol != LOOP_ITERATOR:
        return None if 1 not in known else known[1] & _WORD
    if 2 not in known or 3 not in known:
        return None
    return max(_signed(known[3]) - _signed(known[2]), 0)


def _signed(value: int) -> int:
    word = value & _WORD
    return word - (1 << 32) if word >> 31 else word


def _is_jump(insn: Insn) -> bool:
    return insn.opcode & 0x07 in {_CLASS_JUMP, _CLASS_JUMP32} and insn.opcode not in {_CALL, _EXIT}


def _destination(insn: Insn) -> int:
    return insn.slot + 1 + (insn.value if insn.opcode == _GO_FAR else insn.jump)
