"""How often loops turn, as far as straight code says."""

from __future__ import annotations

import pytest

from schedtui.objfile.loops import LOOP_HELPER, LOOP_ITERATOR, Insn, loop_turns

CALL = Insn(0, 0x85, 0, 0, 0, LOOP_HELPER, 0, None)
ITERATE = Insn(0, 0x85, 0, 1, 0, -1, 0, LOOP_ITERATOR)


def put(register: int, value: int, opcode: int = 0xB7) -> Insn:
    return Insn(0, opcode, register, 0, 0, value, 0, None)


def copy(target: int, source: int, opcode: int = 0xBF) -> Insn:
    return Insn(0, opcode, target, source, 0, 0, 0, None)


def wide(register: int, value: int, symbol: str | None = None) -> Insn:
    return Insn(0, 0x18, register, 0, 0, value & 0xFFFFFFFF, value >> 32, symbol)


def other(opcode: int, target: int = 0, source: int = 0, jump: int = 0) -> Insn:
    return Insn(0, opcode, target, source, jump, 0, 0, None)


def turns(*insns: Insn) -> tuple[int | None, ...]:
    return loop_turns(insn._replace(slot=slot) for slot, insn in enumerate(insns))


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ((put(1, 64),), 64),
        ((put(1, 1 << 23, 0xB4),), 1 << 23),
        ((put(6, 100), copy(1, 6)), 100),
        ((put(6, 100), copy(1, 6, 0xBC)), 100),
        ((put(1, -1),), 0xFFFFFFFF),
        ((wide(1, 5_000_000),), 5_000_000),
        ((wide(1, 0, ""),), None),
        ((), None),
        ((copy(1, 7),), None),
        ((put(1, 64), other(0x07, target=1)), None),
        ((put(1, 64), other(0x79, target=1)), None),
        ((put(1, 64), other(0xDB, source=1)), None),
        ((put(1, 64), other(0x85)), None),
        ((put(6, 64), other(0x85), copy(1, 6)), 64),
        ((put(1, 64), other(0x95)), None),
        ((put(1, 64), other(0x15, jump=0)), None),
        ((put(1, 64), other(0x15, jump=5)), 64),
    ],
)
def test_turns_of_the_helper(before: tuple[Insn, ...], expected: int | None) -> None:
    assert turns(*before, CALL) == (expected,)


def test_a_jump_from_below_forgets_too() -> None:
    assert turns(put(1, 64), CALL, other(0x05, jump=-2)) == (None,)
    assert turns(put(1, 64), CALL, other(0x05, jump=-3)) == (64,)


def test_far_jumps_count() -> None:
    far = Insn(2, 0x06, 0, 0, 0, -2, 0, None)
    assert turns(put(1, 64), CALL, far) == (None,)


def test_turns_of_the_iterator() -> None:
    assert turns(put(2, 10), put(3, 60), ITERATE) == (50,)
    assert turns(put(2, -5), put(3, 5), ITERATE) == (10,)
    assert turns(put(2, 60), put(3, 10), ITERATE) == (0,)
    assert turns(put(3, 10), ITERATE) == (None,)


def test_every_loop_is_told() -> None:
    assert turns(put(1, 3), CALL, CALL, other(0xE5, jump=1)) == (3, None, None)
    assert turns(put(1, 3), other(0x85)) == ()
