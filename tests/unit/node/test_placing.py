"""A person's own files are put where they were, and nowhere else."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from schedtui.model.protocol import PlaceArgs
from schedtui.node.deployments import Refused
from schedtui.node.placing import Placing


def part(path: str, content: bytes, offset: int = 0, *, executable: bool = False) -> PlaceArgs:
    return PlaceArgs(path, offset, base64.b64encode(content).decode(), executable)


def test_files_come_in_parts_and_only_their_owner_may_write_them(tmp_path: Path) -> None:
    furnished: list[Path] = []
    root = tmp_path / "own"
    placing = Placing(root, furnished.append)
    placing.place(part("/usr/bin/tool", b"abc", executable=True))
    placing.place(part("/usr/bin/tool", b"def", 3, executable=True))
    placing.place(part("/home/me/data", b""))
    assert furnished == [root]
    assert (root / "usr/bin/tool").read_bytes() == b"abcdef"
    assert (root / "usr/bin/tool").stat().st_mode & 0o777 == 0o755
    assert (root / "home/me/data").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    "path", ["tool", "/", "/a/../../etc/passwd", "/a//b", "/./a", "/proc/x", "/dev/x", "/a\0b"]
)
def test_other_places_are_refused(tmp_path: Path, path: str) -> None:
    placing = Placing(tmp_path / "own", lambda _: None)
    with pytest.raises(Refused, match="is no place"):
        placing.place(part(path, b"x"))
    assert not (tmp_path / "own").exists()


def test_nothing_is_written_over_and_no_link_is_followed(tmp_path: Path) -> None:
    placing = Placing(tmp_path / "own", lambda _: None)
    placing.place(part("/a", b"x"))
    with pytest.raises(Refused, match="cannot be placed"):
        placing.place(part("/a", b"y"))
    (tmp_path / "own/link").symlink_to(tmp_path / "outside")
    (tmp_path / "outside").write_bytes(b"kept")
    with pytest.raises(Refused, match="cannot be placed"):
        placing.place(part("/link", b"z", 1))
    assert (tmp_path / "outside").read_bytes() == b"kept"
    with pytest.raises(Refused, match="cannot be placed"):
        placing.place(PlaceArgs("/b", 0, "no base64!", executable=False))
