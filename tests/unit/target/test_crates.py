"""External schedulers from crates: each built once, and every failure a sentence with a fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.target.port import TargetError
from schedtui.target.sandbox.crates import CRATES, build_crates, built_folder

_CARGO = """#!/bin/sh
for word; do last=$word; done
echo "$last" >> "{folder}/called"
echo "$BPF_CLANG" > "{folder}/compiler"
[ -e "{folder}/broken" ] && {{ echo 'error: \033[31mno network'; exit 101; }}
mkdir -p "$CARGO_TARGET_DIR" "$XDG_CACHE_HOME/schedtui/externals/bin"
touch "$XDG_CACHE_HOME/schedtui/externals/bin/${{last%@*}}"
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a cargo that builds nothing, and a cache of its own."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("cargo", "cc", "make", "pkg-config"):
        (programs / name).write_text(_CARGO.format(folder=tmp_path))
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


async def test_both_are_built_once(machine: Path) -> None:
    told: list[str] = []
    for _ in range(2):
        built = await build_crates(told.append, machine / "tools")
        assert built == tuple(built_folder() / crate.name for crate in CRATES)
    assert all(path.is_file() for path in built)
    names = [f"{crate.name}@{crate.version}" for crate in CRATES]
    assert (machine / "called").read_text().split() == names
    compiler = (machine / "compiler").read_text().strip()
    assert compiler == str(machine / "tools/usr/lib/llvm-19/bin/clang")
    assert len(told) == 2
    assert not (built_folder().parent / "build").exists()


async def test_a_build_that_fails_is_told_and_tried_again(machine: Path) -> None:
    (machine / "broken").touch()
    with pytest.raises(TargetError, match=r"scx_bpfland .* does not build: error: .x1b\[31mno"):
        await build_crates(lambda _: None, machine / "tools")
    (machine / "broken").unlink()
    assert (await build_crates(lambda _: None, machine / "tools"))[0].is_file()


async def test_what_is_missing_is_named_with_its_fix(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(machine / "nowhere"))
    with pytest.raises(TargetError, match="cargo is not installed") as raised:
        await build_crates(lambda _: None, machine / "tools")
    assert "rustup" in raised.value.fix
