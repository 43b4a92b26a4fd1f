"""What is read of a linked program, whatever bytes are given for one."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest

from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.linked import linker_of, listed_libraries

REAL = Path(shutil.which("true") or "").read_bytes()


def test_a_program_names_its_linker() -> None:
    assert linker_of(REAL).startswith("/")
    for odd in (b"", b"#!/bin/sh\n", b"\x7fELF" + b"\xff" * 200, REAL[:80]):
        with pytest.raises(ObjectFileError):
            linker_of(odd)
    with pytest.raises(ObjectFileError, match="no whole path"):
        linker_of(REAL.replace(linker_of(REAL).encode(), b"x" + linker_of(REAL).encode()[1:], 1))


@pytest.mark.parametrize("at", [0, 4, 18, 32, 54, 56, 64])
def test_an_odd_header_is_a_sentence(at: int) -> None:
    odd = bytearray(REAL[:4096])
    odd[at : at + 8] = b"\xff" * 8
    with contextlib.suppress(ObjectFileError):
        assert linker_of(bytes(odd)) in {"", linker_of(REAL)}


def test_libraries_are_told_with_the_names_they_are_looked_for_as() -> None:
    said = (
        "\tlinux-vdso.so.1 (0x00007fff00000000)\n"
        "\tlibm.so.6 => /usr/lib/with a space/libm-2.so (0x00007f0000000000)\n"
        "\t/lib64/ld-linux-x86-64.so.2 (0x00007f0000001000)\n"
    )
    assert list(listed_libraries(said)) == [
        ("libm.so.6", "/usr/lib/with a space/libm-2.so"),
        ("ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2"),
    ]
    with pytest.raises(ObjectFileError, match=r"the library liba\.so is not installed"):
        list(listed_libraries("\tliba.so => not found\n"))
