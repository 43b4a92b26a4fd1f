"""Only a kernel image with sched_ext is accepted."""

from __future__ import annotations

import gzip
import lzma
import os
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import pytest
import zstandard

from schedtui.target.port import TargetError
from schedtui.target.sandbox.kernel import check_kernel, running_kernel
from schedtui.target.sandbox.kernel_config import NEEDED


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


OLD: Final = ("sched_ext_ops", "scx_exit_info", "scx_bpf_create_dsq", "bpf_struct_ops_link")
NEW: Final = (
    *OLD,
    *("scx_bpf_dsq_insert", "scx_bpf_dsq_insert_vtime", "scx_bpf_dsq_move_to_local"),
)
"""Names that the BTF of a kernel from 6.13 to 7.0 has."""
TWINS: Final = tuple(f"scx_bpf_{n}_impl" for n in ("create_dsq", "destroy_dsq", "kick_cpu"))
LAST_TWIN: Final = "scx_bpf_error_bstr_impl"
CONFIG: Final = "".join(f"CONFIG_{flag}=y\n" for flag in NEEDED)
PACKERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": gzip.compress,
    "xz": lambda data: lzma.compress(data, check=lzma.CHECK_CRC32),
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
}


def vmlinux(names: Iterable[str], config: str = "") -> bytes:
    """Return an ELF file with names in its BTF and, where given, a configuration inside."""
    strings = b"".join(b"\0" + name.encode() for name in names) + b"\0"
    held = b"IKCFG_ST" + gzip.compress(config.encode()) + b"IKCFG_ED" if config else b""
    titles = b"\0.BTF\0.shstrtab\0"
    at_titles = 64 + len(strings)
    at_table = at_titles + len(titles) + len(held)
    rows = [(0, 0, 0), (1, 64, len(strings)), (6, at_titles, len(titles))]
    table = b"".join(
        struct.pack("<IIQQQQIIQQ", name, 1, 0, 0, at, size, 0, 0, 1, 0) for name, at, size in rows
    )
    head = struct.pack(
        "<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, 62, 1, 0, 0, at_table, 0, 64, 0, 0, 64, 3, 2
    )
    return head + strings + titles + held + table


def image(folder: Path, release: str, kernel: bytes, packer: str = "gzip") -> Path:
    """Write a bootable image as the kernel's build lays it out, as small as can be."""
    packed = PACKERS[packer](kernel)
    setup = bytearray(1024)
    setup[0x1F1] = 1
    setup[0x202:0x206] = b"HdrS"
    words = f"{release} (somebody@somewhere) #1 SMP".encode() + b"\0"
    struct.pack_into("<H", setup, 0x20E, 0x300 - 0x200)
    setup[0x300 : 0x300 + len(words)] = words
    struct.pack_into("<II", setup, 0x248, 0, len(packed))
    path = folder / "vmlinuz"
    path.write_bytes(bytes(setup) + packed)
    return path


@pytest.mark.parametrize("packer", PACKERS)
def test_a_good_kernel_is_accepted_and_remembered(tmp_path: Path, packer: str) -> None:
    path = image(tmp_path, "7.0.13-some", vmlinux(NEW), packer)
    kernel = check_kernel(path)
    assert kernel.release == "7.0.13-some"
    assert kernel.checked_by == "names in its BTF; it comes without its configuration"
    assert check_kernel(path) == kernel


@pytest.mark.parametrize("missing", OLD)
def test_a_kernel_without_sched_ext_is_refused(tmp_path: Path, missing: str) -> None:
    path = image(tmp_path, "6.12.1", vmlinux(name for name in NEW if name != missing))
    with pytest.raises(TargetError, match=rf"without sched_ext \({missing} is not") as caught:
        check_kernel(path)
    assert "CONFIG_SCHED_CLASS_EXT=y" in caught.value.fix


@pytest.mark.parametrize("missing", NEW[len(OLD) :])
def test_a_kernel_that_is_too_old_is_refused(tmp_path: Path, missing: str) -> None:
    path = image(tmp_path, "6.12.90", vmlinux(name for name in NEW if name != missing))
    with pytest.raises(TargetError, match=rf"lacks {missing}: .* 6\.13 or newer"):
        check_kernel(path)


@pytest.mark.parametrize("missing", [*TWINS, LAST_TWIN])
def test_a_kernel_from_7_1_on_needs_every_second_name(tmp_path: Path, missing: str) -> None:
    names = [name for name in (*NEW, *TWINS, LAST_TWIN) if name != missing]
    with pytest.raises(TargetError, match=f"lacks {missing} in its BTF"):
        check_kernel(image(tmp_path, "7.1.13", vmlinux(names)))
    # Before that nobody asks for them.
    assert check_kernel(image(tmp_path, "7.0.13", vmlinux(names))).release == "7.0.13"
    names = [*NEW, *TWINS, LAST_TWIN]
    assert check_kernel(image(tmp_path, "7.2.13", vmlinux(names))).release == "7.2.13"


def test_a_configuration_inside_is_believed(tmp_path: Path) -> None:
    kernel = check_kernel(image(tmp_path, "7.0.1", vmlinux(NEW, CONFIG)))
    assert kernel.checked_by == "its configuration, in the image, and names in its BTF"


@pytest.mark.parametrize("name", ["config", "config-7.0.1"])
def test_a_configuration_beside_the_image_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(CONFIG)
    kernel = check_kernel(image(tmp_path, "7.0.1", vmlinux(NEW)))
    assert kernel.checked_by == "its configuration, beside the image, and names in its BTF"


def test_the_configuration_of_another_kernel_is_not_asked(tmp_path: Path) -> None:
    (tmp_path / "config-7.0.2").write_text("CONFIG_NOTHING=y\n")
    assert "without" in check_kernel(image(tmp_path, "7.0.1", vmlinux(NEW))).checked_by


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("flag", NEEDED)
def test_what_is_not_built_in_is_named(tmp_path: Path, flag: str, inside: bool) -> None:
    config = CONFIG.replace(f"CONFIG_{flag}=y", f"CONFIG_{flag}=m")
    if not inside:
        (tmp_path / "config").write_text(config)
    path = image(tmp_path, "7.0.1", vmlinux(NEW, config if inside else ""))
    with pytest.raises(TargetError, match=f"without CONFIG_{flag}=y"):
        check_kernel(path)


@pytest.mark.parametrize("packer", PACKERS)
def test_a_damaged_kernel_is_refused_in_words(tmp_path: Path, packer: str) -> None:
    path = image(tmp_path, "7.0.1", vmlinux(NEW, CONFIG), packer)
    whole = path.read_bytes()
    refused = 0
    places = range(1030, len(whole) - 8, 7)
    for at in places:
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        path.write_bytes(damaged[: len(whole) - at % 5])
        # Some bytes do not matter; nothing else is raised.
        try:
            check_kernel(path)
        except TargetError:
            refused += 1
    assert refused > len(places) / 2


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
