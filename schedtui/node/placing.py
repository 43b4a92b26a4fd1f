"""A person's own files in a guest, at the places that they have outside.

They live in a folder that the ``command`` workload takes for the whole file system, so that nothing
of the guest is in their way and nothing of it is seen. They belong to root and the command is run
by nobody: it can read them and not write them. For a guest only, which is thrown away.
"""

from __future__ import annotations

import base64
import ctypes
import os
import stat
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Final

from schedtui.model.protocol import Nothing, PlaceArgs
from schedtui.model.text import safe_text
from schedtui.node.deployments import Refused

_DEVICES: Final = (("null", 1, 3), ("zero", 1, 5), ("urandom", 1, 9))
_FORBIDDEN: Final = frozenset({"proc", "dev", "sys"})


class Placing:
    """Puts files below ``root``.

    Args:
        root: A folder that nobody else uses; it is made.
        furnish: Gives the new folder what every program takes for granted.
    """

    def __init__(self, root: Path, furnish: Callable[[Path], None]) -> None:
        self._root = root
        self._furnish = furnish

    def place(self, args: PlaceArgs) -> Nothing:
        """Write one part of a file. Raises Refused."""
        place = self._root / _checked(args.path).relative_to("/")
        try:
            if not self._root.is_dir():
                self._root.mkdir(mode=0o755)
                self._furnish(self._root)
            _write(place, args)
        except (OSError, ValueError) as error:
            shown = safe_text(args.path)
            raise Refused(f"{shown} cannot be placed in the guest: {error}") from error
        return Nothing()


def _checked(text: str) -> PurePosixPath:
    path = PurePosixPath(text)
    plain = path.is_absolute() and str(path) == text and not {"..", "."} & set(path.parts)
    if not plain or "\0" in text or len(path.parts) < 2 or path.parts[1] in _FORBIDDEN:
        raise Refused(f"{safe_text(text)} is no place for a file of one's own")
    return path


def _write(place: Path, args: PlaceArgs) -> None:
    content = base64.b64decode(args.content_base64, validate=True)
    place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    new = os.O_CREAT | os.O_EXCL if args.offset == 0 else 0
    descriptor = os.open(place, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW | new, 0o600)
    try:
        os.fchmod(descriptor, 0o755 if args.executable else 0o644)
        os.lseek(descriptor, args.offset, os.SEEK_SET)
        while content:
            content = content[os.write(descriptor, content) :]
    finally:
        os.close(descriptor)


def furnish(root: Path) -> None:
    """Give a folder that is to be the whole file system devices, processes and a place to write."""
    for name in ("dev", "proc", "tmp"):
        (root / name).mkdir(mode=0o755)
    (root / "tmp").chmod(0o1777)
    for name, major, minor in _DEVICES:
        os.mknod(root / "dev" / name, stat.S_IFCHR, os.makedev(major, minor))
        (root / "dev" / name).chmod(0o666)
    ctypes.CDLL(None).mount(b"proc", str(root / "proc").encode(), b"proc", 0, None)
