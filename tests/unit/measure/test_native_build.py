from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from schedtui.toolchain.errors import ToolchainError
from schedtui.toolchain.native import PROGRAMS, Recipe, build
from tests.processes import Process, descendants, left_after

GOOD = "int main(void) { return 7; }\n"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "seven.c").write_text(GOOD)
    return folder


def of(sources: Path) -> Recipe:
    return replace(PROGRAMS, sources=sources)


async def test_built_once_and_found_again(tmp_path: Path, sources: Path) -> None:
    told: list[str] = []
    first = await build(tmp_path / "out", told.append, of(sources))
    assert told == ["compiling the workload seven"]
    process = await asyncio.create_subprocess_exec(first["seven"])
    assert await process.wait() == 7
    assert await build(tmp_path / "out", told.append, of(sources)) == first
    assert len(told) == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == [first["seven"].parent.name]


async def test_a_changed_header_is_another_build(tmp_path: Path, sources: Path) -> None:
    first = await build(tmp_path / "out", lambda _: None, of(sources))
    (sources / "some.h").write_text("/* new */\n")
    second = await build(tmp_path / "out", lambda _: None, of(sources))
    assert first["seven"].parent != second["seven"].parent


async def test_a_damaged_build_is_made_again(tmp_path: Path, sources: Path) -> None:
    first = await build(tmp_path / "out", lambda _: None, of(sources))
    first["seven"].unlink()
    assert (await build(tmp_path / "out", lambda _: None, of(sources)))["seven"].is_file()


async def test_builds_at_the_same_time_agree(tmp_path: Path, sources: Path) -> None:
    builds = [build(tmp_path / "out", lambda _: None, of(sources)) for _ in range(2)]
    one, other = await asyncio.gather(*builds)
    assert one == other
    assert one["seven"].is_file()


async def test_the_compilers_words_are_shown_and_nothing_is_left(
    tmp_path: Path, sources: Path
) -> None:
    (sources / "wrong.c").write_text("int main(void) { int unused; return 0; }\n")
    with pytest.raises(ToolchainError, match=r"wrong\.c does not compile") as caught:
        await build(tmp_path / "out", lambda _: None, of(sources))
    assert any("unused" in line for line in caught.value.lines)
    assert list((tmp_path / "out").iterdir()) == []


BUILDER = """import asyncio, sys
from dataclasses import replace
from pathlib import Path
from schedtui.toolchain.native import PROGRAMS, build
recipe = replace(PROGRAMS, sources=Path(sys.argv[1]))
asyncio.run(build(Path(sys.argv[2]), lambda _: None, recipe))
"""


@contextlib.contextmanager
def building(tmp_path: Path, sources: Path) -> Iterator[tuple[subprocess.Popen[bytes], Process]]:
    """Build in another process what includes a pipe, and wait until its compiler reads that.

    The compiler goes on to read until the end of this.
    """
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (sources / "a_slow.c").write_text(f'#include "{pipe}"\n{GOOD}')
    command = [sys.executable, "-c", BUILDER, str(sources), str(tmp_path / "out")]
    with subprocess.Popen(command) as builder, contextlib.ExitStack() as opened:
        try:
            deadline = time.monotonic() + 60
            while (writer := write_end(pipe)) is None:
                assert builder.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.01)
            opened.callback(os.close, writer)
            yield builder, next(p for p in descendants(builder.pid) if p.name == "zig")
        finally:
            builder.kill()


def write_end(pipe: Path) -> int | None:
    """Open a pipe for writing; None while nobody reads it."""
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        return None


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
async def test_a_killed_build_leaves_no_compiler_and_no_file(
    tmp_path: Path, sources: Path, how: signal.Signals
) -> None:
    with building(tmp_path, sources) as (builder, _):
        working = descendants(builder.pid)
        assert len(working) > 1
        assert list((tmp_path / "out").iterdir())
        builder.send_signal(how)
        builder.wait()
        assert not left_after(working, 5)
    assert list((tmp_path / "out").iterdir()) == []


async def test_what_a_build_left_is_removed_and_what_another_needs_is_not(
    tmp_path: Path, sources: Path
) -> None:
    abandoned = tmp_path / "out" / "unfinished-before"
    abandoned.mkdir(parents=True)
    (abandoned / "seven").touch()
    other = tmp_path / "other"
    other.mkdir()
    (other / "seven.c").write_text(GOOD)
    with building(tmp_path, sources) as (builder, compiler):
        assert not abandoned.exists()
        assert len(list((tmp_path / "out").iterdir())) == 1
        await build(tmp_path / "out", lambda _: None, of(other))
        assert builder.poll() is None
        assert compiler.there
        assert len(list((tmp_path / "out").glob("unfinished-*"))) == 1
