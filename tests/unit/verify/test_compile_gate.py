"""The compile gate on real compiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.toolchain.bpf import CompileResult, Diagnostic, Ending
from schedtui.verify.codes import ALL
from schedtui.verify.compile_gate import CompileGate, allowed_headers, findings_of
from schedtui.verify.gate import Draft
from tests.unit.verify.sources import scheduler, with_enqueue


async def test_good_source_leaves_its_object() -> None:
    draft = Draft("sample", scheduler())
    said = await CompileGate().run(draft)
    assert said.passed
    assert said.findings == ()
    assert draft.object is not None
    assert draft.object.startswith(b"\x7fELF")
    assert f"{len(draft.object)} bytes" in said.summary


async def test_error_has_its_line() -> None:
    source = with_enqueue("\tno_such_function(p);")
    draft = Draft("sample", source)
    said = await CompileGate().run(draft)
    assert not said.passed
    assert draft.object is None
    assert {f.code for f in said.findings} == {"CMP001"}
    line = next(i for i, text in enumerate(source.split("\n"), 1) if "no_such" in text)
    assert said.findings[0].line == line
    assert "no_such_function" in said.findings[0].sentence


async def test_foreign_file_is_refused_and_not_quoted(tmp_path: Path) -> None:
    secret = tmp_path / "secret.h"
    secret.write_text("TOP SECRET words;\n")
    said = await CompileGate().run(Draft("sample", f'#include "{secret}"\n' + scheduler()))
    assert [f.code for f in said.findings] == ["CMP005"]
    assert "TOP" not in said.findings[0].sentence


async def test_missing_compiler_is_a_no(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = await CompileGate("clang").run(Draft("sample", scheduler()))
    assert not said.passed
    assert [f.code for f in said.findings] == ["CMP007"]


async def test_source_that_differs_from_run_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # A compiler that writes something else each time, as one with a clock in its output would.
    program = tmp_path / "clang"
    program.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "clang version 19.1.7" && exit 0\n'
        "cat /proc/sys/kernel/random/uuid > scheduler.bpf.o\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    draft = Draft("sample", scheduler())
    said = await CompileGate("clang").run(draft)
    assert [f.code for f in said.findings] == ["CMP004"]
    assert draft.object is None


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (Ending.TIMEOUT, "CMP002"),
        (Ending.CRASH, "CMP003"),
        (Ending.TOO_LARGE, "CMP006"),
        (Ending.REFUSED, "CMP001"),
    ],
)
def test_every_ending_has_a_code(ending: Ending, code: str) -> None:
    said = (Diagnostic("note", "ignored", 1), Diagnostic("error", "bad", 3, 4))
    (found,) = findings_of(CompileResult(None, said, 5.0, "zig", ending))
    assert found.code == code


def test_error_in_a_header_names_it() -> None:
    said = (Diagnostic("error", "bad", 30, 4, "schedtui.h"),)
    (found,) = findings_of(CompileResult(None, said, 0.1, "zig", Ending.REFUSED))
    assert found.line == 0
    assert "schedtui.h:30" in found.sentence


def test_headers_are_the_folders() -> None:
    assert {"schedtui.h", "schedtui_base.h"} <= allowed_headers()


def test_all_codes_are_covered() -> None:
    tried = {"CMP001", "CMP002", "CMP003", "CMP004", "CMP005", "CMP006", "CMP007"}
    assert tried == {e.code for e in ALL if e.code.startswith("CMP")}
