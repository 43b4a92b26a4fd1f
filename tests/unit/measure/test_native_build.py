from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from schedtui.toolchain.errors import ToolchainError
from schedtui.toolchain.native import PROGRAMS, Recipe, build

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
