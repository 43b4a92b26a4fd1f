"""Faults that no text file can be: changed objects, and texts that are no texts."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from tests.vm.faults.corpus import ChangeObject, Fault, described

BASE: Final = """#include <schedtui.h>

const volatile u64 slice_us = 5000;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = slice_us * NSEC_PER_USEC + bpf_get_prandom_u32() % 1000;

	queue_insert(p, SCX_DSQ_GLOBAL, slice, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
"""
"""A sound scheduler whose object the faults below change."""

_CALL: Final = 0x85
_WIDE_LOAD: Final = 0x18
_PRANDOM: Final = 7
_KFUNC_SOURCE: Final = 2
_MAP_SOURCE: Final = 1
_MACHINE_AT: Final = 18
_CLASS_AT: Final = 4
_ORDER_AT: Final = 5


def _cut(share: float) -> ChangeObject:
    """Return a change that keeps the first part of the bytes."""
    return lambda data: data[: int(len(data) * share)]


def _byte(at: int, value: int) -> ChangeObject:
    """Return a change of one byte."""
    return lambda data: data[:at] + bytes([value]) + data[at + 1 :]


def _instruction(wanted: Callable[[bytes], bool], new: Callable[[bytes], bytes]) -> ChangeObject:
    """Return a change of the first instruction, 8 bytes, that is wanted."""

    def change(data: bytes) -> bytes:
        for at in range(0, len(data) - 8, 8):
            if wanted(data[at : at + 8]):
                return data[:at] + new(data[at : at + 8]) + data[at + 8 :]
        raise ValueError("the base scheduler has no such instruction")

    return change


def _is_prandom(code: bytes) -> bool:
    return code == struct.pack("<BBhi", _CALL, 0, 0, _PRANDOM)


def _call(source: int, number: int) -> Callable[[bytes], bytes]:
    return lambda _: struct.pack("<BBhi", _CALL, source << 4, 0, number)


def _renamed(old: bytes, new: bytes) -> ChangeObject:
    """Return a change of a name of the same length wherever it stands."""
    if len(old) != len(new):
        raise ValueError("names must be of one length")
    return lambda data: data.replace(old, new)


def _object(identity: str, name: str, sentence: str, change: ChangeObject, **fields: str) -> Fault:
    stated = {"fault": f"{identity} - {sentence}", **fields}
    return described(identity, name, "static", stated, BASE, change)


def _text(identity: str, name: str, sentence: str, source: str, **fields: str) -> Fault:
    return described(
        identity, name, "static", {"fault": f"{identity} - {sentence}", **fields}, source
    )


MADE: Final[tuple[Fault, ...]] = (
    _text("F30a", "no_text", "is no UTF-8", BASE + "/* \udcff\udcfe */\n", stops="rules SRC001"),
    _text(
        "F30b",
        "zero_byte",
        "ends for some readers at a zero byte, and goes on for others",
        BASE.replace("SCHEDTUI_OPS", "\0SCHEDTUI_OPS"),
        stops="rules SRC003",
    ),
    _text(
        "F30c",
        "megabytes",
        "is 40 MB of text",
        BASE + "/*" + "x" * (40 << 20) + "*/",
        stops="rules SRC002",
    ),
    _text(
        "F30d",
        "byte_order_mark",
        "begins with a mark that no one sees",
        "\ufeff" + BASE,
        stops="rules SRC003",
    ),
    _text("F30e", "empty", "is nothing", "", stops="rules SRC020"),
    _object("F30f", "half", "is half an object", _cut(0.5), stops="object OBJ001"),
    _object("F30g", "no_end", "lacks its last bytes", _cut(0.999), stops="object OBJ001"),
    _object(
        "F30h",
        "other_machine",
        "is for another machine",
        _byte(_MACHINE_AT, 62),
        stops="object OBJ001",
    ),
    _object(
        "F30i", "narrow", "claims to be of 32 bits", _byte(_CLASS_AT, 1), stops="object OBJ001"
    ),
    _object(
        "F30j",
        "big_endian",
        "claims the other order of bytes",
        _byte(_ORDER_AT, 2),
        stops="object OBJ001",
    ),
    _object(
        "F30k",
        "no_object",
        "is a text in place of an object",
        lambda _: b"#!/bin/sh\n" * 99,
        stops="object OBJ001",
    ),
    _object("F30l", "nothing", "is an object of no bytes", lambda _: b"", stops="object OBJ001"),
    _object(
        "T01h",
        "kfunc_by_number",
        "calls a kernel function by its number",
        _instruction(_is_prandom, _call(_KFUNC_SOURCE, 120_000)),
        stops="object OBJ013",
    ),
    _object(
        "T01i",
        "patched_signal",
        "had its harmless call exchanged for one that kills",
        _instruction(_is_prandom, _call(0, 109)),
        stops="object OBJ008",
        kernel="accepts",
    ),
    _object(
        "T01j",
        "patched_tail_call",
        "had its harmless call exchanged for a jump",
        _instruction(_is_prandom, _call(0, 12)),
        stops="object OBJ011",
    ),
    _object(
        "T02o",
        "map_by_number",
        "takes a table of somebody else by its number",
        _instruction(
            _is_prandom, lambda _: struct.pack("<BBhi", _WIDE_LOAD, _MAP_SOURCE << 4, 0, 3)
        ),
        stops="object OBJ001, OBJ024",
    ),
    _object(
        "F13d",
        "patched_licence",
        "had its licence exchanged",
        lambda data: data.replace(b"GPL\0", b"BSD\0", 1),
        stops="object OBJ018",
        kernel="KRN001",
    ),
    _object(
        "T08a",
        "patched_section",
        "had a section of its scheduler renamed to another kind",
        _renamed(b"struct_ops/enqueue\0", b"kprobe/do_exit_xxx\0"),
        stops="object OBJ001, OBJ005",
    ),
    _object(
        "T08b",
        "patched_name",
        "calls itself otherwise than the source says",
        _renamed(b"candidate\0", b"candidat3\0"),
        stops="object OBJ022",
    ),
)
