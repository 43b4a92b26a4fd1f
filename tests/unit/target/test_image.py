"""The guest's archive is what the kernel expects, and the same every time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from schedtui.target.sandbox.image import Archive


def entries(archive: bytes) -> dict[str, tuple[int, bytes]]:
    """Read a newc archive back."""
    found: dict[str, tuple[int, bytes]] = {}
    at = 0
    while True:
        assert archive[at : at + 6] == b"070701"
        numbers = [int(archive[at + 6 + 8 * i : at + 14 + 8 * i], 16) for i in range(13)]
        mode, size, name_size = numbers[1], numbers[6], numbers[11]
        name = archive[at + 110 : at + 110 + name_size - 1].decode()
        start = at + 110 + name_size
        start += -start % 4
        if name == "TRAILER!!!":
            return found
        found[name] = (mode, archive[start : start + size])
        at = start + size
        at += -at % 4


def test_files_folders_and_links_come_back() -> None:
    archive = Archive()
    archive.console()
    archive.file("a/b/c", b"content", executable=True)
    archive.link("lib64/ld.so", "/lib/ld.so")
    found = entries(archive.finished())
    assert found["a/b/c"] == (0o100755, b"content")
    assert found["lib64/ld.so"] == (0o120777, b"/lib/ld.so")
    assert found["dev/console"][0] == 0o20600
    assert [name for name in found if name in {"a", "a/b", "lib64"}] == ["a", "a/b", "lib64"]


def test_a_tree_is_taken_without_the_unused_and_deterministically(tmp_path: Path) -> None:
    (tmp_path / "keep").mkdir()
    (tmp_path / "keep" / "x.py").write_text("x")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.pyc").write_text("x")

    def made() -> bytes:
        archive = Archive()
        archive.tree(tmp_path, "t", frozenset({"__pycache__"}))
        return archive.finished()

    assert made() == made()
    assert [name for name in entries(made()) if name.endswith(".py")] == ["t/keep/x.py"]


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="only the guest's Python, 3.11, does")
def test_modules_come_compiled_and_are_taken_without_a_look_at_the_source(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "mine.py").write_text("def told():\n    return 'as compiled'\n")
    (package / "broken.py").write_text("def")
    archive = Archive()
    archive.tree(package, "p")
    found = entries(archive.finished())
    compiled = "p/__pycache__/mine.cpython-311.pyc"
    assert [name for name in found if name.endswith(".pyc")] == [compiled]

    unpacked = tmp_path / "unpacked"
    (unpacked / "__pycache__").mkdir(parents=True)
    (unpacked / "__pycache__" / "mine.cpython-311.pyc").write_bytes(found[compiled][1])
    (unpacked / "mine.py").write_text("raise SystemExit('the source was read')\n")
    code = f"import sys; sys.path.insert(0, {str(unpacked)!r}); import mine; print(mine.told())"
    command = [sys.executable, "-I", "-B", "-c", code]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == (
        "as compiled\n"
    )
