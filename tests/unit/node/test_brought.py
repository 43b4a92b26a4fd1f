"""Files in a guest: in order, bounded, in their place, and a scheduler's never changed again."""

from __future__ import annotations

import base64
import hashlib
import zlib
from pathlib import Path

import pytest

from schedtui.model.external import ProgramFile
from schedtui.model.parcel import BOUNDS, Use
from schedtui.model.protocol import BRING_BYTES, BringArgs
from schedtui.node.admission import Refused
from schedtui.node.brought import Brought


def piece(path: str, offset: int, data: bytes, *, executable: bool = False) -> BringArgs:
    use = Use.COMMAND if path.startswith("/") else Use.SCHEDULER
    packed = base64.b64encode(zlib.compress(data)).decode()
    return BringArgs(use, path, offset, packed, executable)


def sealed(name: str, data: bytes) -> ProgramFile:
    return ProgramFile(name, len(data), hashlib.sha256(data).hexdigest())


def test_a_scheduler_is_put_together_and_then_stays_as_it_is(tmp_path: Path) -> None:
    brought = Brought(Use.SCHEDULER, tmp_path / "program")
    brought.take(piece("scx_rusty", 0, b"one "))
    brought.take(piece("scx_rusty", 4, b"two"))
    with pytest.raises(Refused, match="not those of the token"):
        brought.require([])
    with pytest.raises(Refused, match="not those of the token"):
        brought.require([sealed("scx_rusty", b"one two"), sealed("libc.so.6", b"")])
    brought.require([sealed("scx_rusty", b"one two")])
    path = tmp_path / "program" / "scx_rusty"
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"one two", 0o555)
    with pytest.raises(Refused, match="nothing more is taken"):
        brought.take(piece("scx_rusty", 7, b"!"))
    with pytest.raises(Refused, match="is not the file that the token is for"):
        brought.require([sealed("scx_rusty", b"one too")])


def test_files_of_a_command_are_where_they_were_and_only_their_owner_may_write_them(
    tmp_path: Path,
) -> None:
    furnished: list[Path] = []
    root = tmp_path / "own"
    brought = Brought(Use.COMMAND, root, furnished.append)
    brought.take(piece("/usr/bin/tool", 0, b"abc", executable=True))
    brought.take(piece("/usr/bin/tool", 3, b"def", executable=True))
    brought.take(piece("/home/me/data", 0, b""))
    assert furnished == [root]
    assert (root / "usr/bin/tool").read_bytes() == b"abcdef"
    assert (root / "usr/bin/tool").stat().st_mode & 0o777 == 0o755
    assert (root / "home/me/data").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("name", ["", "/x", "../x", "a/b", ".hidden", "x" * 81, "a\n", "\x1b[31m"])
def test_files_of_a_scheduler_have_plain_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="plain name"):
        Brought(Use.SCHEDULER, tmp_path).take(piece(name, 0, b"x"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "path", ["tool", "/", "/a/../../etc/passwd", "/a//b", "/./a", "/proc/x", "/dev/x", "/a\0b"]
)
def test_files_of_a_command_have_no_other_places(tmp_path: Path, path: str) -> None:
    with pytest.raises(Refused, match="is no place"):
        Brought(Use.COMMAND, tmp_path / "own").take(piece(path, 0, b"x"))
    assert not (tmp_path / "own").exists()


def test_nothing_is_written_over_and_no_link_is_followed(tmp_path: Path) -> None:
    brought = Brought(Use.COMMAND, tmp_path / "own")
    brought.take(piece("/a", 0, b"x"))
    with pytest.raises(Refused, match="in their order"):
        brought.take(piece("/a", 0, b"y"))
    (tmp_path / "own/link").symlink_to(tmp_path / "outside")
    (tmp_path / "outside").write_bytes(b"kept")
    with pytest.raises(Refused, match="/link cannot be kept: File exists"):
        brought.take(piece("/link", 0, b"z"))
    assert (tmp_path / "outside").read_bytes() == b"kept"


def test_what_is_out_of_order_or_odd_is_refused(tmp_path: Path) -> None:
    brought = Brought(Use.SCHEDULER, tmp_path)
    with pytest.raises(Refused, match="in their order"):
        brought.take(piece("a", 1, b"x"))
    for packed in ("?", base64.b64encode(b"no zlib").decode()):
        with pytest.raises(Refused, match="not packed as it must be"):
            brought.take(BringArgs(Use.SCHEDULER, "a", 0, packed))
    brought.take(piece("bomb", 0, b"0" * (BRING_BYTES * 4)))
    assert (tmp_path / "bomb").stat().st_size == BRING_BYTES


def test_more_than_a_guest_can_hold_is_refused(tmp_path: Path) -> None:
    many = Brought(Use.SCHEDULER, tmp_path / "many")
    most = BOUNDS[Use.SCHEDULER].count
    for number in range(most):
        many.take(piece(f"f{number}", 0, b""))
    with pytest.raises(Refused, match=f"at most {most} files"):
        many.take(piece("one_more", 0, b""))
    large = Brought(Use.COMMAND, tmp_path / "large")
    whole = bytes(BRING_BYTES)
    for offset in range(0, BOUNDS[Use.COMMAND].size, BRING_BYTES):
        large.take(piece("/large", offset, whole))
    with pytest.raises(Refused, match="at most 32 MiB"):
        large.take(piece("/more", 0, b"x"))
