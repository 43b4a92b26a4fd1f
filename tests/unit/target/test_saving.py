"""When the guest is saved anew, and what of the old ones is left."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from schedtui.target.port import TargetError
from schedtui.target.sandbox.lab import Lab, save_guest
from schedtui.target.sandbox.machine import Shape
from schedtui.target.sandbox.saved import GuestFiles, forget_others
from tests.fakes.emulator import REFUSES, FakeEmulator

pytestmark = pytest.mark.skipif(shutil.which("setpriv") is None, reason="util-linux is missing")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def kept(files: GuestFiles, shape: Shape) -> Path:
    path = files.saved(shape)
    path.write_text(shape.label)
    return path


async def test_a_saved_guest_is_kept_unless_it_is_wanted_again(tmp_path: Path) -> None:
    qemu = FakeEmulator(tmp_path, REFUSES)
    lab = Lab(qemu.files, "tcg")
    saved, other = kept(lab.files, lab.shape()), kept(lab.files, lab.shape(4))
    await save_guest(lab, 2, print)
    assert qemu.asked == []
    with pytest.raises(TargetError, match="QEMU ended at once"):
        await save_guest(lab, 2, print, again=True)
    assert len(qemu.asked) == 1
    # Without a new one the old ones are better than nothing.
    assert saved.read_text() == lab.shape().label
    assert other.exists()


def test_other_shapes_of_the_same_parts_are_forgotten_and_no_others(tmp_path: Path) -> None:
    files = FakeEmulator(tmp_path, REFUSES).files
    newer = GuestFiles(files.emulator, files.kernel, files.image, "ef" * 32)
    saved = kept(files, Shape())
    kept(files, Shape(cpus=4))
    kept(files, Shape(uptime_s=60))
    foreign = kept(newer, Shape(cpus=4))
    forget_others(files, saved)
    assert sorted(saved.parent.iterdir()) == sorted([saved, foreign])
