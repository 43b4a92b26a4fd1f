"""Which kernel is chosen, where it comes from, and which saved guests are kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from schedtui.target.port import TargetError
from schedtui.target.sandbox.lab import LabOptions, newest_image
from schedtui.target.sandbox.packages import Archive, PrivateApt
from schedtui.target.sandbox.places import sub_dir
from schedtui.target.sandbox.saved import forget_old

EXPIRED = """Origin: Debian
Suite: unstable
Codename: sid
Date: Thu, 01 Jan 2026 00:00:00 UTC
Valid-Until: Fri, 02 Jan 2026 00:00:00 UTC
Architectures: amd64
Components: main
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def image(folder: str, name: str) -> Path:
    path = sub_dir(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_the_newest_image_of_a_series_is_found_in_both_layouts() -> None:
    assert newest_image(LabOptions(series="7.0")) is None
    older = image("kernels", "boot/vmlinuz-7.0.9+deb13-cloud-amd64")
    image("kernels", "boot/vmlinuz-6.18.15+deb13-cloud-amd64")
    assert newest_image(LabOptions(series="7.0")) == older
    newer = image("kernels", "usr/lib/modules/7.0.13+deb13-cloud-amd64/vmlinuz")
    assert newest_image(LabOptions(series="7.0")) == newer


def test_a_kernel_of_an_expired_suite_is_never_chosen_by_others() -> None:
    kept_apart = image("kernels-sid", "usr/lib/modules/7.2.13+deb14-cloud-amd64/vmlinuz")
    assert newest_image(LabOptions(series="7.2")) is None
    assert newest_image(LabOptions(series="7.2", expired_suite="sid")) == kept_apart


async def test_an_expired_suite_must_still_be_signed(tmp_path: Path) -> None:
    dists = tmp_path / "mirror" / "debian" / "dists" / "sid"
    dists.mkdir(parents=True)
    (dists / "InRelease").write_text(EXPIRED)
    archive = Archive(f"file:{tmp_path}/mirror/debian", str(tmp_path / "keys.gpg"))
    with pytest.raises(TargetError, match=r"(?i)sign"):
        await PrivateApt(archive, "sid").update(lambda _: None)


def test_only_the_expired_suite_may_be_out_of_date(tmp_path: Path) -> None:
    archive = Archive("file:/mirror/debian", "/keys/a.gpg")
    for suite in ("", "sid"):
        PrivateApt(archive, suite).configure()
    ordinary = (sub_dir("apt") / "etc" / "sources.list").read_text()
    expired = (sub_dir("apt-sid") / "etc" / "sources.list").read_text()
    assert "valid-until" not in ordinary
    assert " sid " not in ordinary
    assert expired == (
        "deb [arch=amd64 signed-by=/keys/a.gpg check-valid-until=no] file:/mirror/debian sid main\n"
    )


def test_the_least_recently_used_files_of_a_pattern_go(tmp_path: Path) -> None:
    for age, name in enumerate(("a-new.state", "a-older.state", "a-oldest.state", "b-old.state")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    forget_old(tmp_path, "a-*.state", 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a-new.state", "a-older.state", "b-old.state",
    ]  # fmt: skip
