"""What a command takes with it into the guest."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from schedtui.model.parcel import BOUNDS, Parcel, Use
from schedtui.target.port import TargetError
from schedtui.target.sandbox.parcel import found, gather


def gathered(command: Sequence[str], named: Sequence[Path], folder: Path) -> Parcel:
    return asyncio.run(gather(command, named, folder))


def test_a_program_brings_its_interpreter_and_its_libraries() -> None:
    shell = found("sh", Path("/"))
    paths = [each.path for each in gathered([str(shell)], (), Path("/tmp")).files]  # noqa: S108
    assert paths[0] == str(shell)
    assert any("/ld-linux" in path for path in paths)
    assert any("/libc.so.6" in path for path in paths)


def test_a_script_brings_what_its_first_line_names(tmp_path: Path) -> None:
    script = tmp_path / "run"
    script.write_text("#!/usr/bin/env sh\nexit 0\n")
    script.chmod(0o755)
    seen = gathered([str(found("./run", tmp_path))], (), tmp_path)
    names = {Path(each.path).name for each in seen.files}
    assert {"run", "env", "sh", "libc.so.6"} <= names
    assert seen.folder == str(tmp_path)


def test_named_files_and_folders_come_too_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "tool").write_bytes(b"\x7fELF, but no more of one")
    (tmp_path / "tool").chmod(0o755)
    (tmp_path / "data/deep").mkdir(parents=True)
    (tmp_path / "data/deep/a").write_text("a")
    (tmp_path / "data/b").symlink_to(tmp_path / "data/deep/a")
    (tmp_path / "secret").write_text("s")
    os.mkfifo(tmp_path / "data/pipe")  # to read it would never end
    seen = gathered([str(tmp_path / "tool")], (Path("data"), Path("./tool")), tmp_path)
    assert {each.path: each.executable for each in seen.files} == {
        str(tmp_path / "tool"): True,
        str(tmp_path / "data/deep/a"): False,
        str(tmp_path / "data/b"): False,
    }
    assert all(len(sha256) == 64 for _, sha256 in seen.hashes)
    assert "but no more" not in repr(seen)


def test_what_is_not_there_or_too_much_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="there is no program called nothing-of-that-name"):
        found("nothing-of-that-name", tmp_path)
    tool = tmp_path / "tool"
    tool.write_bytes(bytes(100))
    tool.chmod(0o755)
    with pytest.raises(TargetError, match=r"cannot read .*absent: No such file"):
        gathered([str(tool)], (Path("absent"),), tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TargetError, match="pipe is no plain file"):
        gathered([str(tool)], (Path("pipe"),), tmp_path)
    os.truncate(tool, BOUNDS[Use.COMMAND].size + 1)
    with pytest.raises(TargetError, match="more than 32 MiB"):
        gathered([str(tool)], (), tmp_path)


def test_a_program_without_one_of_its_libraries_is_refused(tmp_path: Path) -> None:
    """Only the guest would find it out, when it is too late for a word on it."""
    program = found("sh", Path("/")).read_bytes()
    assert b"libc.so.6" in program
    tool = tmp_path / "tool"
    tool.write_bytes(program.replace(b"libc.so.6", b"libc.so.0"))
    tool.chmod(0o755)
    with pytest.raises(TargetError, match=r"tool are not all there: .*libc\.so\.0"):
        gathered([str(tool)], (), tmp_path)
