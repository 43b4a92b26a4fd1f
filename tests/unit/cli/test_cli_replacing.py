from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.commands.replacing import replace_file


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "page"
    for text in ("one\n", "two \N{EN DASH}\n"):
        replace_file(path, text)
        assert path.read_text("utf-8") == text
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_whole_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "page"
    path.write_text("old\n")
    with pytest.raises(UnicodeEncodeError):
        replace_file(path, "much\n" * 10_000 + "\ud800")
    assert path.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_put_there_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    with pytest.raises(IsADirectoryError):
        replace_file(folder, "new\n")
    assert list(tmp_path.iterdir()) == [folder]
