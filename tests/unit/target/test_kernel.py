"""Only a kernel image with sched_ext is accepted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from schedtui.target.port import TargetError
from schedtui.target.sandbox.kernel import check_kernel, running_kernel


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    "content",
    [b"", b"\x7fELF" + b"\0" * 4000, b"\0" * 0x1F1 + b"\xff" * 4000, b"M" * 0x300],
    ids=["empty", "elf", "ff", "text"],
)
def test_what_is_no_kernel_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    image = tmp_path / "vmlinuz"
    image.write_bytes(content)
    with pytest.raises(TargetError, match="not a bootable"):
        check_kernel(image)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="cannot read"):
        check_kernel(tmp_path / "none")


def test_the_running_kernels_image_is_found_where_distributions_put_it(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="not on this machine"):
        running_kernel(tmp_path, tmp_path)
    release = os.uname().release
    (tmp_path / release).mkdir()
    (tmp_path / release / "vmlinuz").touch()
    assert running_kernel(tmp_path / "boot", tmp_path) == tmp_path / release / "vmlinuz"
    (tmp_path / f"vmlinuz-{release}").touch()
    assert running_kernel(tmp_path, tmp_path) == tmp_path / f"vmlinuz-{release}"
