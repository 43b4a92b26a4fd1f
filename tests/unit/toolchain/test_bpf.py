"""The BPF compiler: what comes out, what is kept in, and that nothing is left behind."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest

from schedtui.resources import resource_dir
from schedtui.toolchain.bpf import Ending, compile_bpf
from schedtui.toolchain.compilers import find_compiler
from schedtui.toolchain.errors import NoConfinementError, ToolchainError

GOOD = """#include <schedtui.h>
void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5000000, enq_flags);
}
SCHEDTUI_OPS(good, .enqueue = OP(enqueue));
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of our own for temporary files, to see what is left in it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


async def test_object_is_made(temporary: Path) -> None:
    result = await compile_bpf(GOOD, fresh=True)
    assert result.ending is Ending.OBJECT
    assert result.object is not None
    assert result.object.startswith(b"\x7fELF")
    assert result.diagnostics == ()
    assert result.compiler.startswith("zig ")
    assert "schedtui.h" in result.opened
    assert 0 < result.seconds < 60
    assert list(temporary.iterdir()) == []


async def test_same_bytes_from_any_folder_and_no_path_inside() -> None:
    first = await compile_bpf(GOOD, fresh=True)
    second = await compile_bpf(GOOD, fresh=True)
    assert first.object is not None
    assert first.object == second.object
    for path in (tempfile.gettempdir(), str(resource_dir("bpf")), str(Path.home()), os.sep + "tmp"):
        assert path.encode() not in first.object


async def test_known_source_is_not_compiled_again() -> None:
    source = GOOD + "/* kept */\n"
    first = await compile_bpf(source)
    started = time.perf_counter()
    second = await compile_bpf(source)
    assert second is first
    assert time.perf_counter() - started < first.seconds


async def test_errors_have_lines_and_no_paths() -> None:
    result = await compile_bpf("#include <schedtui.h>\nint f(void)\n{\n\treturn y;\n}\n")
    assert result.object is None
    assert result.ending is Ending.REFUSED
    (first, *_) = [d for d in result.diagnostics if d.severity == "error"]
    assert first.line == 4
    assert first.column > 0
    assert "undeclared identifier 'y'" in first.text
    assert not any(os.sep in d.text for d in result.diagnostics)


async def test_warnings_are_errors() -> None:
    result = await compile_bpf("int f(void)\n{\n\tint unused;\n\treturn 0;\n}\n")
    assert result.ending is Ending.REFUSED
    assert result.diagnostics[0].line == 3


async def test_missing_host_file_gives_no_path() -> None:
    result = await compile_bpf('#include "/etc/no-such-file-of-ours"\n')
    assert result.ending is Ending.REFUSED
    assert "/etc/" not in result.diagnostics[0].text


async def test_host_file_is_missing_whether_it_is_there_or_not(tmp_path: Path) -> None:
    secret = tmp_path / "secret.h"
    missing = await compile_bpf(f'#include "{secret}"\n')
    secret.write_text("int secret_value;\n")
    there = await compile_bpf(f'#include "{secret}"\n')
    assert there.diagnostics == missing.diagnostics
    assert "file not found" in there.diagnostics[0].text
    assert not there.listed


async def test_list_of_opened_files_comes_with_errors_too() -> None:
    result = await compile_bpf("#include <schedtui.h>\nint f(void) { return y; }\n")
    assert result.listed
    assert "schedtui.h" in result.opened


async def test_clock_in_the_source_is_refused() -> None:
    result = await compile_bpf("const char when[] = __TIME__;\n")
    assert result.ending is Ending.REFUSED
    assert "not reproducible" in result.diagnostics[0].text


async def test_unprintable_bytes_become_visible() -> None:
    result = await compile_bpf('#error "\x1b]0;title\x07"\n')
    assert result.ending is Ending.REFUSED
    assert all(d.text.isprintable() for d in result.diagnostics)


async def test_many_errors_are_cut() -> None:
    result = await compile_bpf("\n".join(f"int v{i} = w{i};" for i in range(500)))
    assert 0 < len(result.diagnostics) <= 40


async def test_unknown_compiler_is_refused() -> None:
    with pytest.raises(ToolchainError, match="unknown compiler"):
        await compile_bpf(GOOD, compiler="tcc")


def _fake_clang(folder: Path, version: str) -> None:
    program = folder / "clang"
    program.write_text(f"#!/bin/sh\necho '{version}'\n")
    program.chmod(0o755)


async def test_missing_clang_has_a_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolchainError, match="no clang") as caught:
        await compile_bpf(GOOD, compiler="clang")
    assert "zig" in caught.value.fix


async def test_old_clang_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_clang(tmp_path, "Debian clang version 14.0.6")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(ToolchainError, match="version 14, at least 16"):
        await compile_bpf(GOOD, compiler="clang")


async def test_strange_clang_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_clang(tmp_path, "hello")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(ToolchainError, match="does not tell its version"):
        await compile_bpf(GOOD, compiler="clang")


async def test_clang_gets_bpf_as_target_and_its_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fake_clang(tmp_path, "clang version 19.1.7")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    found = await find_compiler("clang")
    assert found.version == "clang 19.1.7"
    assert found.command == (str(tmp_path / "clang"), "-target", "bpf")
    assert found.files[:2] == (tmp_path / "clang", Path("/bin/sh"))
    assert all(file.exists() for file in found.files)
    assert any("ld-" in file.name for file in found.files)


async def test_clang_that_makes_no_object_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fake_clang(tmp_path, "clang version 19.1.7")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(NoConfinementError, match="makes no object"):
        await compile_bpf(GOOD, compiler="clang")


async def test_without_confinement_nothing_is_compiled_but_ours() -> None:
    with pytest.raises(NoConfinementError, match="there is nothing to try") as caught:
        await compile_bpf(GOOD, fresh=True, confinements=())
    assert "bubblewrap" in caught.value.fix
    result = await compile_bpf(GOOD, fresh=True, ours=True, confinements=())
    assert result.confinement == "limits only"
    assert result.object is not None
