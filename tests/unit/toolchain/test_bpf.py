"""The BPF compiler: what comes out, what is kept in, and that nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from schedtui.resources import resource_dir
from schedtui.toolchain.bpf import Ending, compile_bpf
from schedtui.toolchain.confined import Limits, run_confined
from schedtui.toolchain.errors import ToolchainError

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
    assert 0 < result.seconds < 5
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


async def test_opened_host_file_is_told(tmp_path: Path) -> None:
    secret = tmp_path / "secret.h"
    secret.write_text("int secret_value;\n")
    result = await compile_bpf(f'#include "{secret}"\n')
    assert str(secret) in result.opened


async def test_unprintable_bytes_become_visible() -> None:
    result = await compile_bpf('#error "\x1b]0;title\x07"\n')
    assert result.ending is Ending.REFUSED
    assert all(d.text.isprintable() for d in result.diagnostics)


async def test_many_errors_are_cut() -> None:
    result = await compile_bpf("\n".join(f"int v{i} = w{i};" for i in range(500)))
    assert 0 < len(result.diagnostics) <= 40


async def test_bomb_ends_in_time_and_leaves_nothing(temporary: Path) -> None:
    bomb = ["#define A0 1+1+1+1+1+1+1+1+1+1"]
    bomb += [f"#define A{i} {'+'.join([f'A{i - 1}'] * 10)}" for i in range(1, 9)]
    started = time.monotonic()
    result = await compile_bpf("\n".join([*bomb, "int f(void) { return A8; }", ""]))
    assert result.object is None
    assert result.ending in {Ending.TIMEOUT, Ending.CRASH, Ending.REFUSED}
    assert time.monotonic() - started < 9
    assert list(temporary.iterdir()) == []


async def test_fifo_cannot_hang_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.h")
    result = await compile_bpf(f'#include "{tmp_path / "pipe.h"}"\n')
    assert result.object is None
    assert result.seconds < 9


async def test_cancel_leaves_nothing(temporary: Path) -> None:
    fifo = temporary / "pipe.h"
    os.mkfifo(fifo)
    task = asyncio.create_task(compile_bpf(f'#include "{fifo}"\n'))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list(temporary.iterdir()) == [fifo]


async def test_group_is_gone_after_the_time_limit(tmp_path: Path) -> None:
    script = tmp_path / "spawner.py"
    script.write_text(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    limits = Limits(wall_s=1.5, memory_mb=1024, file_mb=1, output_bytes=100)
    ran = await run_confined((sys.executable, str(script)), tmp_path, {}, limits)
    assert ran.timed_out
    child = int(ran.output)
    for _ in range(50):
        if _is_gone(child):
            break
        await asyncio.sleep(0.05)
    assert _is_gone(child)


def _is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


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


async def test_clang_gets_bpf_as_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "clang"
    # Stands for a newer clang: answers its version, and tells its arguments as a diagnostic.
    program.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "clang version 19.1.7" && exit 0\n'
        'echo "scheduler.bpf.c:7:1: error: $1 $2 $3"\nexit 1\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    result = await compile_bpf(GOOD, compiler="clang")
    assert result.compiler == "clang 19.1.7"
    assert [(d.line, d.text) for d in result.diagnostics] == [(7, "-target bpf -O2")]
