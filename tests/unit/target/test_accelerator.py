"""Hardware acceleration is used only where a guest has really booted under it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from schedtui.target.sandbox.accelerator import find_accelerator, remembered_accelerator
from tests.fakes.emulator import ANSWERS, REFUSES, FakeEmulator

pytestmark = pytest.mark.skipif(shutil.which("setpriv") is None, reason="util-linux is missing")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """A device node that everybody may open, which proves nothing."""
    path = tmp_path / "kvm"
    path.touch()
    return path


async def test_kvm_that_is_refused_makes_way_for_emulation(
    tmp_path: Path, device: Path, caplog: pytest.LogCaptureFixture
) -> None:
    qemu, told = FakeEmulator(tmp_path, REFUSES), list[str]()
    assert await find_accelerator(qemu.files, told.append, device) == "tcg"
    (asked,) = qemu.asked
    assert "-accel kvm" in asked
    assert told[-1] == "accelerator: tcg"
    assert remembered_accelerator() == "tcg"
    assert caplog.text == ""


async def test_kvm_under_which_a_guest_gets_ready_is_taken(tmp_path: Path, device: Path) -> None:
    qemu = FakeEmulator(tmp_path, ANSWERS)
    assert await find_accelerator(qemu.files, print, device) == "kvm"
    assert remembered_accelerator() == "kvm"


async def test_what_was_found_in_this_boot_is_not_tried_again(tmp_path: Path, device: Path) -> None:
    await find_accelerator(FakeEmulator(tmp_path, REFUSES).files, print, device)
    (tmp_path / "other").mkdir()
    other = FakeEmulator(tmp_path / "other", ANSWERS)
    assert await find_accelerator(other.files, print, device) == "tcg"
    assert other.asked == []


async def test_without_a_device_nothing_is_tried(tmp_path: Path) -> None:
    qemu = FakeEmulator(tmp_path, ANSWERS)
    assert await find_accelerator(qemu.files, print, tmp_path / "none") == "tcg"
    assert qemu.asked == []
