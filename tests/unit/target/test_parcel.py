"""What a command takes with it into the guest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from schedtui.target.port import TargetError
from schedtui.target.sandbox import parcel
from schedtui.target.sandbox.parcel import found, gather


def test_a_program_brings_its_interpreter_and_its_libraries() -> None:
    shell = found("sh", Path("/"))
    paths = [each.path for each in gather([str(shell)], (), Path("/tmp")).files]  # noqa: S108
    assert paths[0] == str(shell)
    assert any("/ld-linux" in path for path in paths)
    assert any("/libc.so.6" in path for path in paths)


def test_a_script_brings_what_its_first_line_names(tmp_path: Path) -> None:
    script = tmp_path / "run"
    script.write_text("#!/usr/bin/env sh\nexit 0\n")
    script.chmod(0o755)
    seen = gather([str(found("./run", tmp_path))], (), tmp_path)
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
    seen = gather([str(tmp_path / "tool")], (Path("data"), Path("./tool")), tmp_path)
    assert {each.path: each.executable for each in seen.files} == {
        str(tmp_path / "tool"): True,
        str(tmp_path / "data/deep/a"): False,
        str(tmp_path / "data/b"): False,
    }
    assert all(len(sha256) == 64 for _, sha256 in seen.hashes)
    assert "but no more" not in repr(seen)


def test_what_is_not_there_or_too_much_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TargetError, match="there is no program called nothing-of-that-name"):
        found("nothing-of-that-name", tmp_path)
    tool = tmp_path / "tool"
    tool.write_bytes(bytes(100))
    tool.chmod(0o755)
    with pytest.raises(TargetError, match=r"cannot read .*absent: No such file"):
        gather([str(tool)], (Path("absent"),), tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TargetError, match="pipe is no plain file"):
        gather([str(tool)], (Path("pipe"),), tmp_path)
    monkeypatch.setattr(parcel, "MOST_BYTES", 99)
    with pytest.raises(TargetError, match="more than 0 MiB"):
        gather([str(tool)], (), tmp_path)
