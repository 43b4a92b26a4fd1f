"""Damaged objects: refused with a finding, or still a scheduler by every rule.

Whether an accepted one is still a scheduler is judged a second time by a reading of the raw
bytes that shares nothing with the reader under test.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterable, Iterator
from typing import Final

import pytest

from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.facts import ObjectFacts, read_object
from schedtui.verify.gate import rejects
from schedtui.verify.object_gate import judge_object
from schedtui.verify.object_helpers import HELPERS
from schedtui.verify.object_kfuncs import ALLOWED
from tests.figures import Figures, Mutations
from tests.mutation.changes import Change, changed, flip_bits, numbers, set_bytes, splice
from tests.mutation.smallest import smallest

SLOWEST_S: Final = 1.0
_ROW: Final = "<IIQQQQIIQQ"
_HELPERS: Final = {number for table in HELPERS.values() for number in table}
_EXIT_HELPER: Final = 115


@pytest.fixture(scope="module")
def data() -> bytes:
    return smallest()


def rows_of(data: bytes) -> list[tuple[str, int, int, int, int]]:
    """Return name, kind, flags, offset and size of each section, straight from the bytes."""
    (table,) = struct.unpack_from("<Q", data, 40)
    count, names = struct.unpack_from("<HH", data, 60)
    raw = [struct.unpack_from(_ROW, data, table + 64 * i) for i in range(count)]
    start = raw[names][4]
    ends = [data.index(b"\0", start + row[0]) for row in raw]
    texts = [data[start + r[0] : e].decode("ascii") for r, e in zip(raw, ends, strict=True)]
    return [(text, r[1], r[2], r[4], r[5]) for text, r in zip(texts, raw, strict=True)]


def span(data: bytes, name: str) -> tuple[int, int]:
    _, _, _, offset, size = next(row for row in rows_of(data) if row[0] == name)
    return offset, offset + size - size % 8


def plainly_wrong(data: bytes) -> str:
    """Return what an accepted object may never be, by its raw bytes; empty when all is well."""
    rows = rows_of(data)
    parts = {
        name: data[offset : offset + size] for name, kind, _, offset, size in rows if kind != 8
    }
    if sum(row[0] == ".struct_ops.link" for row in rows) != 1:
        return "not one scheduler"
    if ".struct_ops" in parts or parts["license"].split(b"\0")[0] not in {b"GPL", b"GPL v2"}:
        return "legacy section or licence"
    for name, _, flags, _, _ in rows:
        if flags & 4 and not name.startswith(("struct_ops/", "struct_ops.s/")) and name != ".text":
            return f"code in {name}"
        if flags & 4 and (wrong := _wrong_call(name, parts[name])):
            return wrong
    return _wrong_symbol(data)


def _wrong_call(name: str, code: bytes) -> str:
    """Look at every slot as if it were an instruction, whatever comes before it."""
    for opcode, registers, _, value in struct.iter_unpack("<BBhi", code):
        if opcode == 0x8D or (opcode == 0x18 and registers >> 4):
            return f"a hidden reference in {name}"
        allowed = value in _HELPERS or (name, value) == ("struct_ops/ended", _EXIT_HELPER)
        if opcode == 0x85 and registers >> 4 == 0 and not allowed:
            return f"helper {value} in {name}"
        if opcode == 0x85 and registers >> 4 not in {0, 1}:
            return f"a call by number in {name}"
    return ""


def _wrong_symbol(data: bytes) -> str:
    rows = rows_of(data)
    _, _, _, offset, size = next(row for row in rows if row[1] == 2)
    (table,) = struct.unpack_from("<Q", data, 40)
    (link,) = struct.unpack_from("<I", data, table + 64 * [r[1] for r in rows].index(2) + 40)
    names = data[rows[link][3] : rows[link][3] + rows[link][4]]
    for name, _, _, section, _, _ in struct.iter_unpack("<IBBHQQ", data[offset : offset + size]):
        text = names[name : names.index(b"\0", name)].decode("ascii")
        if section == 0 and text and text not in ALLOWED:
            return f"needs {text}"
    return ""


class Tally:
    """Counts what became of damaged objects, and checks each."""

    def __init__(self, counted: Mutations) -> None:
        self._counted = counted
        self.unread = self.refused = self.accepted = 0
        self.slowest = 0.0

    def judge(self, damaged: Iterable[bytes]) -> None:
        for data in damaged:
            started = time.process_time()
            with self._counted.one():
                facts = self._read(data)
                refused = facts is not None and rejects(judge_object(facts))
            self.slowest = max(self.slowest, time.process_time() - started)
            if facts is None:
                self.unread += 1
            elif refused:
                self.refused += 1
            else:
                self.accepted += 1
                self._counted.accepted += 1
                assert plainly_wrong(data) == ""

    def _read(self, data: bytes) -> ObjectFacts | None:
        try:
            return read_object(data)
        except ObjectFileError:
            return None

    @property
    def total(self) -> int:
        return self.unread + self.refused + self.accepted


@pytest.fixture
def tally(figures: Figures) -> Iterator[Tally]:
    with figures.mutations("object") as counted:
        yield Tally(counted)


def test_the_whole_object_passes_both_readings(data: bytes) -> None:
    assert judge_object(read_object(data)) == ()
    assert plainly_wrong(data) == ""


def test_second_reading_sees_what_it_is_for(data: bytes) -> None:
    call = data.index(struct.pack("<BBhi", 0x85, 0, 0, 1))
    for insn in ((0x85, 0, 0, 109), (0x85, 0x20, 0, 5), (0x8D, 0, 0, 1), (0x18, 0x10, 0, 3)):
        other = data[:call] + struct.pack("<BBhi", *insn) + data[call + 8 :]
        assert plainly_wrong(other) != ""
    assert plainly_wrong(data.replace(b"GPL\0", b"MIT\0")) != ""
    assert plainly_wrong(data.replace(b"scx_bpf_dsq_insert\0", b"scx_bpf_dsq_invent\0")) != ""


def test_truncated_anywhere(data: bytes, tally: Tally) -> None:
    tally.judge(data[:size] for size in range(len(data)))
    assert tally.unread == len(data)
    assert tally.slowest < SLOWEST_S


@pytest.mark.parametrize(
    ("seed", "change", "times"),
    [(1, flip_bits, 9000), (2, set_bytes, 7000), (3, splice, 8000)],
    ids=["bits", "bytes", "splices"],
)
def test_damaged_anywhere(data: bytes, tally: Tally, seed: int, change: Change, times: int) -> None:
    tally.judge(changed(data, seed, change, times))
    assert tally.total > times * 0.9
    assert tally.unread > 0
    assert tally.refused > 0
    assert tally.slowest < SLOWEST_S


@pytest.mark.parametrize(
    ("seed", "names", "width", "times"),
    [
        (11, ("section table",), 4, 4000),
        (12, ("section table", "header"), 8, 2000),
        (13, (".BTF",), 4, 6000),
        (14, (".symtab", ".strtab"), 2, 2500),
        (15, (".rel.struct_ops.link", ".relstruct_ops/enqueue", ".relstruct_ops/ended"), 4, 2000),
        (16, ("struct_ops/enqueue", "struct_ops/ended", ".text"), 1, 4000),
        (17, (".struct_ops.link", ".data.exit_record"), 4, 1500),
    ],
    ids=["sections", "header", "types", "symbols", "relocations", "code", "operations"],
)
def test_damaged_where_it_matters(
    data: bytes, tally: Tally, seed: int, names: tuple[str, ...], width: int, times: int
) -> None:
    (table,) = struct.unpack_from("<Q", data, 40)
    places = {"section table": (table, len(data)), "header": (0, 64)}
    spans = tuple(places.get(name) or span(data, name) for name in names)
    tally.judge(changed(data, seed, numbers(spans, width), times))
    assert tally.total > times * 0.6
    assert tally.unread + tally.refused > tally.total / 20
    assert tally.slowest < SLOWEST_S
