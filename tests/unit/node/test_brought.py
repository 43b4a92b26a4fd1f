"""Files of an external scheduler on the node: in order, bounded, and never changed again."""

from __future__ import annotations

import base64
import hashlib
import zlib
from pathlib import Path

import pytest

from schedtui.model.external import ProgramFile
from schedtui.model.protocol import BRING_BYTES, BringArgs
from schedtui.node.admission import Refused
from schedtui.node.brought import COUNT_LIMIT, Brought


def piece(name: str, offset: int, data: bytes) -> BringArgs:
    return BringArgs(name, offset, base64.b64encode(zlib.compress(data)).decode())


def sealed(name: str, data: bytes) -> ProgramFile:
    return ProgramFile(name, len(data), hashlib.sha256(data).hexdigest())


def test_a_file_is_put_together_and_then_stays_as_it_is(tmp_path: Path) -> None:
    brought = Brought(tmp_path / "program")
    brought.take(piece("scx_rusty", 0, b"one "))
    brought.take(piece("scx_rusty", 4, b"two"))
    with pytest.raises(Refused, match="not those of the token"):
        brought.require([])
    with pytest.raises(Refused, match="not those of the token"):
        brought.require([sealed("scx_rusty", b"one two"), sealed("libc.so.6", b"")])
    brought.require([sealed("scx_rusty", b"one two")])
    path = tmp_path / "program" / "scx_rusty"
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"one two", 0o555)
    with pytest.raises(Refused, match="nothing more is taken"):
        brought.take(piece("scx_rusty", 7, b"!"))
    with pytest.raises(Refused, match="is not the file that the token is for"):
        brought.require([sealed("scx_rusty", b"one too")])


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 81, "a\n", "\x1b[31m"])
def test_only_plain_names_are_taken(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="plain name"):
        Brought(tmp_path).take(piece(name, 0, b"x"))
    assert list(tmp_path.iterdir()) == []


def test_what_is_out_of_order_odd_or_too_much_is_refused(tmp_path: Path) -> None:
    brought = Brought(tmp_path)
    with pytest.raises(Refused, match="in their order"):
        brought.take(piece("a", 1, b"x"))
    for packed in ("?", base64.b64encode(b"no zlib").decode()):
        with pytest.raises(Refused, match="not packed as it must be"):
            brought.take(BringArgs("a", 0, packed))
    brought.take(piece("bomb", 0, b"0" * (BRING_BYTES * 4)))
    assert (tmp_path / "bomb").stat().st_size == BRING_BYTES
    for number in range(COUNT_LIMIT - 1):
        brought.take(piece(f"f{number}", 0, b""))
    with pytest.raises(Refused, match=f"at most {COUNT_LIMIT} files"):
        brought.take(piece("one_more", 0, b""))


def test_more_than_a_guest_can_hold_is_refused(tmp_path: Path) -> None:
    brought = Brought(tmp_path, most=10)
    brought.take(piece("a", 0, b"123456"))
    with pytest.raises(Refused, match="at most"):
        brought.take(piece("b", 0, b"12345"))
