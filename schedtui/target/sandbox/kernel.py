"""Is this kernel image good for the sandbox? Asked of its configuration and its own BTF."""

from __future__ import annotations

import hashlib
import lzma
import os
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import zstandard

from schedtui.model.text import safe_text
from schedtui.target.port import TargetError
from schedtui.target.sandbox.kernel_config import find_config, require_built_in
from schedtui.target.sandbox.places import file_sha256, sub_dir, write_whole

_PACKING_ERRORS = (zlib.error, lzma.LZMAError, zstandard.ZstdError)
_IMAGE_LIMIT = 64 << 20
_PAYLOAD_LIMIT = 256 << 20
_NEEDED = ("sched_ext_ops", "scx_exit_info", "scx_bpf_create_dsq", "bpf_struct_ops_link")
_NEWER = ("scx_bpf_dsq_insert", "scx_bpf_dsq_insert_vtime", "scx_bpf_dsq_move_to_local")
"""Functions that sched_ext has since 6.13; 6.12 knows them by other names."""
_PT_NOTE = 4
_ENTRY_NOTE = (b"Xen", 18)
"""Owner and type of the note that holds an entry point without paging (PVH)."""
_TWINS = tuple(
    f"scx_bpf_{name}_impl" for name in ("create_dsq", "destroy_dsq", "kick_cpu", "error_bstr")
)


@dataclass(frozen=True, slots=True)
class KernelImage:
    """A checked bootable image."""

    path: Path
    release: str
    sha256: str
    checked_by: str = ""
    """What was asked whether it is good, in words."""


def check_kernel(path: Path) -> KernelImage:
    """Return the kernel at ``path`` when it has sched_ext and whole BTF. Raises TargetError."""
    image = _read(path)
    digest = hashlib.sha256(image).hexdigest()
    # Unpacking takes most of a second, so what was accepted once is remembered by its hash.
    memory = sub_dir("checked-kernels") / _with_configurations(path, digest)
    if not memory.exists():
        write_whole(memory, "\n".join(_checked(path, image)).encode())
    release, checked_by = memory.read_text().split("\n")
    return KernelImage(path, release, digest, checked_by)


def _with_configurations(path: Path, digest: str) -> str:
    """Return a name of an image and of the configurations beside it, which may change alone."""
    beside = sorted(each for each in path.parent.glob("config*") if each.is_file())
    hashes = "".join(f"{each.name} {file_sha256(each)}\n" for each in beside)
    return hashlib.sha256(f"{digest}\n{hashes}".encode()).hexdigest()


def running_kernel(boot: Path = Path("/boot"), modules: Path = Path("/lib/modules")) -> Path:
    """Return the image of the kernel that this machine runs. Raises TargetError."""
    release = os.uname().release
    for path in (boot / f"vmlinuz-{release}", modules / release / "vmlinuz"):
        if path.exists():
            return path
    raise TargetError(
        f"the image of the running kernel {release} is not on this machine",
        "name one: --kernel PATH, or leave the option out to fetch one",
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            image = file.read(_IMAGE_LIMIT + 1)
    except OSError as error:
        raise TargetError(f"cannot read the kernel image {path}: {error.strerror}") from error
    if len(image) > _IMAGE_LIMIT:
        raise TargetError(f"{path.name} is too large for a kernel image")
    return image


def _checked(path: Path, image: bytes) -> tuple[str, str]:
    """Return the release and what was asked. Raises TargetError."""
    try:
        release = _release(image)
        vmlinux = _unpacked(image)
        config, place = find_config(path, release, vmlinux)
        if config:
            require_built_in(config, release)
        strings = _btf_strings(vmlinux)
    except (struct.error, IndexError, ValueError, *_PACKING_ERRORS) as error:
        raise TargetError(f"{path.name} is not a bootable x86 kernel image with BTF") from error
    _require_names(release, strings)
    if not config:
        return release, "names in its BTF; it comes without its configuration"
    return release, f"its configuration, {place}, and names in its BTF"


def _require_names(release: str, strings: bytes) -> None:
    def has(name: str) -> bool:
        return b"\0" + name.encode() + b"\0" in strings

    for name in _NEEDED:
        if not has(name):
            raise TargetError(
                f"kernel {release} is built without sched_ext ({name} is not in its BTF)",
                "use a kernel with CONFIG_SCHED_CLASS_EXT=y: schedtui --kernel PATH",
            )
    older = [name for name in _NEWER if not has(name)]
    if older:
        raise TargetError(
            f"kernel {release} lacks {older[0]}: policies need sched_ext of 6.13 or newer",
            "use a newer kernel: schedtui --kernel PATH",
        )
    numbers = re.match(r"(\d+)\.(\d+)", release)
    version = (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)
    # From 7.1 on libbpf resolves these kfuncs through a second name that some builds lack.
    missing = [name for name in _TWINS if not has(name)]
    if version >= (7, 1) and missing:
        raise TargetError(
            f"kernel {release} lacks {missing[0]} in its BTF: policies with own queues cannot load",
            "use another build of this kernel, or 7.0: schedtui lab setup --kernel PATH",
        )


@contextmanager
def unpacked(kernel: KernelImage) -> Iterator[str | int]:
    """Give what a guest boots fastest from: an open file with the kernel as it runs.

    A guest that unpacks its own kernel under emulation takes seconds for what takes us a third of
    one. A kernel that cannot be started in the middle (without the note for it) is given as the
    path of its packed image. Raises TargetError when it has changed since it was checked.
    """
    image = _read(kernel.path)
    if hashlib.sha256(image).hexdigest() != kernel.sha256:
        raise TargetError(f"{kernel.path.name} has changed since it was checked", "start again")
    try:
        vmlinux = _unpacked(image)
        direct = _starts_directly(vmlinux)
    except (struct.error, IndexError, ValueError, *_PACKING_ERRORS):
        direct = False
    if not direct:
        yield str(kernel.path)
        return
    descriptor = os.memfd_create("schedtui-kernel", os.MFD_CLOEXEC)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(vmlinux)
        yield descriptor
    finally:
        os.close(descriptor)


def _starts_directly(vmlinux: bytes) -> bool:
    """Tell whether an ELF image has a note that says where a hypervisor may enter it."""
    table, count = _elf_table(vmlinux, 0x20, 0x38)
    headers = [struct.unpack_from("<IIQQQQQQ", vmlinux, table + 56 * i) for i in range(count)]
    parts = [vmlinux[each[2] : each[2] + each[5]] for each in headers if each[0] == _PT_NOTE]
    return any(_ENTRY_NOTE in _notes(part) for part in parts)


def _notes(part: bytes) -> Iterator[tuple[bytes, int]]:
    """Give owner and type of each note."""
    place = 0
    while place + 12 <= len(part):
        named, described, kind = struct.unpack_from("<III", part, place)
        yield part[place + 12 : place + 12 + named].rstrip(b"\0"), kind
        place += 12 + (named + 3) // 4 * 4 + (described + 3) // 4 * 4


def _release(image: bytes) -> str:
    if image[0x202:0x206] != b"HdrS":
        raise ValueError("no setup header")
    (offset,) = struct.unpack_from("<H", image, 0x20E)
    text = image[offset + 0x200 : offset + 0x280].split(b"\0")[0]
    return safe_text(text.split(b" ")[0], 64)


def _unpacked(image: bytes) -> bytes:
    setup_sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    payload = image[start : start + length]
    if payload.startswith(b"\x28\xb5\x2f\xfd"):
        return zstandard.ZstdDecompressor().stream_reader(payload).read(_PAYLOAD_LIMIT)
    if payload.startswith(b"\xfd7zXZ"):
        return lzma.LZMADecompressor().decompress(payload, _PAYLOAD_LIMIT)
    if payload.startswith(b"\x1f\x8b"):
        return zlib.decompressobj(31).decompress(payload, _PAYLOAD_LIMIT)
    raise ValueError("unknown compression")


def _elf_table(vmlinux: bytes, place: int, number: int) -> tuple[int, int]:
    """Return offset and length of the table that an ELF header names at these places."""
    if vmlinux[:4] != b"\x7fELF":
        raise ValueError("no ELF image inside")
    (table,) = struct.unpack_from("<Q", vmlinux, place)
    (count,) = struct.unpack_from("<H", vmlinux, number)
    return table, count


def _btf_strings(vmlinux: bytes) -> bytes:
    table, count = _elf_table(vmlinux, 0x28, 0x3C)
    (names_index,) = struct.unpack_from("<H", vmlinux, 0x3E)
    sections = [struct.unpack_from("<IIQQQQ", vmlinux, table + 64 * i) for i in range(count)]
    names = sections[names_index][4]
    for section in sections:
        start = names + section[0]
        if vmlinux[start : start + 5] == b".BTF\0":
            return vmlinux[section[4] : section[4] + section[5]]
    raise ValueError("no BTF")
