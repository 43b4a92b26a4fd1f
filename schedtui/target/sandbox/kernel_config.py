"""Is what a guest needs built into a kernel? Asked of its configuration, if it comes with one."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Final

from schedtui.target.port import TargetError

_BEGIN: Final = b"IKCFG_ST"
"""What CONFIG_IKCONFIG puts before the packed configuration."""
_LIMIT: Final = 4 << 20
_PLAIN: Final = re.compile(r"[\w.+~-]+", re.ASCII)

NEEDED: Final = {
    "SCHED_CLASS_EXT": "sched_ext",
    "BPF_SYSCALL": "BPF",
    "BPF_JIT": "compiled BPF, which schedulers need",
    "DEBUG_INFO_BTF": "its own types",
    "BLK_DEV_INITRD": "the guest's file system",
    "DEVTMPFS": "the guest's devices",
    "VIRTIO_PCI": "the guest's channel",
    "VIRTIO_CONSOLE": "the guest's channel",
}
"""What must be built in, since a guest has no modules; and what it is for."""


def find_config(image: Path, release: str, vmlinux: bytes) -> tuple[bytes, str]:
    """Return a kernel's configuration and where it is, both empty when it comes without one.

    Args:
        image: Path of the image; distributions put the configuration beside it.
        release: What the image says it is.
        vmlinux: The unpacked kernel, which may hold its configuration itself.

    Raises:
        zlib.error: The configuration inside cannot be read.
    """
    at = vmlinux.find(_BEGIN)
    if at >= 0:
        packed = vmlinux[at + len(_BEGIN) :]
        return zlib.decompressobj(31).decompress(packed, _LIMIT), "in the image"
    names = [f"config-{release}", "config"] if _PLAIN.fullmatch(release) else []
    for path in (image.parent / name for name in names):
        if path.is_file():
            with path.open("rb") as file:
                return file.read(_LIMIT), "beside the image"
    return b"", ""


def require_built_in(config: bytes, release: str) -> None:
    """Raise TargetError when something that a guest needs is not built in."""
    built_in = {line.strip() for line in config.splitlines()}
    for flag, purpose in NEEDED.items():
        if f"CONFIG_{flag}=y".encode() not in built_in:
            raise TargetError(
                f"kernel {release} is built without CONFIG_{flag}=y ({purpose})",
                f"use a kernel with CONFIG_{flag}=y: schedtui --kernel PATH",
            )
