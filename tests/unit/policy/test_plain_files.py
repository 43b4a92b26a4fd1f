"""Files from anywhere: only plain ones are read, nothing is written over."""

from __future__ import annotations

import os
import socket
import stat
import time
from pathlib import Path

import pytest

from schedtui.policy.errors import PolicyError
from schedtui.policy.plain import opened_folder, place_new, read_plain


def refusal(path: Path) -> str:
    started = time.monotonic()
    with pytest.raises(PolicyError) as caught:
        read_plain(path, 100)
    assert time.monotonic() - started < 1
    return str(caught.value)


def open_descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def test_a_plain_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100)
    assert read_plain(tmp_path / "a", 100) == b"x" * 100
    with opened_folder(tmp_path, link=True) as folder:
        assert read_plain(Path("a"), 100, folder) == b"x" * 100


def test_a_byte_too_many_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 101)
    assert refusal(tmp_path / "a") == "a is larger than 100 bytes."


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.truncate(1 << 40)
    assert refusal(tmp_path / "a") == "a is larger than 100 bytes."


def test_what_is_not_a_plain_file_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "plain")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for name in ("link", "pipe", "folder", "socket", "missing", "plain/below"):
            shown = name.rpartition("/")[2]
            assert refusal(tmp_path / name) == f"{shown} is missing or not a plain file."
    assert refusal(Path("/dev/zero")) == "zero is missing or not a plain file."


def test_a_link_instead_of_a_folder_is_refused_where_it_must_not_be(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with opened_folder(tmp_path / "link", link=True) as folder:
        assert os.fstat(folder).st_ino == (tmp_path / "real").stat().st_ino
    with pytest.raises(NotADirectoryError), opened_folder(tmp_path / "link", link=False):
        pass


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 101)
    before = open_descriptors()
    for name in ("a", "missing", "."):
        refusal(tmp_path / name)
    place_new(tmp_path / "new", {"b": b"1"})
    assert open_descriptors() == before


def test_a_new_folder_is_its_owners_alone(tmp_path: Path) -> None:
    place_new(tmp_path / "new", {"a": b"1", "b": b""})
    assert (tmp_path / "new" / "a").read_bytes() == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "new" / "b").stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["file", "folder", "link", "dangling"])
def test_nothing_is_written_over(tmp_path: Path, kind: str) -> None:
    there = tmp_path / "there"
    if kind == "file":
        there.write_bytes(b"kept")
    elif kind == "folder":
        there.mkdir()
    else:
        there.symlink_to(tmp_path if kind == "link" else "nowhere")
    with pytest.raises(PolicyError, match="exists already; nothing is overwritten"):
        place_new(there, {"a": b"1"})
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert not (there / "a").exists()


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be written: No such file"):
        place_new(tmp_path / "none" / "new", {"a": b"1"})
    with pytest.raises(PolicyError, match="cannot be written: File name too long"):
        place_new(tmp_path / "new", {"a": b"1", "b" * 300: b"2"})
    assert list(tmp_path.iterdir()) == []
