"""Objects that no compiler writes, each refused for its own reason."""

from __future__ import annotations

import struct

import pytest

from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.facts import read_object
from tests.mutation.smallest import smallest

_ROW_BYTES = 64
_NAME, _KIND, _FLAGS, _ADDRESS, _OFFSET, _SIZE, _LINK, _INFO, _ALIGN = range(9)
_FIELDS = ("<I", "<I", "<Q", "<Q", "<Q", "<Q", "<I", "<I", "<Q")
_PLACES = (0, 4, 8, 16, 24, 32, 40, 44, 48)
_SYMBOL = "<IBBHQQ"


class Patched:
    """A good object of which single fields are set."""

    def __init__(self) -> None:
        self.data = bytearray(smallest())
        (self._table,) = struct.unpack_from("<Q", self.data, 40)
        (self._count,) = struct.unpack_from("<H", self.data, 60)

    def names(self) -> list[str]:
        (row,) = struct.unpack_from("<H", self.data, 62)
        start = self.get(row, _OFFSET)
        return [self._text(start + self.get(i, _NAME)) for i in range(self._count)]

    def row(self, name: str) -> int:
        return self.names().index(name)

    def get(self, row: int, field: int) -> int:
        at = self._table + _ROW_BYTES * row + _PLACES[field]
        (value,) = struct.unpack_from(_FIELDS[field], self.data, at)
        return int(value)

    def set(self, name: str, field: int, value: int) -> None:
        at = self._table + _ROW_BYTES * self.row(name) + _PLACES[field]
        struct.pack_into(_FIELDS[field], self.data, at, value)

    def start(self, name: str) -> int:
        return self.get(self.row(name), _OFFSET)

    def symbol(self, name: str) -> tuple[int, list[int]]:
        """Return where a symbol lies and its fields."""
        table, names = self.row(".symtab"), self.start(".strtab")
        for at in range(self.start(".symtab"), self.start(".symtab") + self.get(table, _SIZE), 24):
            fields = list(struct.unpack_from(_SYMBOL, self.data, at))
            if self._text(names + fields[0]) == name:
                return at, fields
        raise KeyError(name)

    def set_symbol(self, name: str, field: int, value: int) -> None:
        at, fields = self.symbol(name)
        fields[field] = value
        struct.pack_into(_SYMBOL, self.data, at, *fields)

    def refused(self, reason: str) -> None:
        with pytest.raises(ObjectFileError, match=reason):
            read_object(bytes(self.data))

    def _text(self, at: int) -> str:
        return self.data[at : self.data.index(b"\0", at)].decode("ascii")


@pytest.fixture
def patched() -> Patched:
    return Patched()


@pytest.mark.parametrize(
    ("section", "field", "value", "reason"),
    [
        (".rodata", _KIND, 7, "a form that BPF objects do not use"),
        (".rodata", _KIND, 4, "a form that BPF objects do not use"),
        (".rodata", _KIND, 17, "a form that BPF objects do not use"),
        (".rodata", _FLAGS, 0x802, "a form that BPF objects do not use"),
        (".rodata", _FLAGS, 0x402, "a form that BPF objects do not use"),
        (".rodata", _ADDRESS, 4096, "has an address"),
        (".rodata", _ALIGN, 24, "unusual alignment"),
        (".rodata", _ALIGN, 1 << 20, "unusual alignment"),
        (".rodata", _SIZE, 1 << 40, "outside the file"),
        (".rodata", _OFFSET, 1 << 62, "outside the file"),
        (".rodata", _OFFSET, 0, "overlap"),
        ("struct_ops/enqueue", _FLAGS, 7, "no bytes of its own"),
        ("struct_ops/enqueue", _KIND, 8, "no bytes of its own"),
        ("struct_ops/enqueue", _FLAGS, 2, "lies outside of the code"),
        (".relstruct_ops/enqueue", _INFO, 0, "patch no single section"),
        (".relstruct_ops/enqueue", _INFO, 999, "patch no single section"),
        (".relstruct_ops/enqueue", _LINK, 1, "have no symbols"),
        (".symtab", _LINK, 999, "no names"),
        (".symtab", _SIZE, 25, "unusual size"),
    ],
)
def test_sections(patched: Patched, section: str, field: int, value: int, reason: str) -> None:
    patched.set(section, field, value)
    patched.refused(reason)


def test_names_and_parts_are_there_once(patched: Patched) -> None:
    patched.set(".rodata", _NAME, patched.get(patched.row("license"), _NAME))
    patched.refused("two sections have the same name")


def test_sections_share_no_bytes(patched: Patched) -> None:
    patched.set("license", _OFFSET, patched.start(".rodata"))
    patched.refused("overlap")


@pytest.mark.parametrize(("offset", "value"), [(24, 1), (32, 64), (56, 1)])
def test_linked_programs_are_no_objects(patched: Patched, offset: int, value: int) -> None:
    patched.data[offset] = value
    patched.refused("segments|unusual ELF")


@pytest.mark.parametrize(
    ("symbol", "field", "value", "reason"),
    [
        ("enqueue", 1, 0x1A, "a form that BPF objects do not use"),
        ("enqueue", 1, 0xA2, "a form that BPF objects do not use"),
        ("enqueue", 3, 900, "in no section"),
        ("enqueue", 4, 8, "outside its section"),
        ("enqueue", 5, 8, "not whole and in a row|of no function"),
        ("enqueue", 5, 0, "not whole and in a row"),
        ("enqueue", 1, 0x11, "of no function"),
        ("slice_us", 1, 0x12, "outside of the code"),
        ("smallest_ops", 5, 8, "not the size of its type"),
        ("smallest_ops", 1, 0x10, "has no symbol"),
    ],
)
def test_symbols(patched: Patched, symbol: str, field: int, value: int, reason: str) -> None:
    patched.set_symbol(symbol, field, value)
    patched.refused(reason)


def test_two_symbols_of_one_name(patched: Patched) -> None:
    _, fields = patched.symbol("enqueue")
    patched.set_symbol("ended", 0, fields[0])
    patched.refused("two symbols are called 'enqueue'")


def test_a_function_may_not_begin_inside_an_instruction(patched: Patched) -> None:
    """The second half of a wide load would be a call, seen by nobody who reads in a row."""
    start = patched.start("struct_ops/enqueue")
    wide = patched.data.index(b"\x18", start)
    patched.data[wide + 8 : wide + 16] = struct.pack("<BBhi", 0x85, 0, 0, 109)
    patched.refused("hides an instruction")


def test_relocations_are_inside_and_different(patched: Patched) -> None:
    first = patched.start(".relstruct_ops/ended")
    patched.data[first + 16 : first + 24] = patched.data[first : first + 8]
    patched.refused("patch a place twice")
    outside = Patched()
    struct.pack_into("<Q", outside.data, first, 1 << 20)
    outside.refused("outside of 'struct_ops/ended'")
    nobody = Patched()
    struct.pack_into("<I", nobody.data, first + 12, 9999)
    nobody.refused("names no symbol")


def test_relocation_in_the_middle_of_an_instruction_is_odd(patched: Patched) -> None:
    first = patched.start(".relstruct_ops/ended")
    (place,) = struct.unpack_from("<Q", patched.data, first)
    struct.pack_into("<Q", patched.data, first, place + 4)
    assert read_object(bytes(patched.data)).odd_instructions > 0


def test_calls_and_loads_of_unusual_form_are_odd(patched: Patched) -> None:
    code = patched.start(".text")
    call = patched.data.index(struct.pack("<BBhi", 0x85, 0, 0, 1), code)
    for head in ((0x85, 0x01, 0, 1), (0x85, 0, 4, 1), (0x85, 0x10, 0, 50), (0x85, 0x40, 0, 1)):
        other = Patched()
        other.data[call : call + 8] = struct.pack("<BBhi", *head)
        assert read_object(bytes(other.data)).odd_instructions == 1
    wide = patched.data.index(b"\x18", code)
    patched.data[wide + 1] |= 0x10
    assert read_object(bytes(patched.data)).odd_instructions == 1


def test_types_without_gaps(patched: Patched) -> None:
    start = patched.start(".BTF")
    for at, value in ((2, 2), (3, 1), (4, 32), (8, 4), (16, 1)):
        other = Patched()
        other.data[start + at] = value
        other.refused("type information")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"\0seen\0", b"\0seem\0", "seem is typed in .maps and is not there"),
        (b"\0count\0", b"\0cound\0", "count is not typed as the static"),
    ],
)
def test_types_and_symbols_of_different_names(
    patched: Patched, old: bytes, new: bytes, said: str
) -> None:
    start = patched.start(".BTF")
    at = patched.data.index(old, start)
    patched.data[at : at + len(new)] = new
    assert any(said in words for words in read_object(bytes(patched.data)).disagreements)


def test_undamaged(patched: Patched) -> None:
    facts = read_object(bytes(patched.data))
    assert facts.disagreements == ()
    assert facts.odd_instructions == 0
