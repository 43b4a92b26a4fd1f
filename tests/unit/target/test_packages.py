"""Archive and keyring are read from the machine's own sources, never written down here."""

from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.target.port import TargetError
from schedtui.target.sandbox.packages import Archive, PrivateApt, find_archive


def test_a_deb822_source_is_read(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "other.sources").write_text(
        "Types: deb\nURIs: file:/elsewhere\nSuites: x\n"
    )
    (tmp_path / "sources.list.d" / "debian.sources").write_text(
        "Types: deb\nURIs: file:/mirror/debian\nSuites: bookworm\nSigned-By: /keys/a.gpg\n"
    )
    assert find_archive(tmp_path) == Archive("file:/mirror/debian", "/keys/a.gpg")


def test_a_one_line_source_is_read(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text(
        "# comment\ndeb [arch=amd64 signed-by=/keys/b.gpg] file:/m/debian bookworm main\n"
    )
    assert find_archive(tmp_path) == Archive("file:/m/debian", "/keys/b.gpg")


def test_no_source_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(TargetError) as caught:
        find_archive(tmp_path)
    assert "--kernel" in caught.value.fix


async def test_an_archive_out_of_reach_is_an_error_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    nobody_listens = Archive("http://127.0.0.1:1/debian", "/keys/a.gpg")
    with pytest.raises(TargetError, match="apt-get update failed") as caught:
        await PrivateApt(nobody_listens).update(lambda _: None)
    assert "check the network" in caught.value.fix
