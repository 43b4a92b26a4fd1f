"""What every program takes for granted, in a folder that a command has for the file system."""

from __future__ import annotations

import ctypes
import os
import stat
from pathlib import Path
from typing import Final

_DEVICES: Final = (("null", 1, 3), ("zero", 1, 5), ("urandom", 1, 9))


def furnish(root: Path) -> None:
    """Give a folder that is to be the whole file system devices, processes and a place to write.

    For a guest only, which is thrown away.
    """
    for name in ("dev", "proc", "tmp"):
        (root / name).mkdir(mode=0o755)
    (root / "tmp").chmod(0o1777)
    for name, major, minor in _DEVICES:
        os.mknod(root / "dev" / name, stat.S_IFCHR, os.makedev(major, minor))
        (root / "dev" / name).chmod(0o666)
    ctypes.CDLL(None).mount(b"proc", str(root / "proc").encode(), b"proc", 0, None)
