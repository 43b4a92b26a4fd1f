"""Files that a client brings into a guest, piece by piece: a command's, or a scheduler's.

They belong to root: who runs a command of a person's own is nobody and can read them, not write
them. A scheduler is started only when its files are those that were sealed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from schedtui.model.external import ProgramFile
from schedtui.model.parcel import BOUNDS, Use
from schedtui.model.protocol import BRING_BYTES, BringArgs
from schedtui.model.text import safe_text
from schedtui.node.admission import Refused

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,79}")
_FORBIDDEN: Final = frozenset({"proc", "dev", "sys"})
_SEALED: Final = 0o555


class Brought:
    """One folder of files. Once they were asked for they are complete and never change again.

    Args:
        use: What they are for: whoever brings others is refused.
        folder: Where they are kept; made when the first one comes.
        furnish: Gives the new folder what every program takes for granted.
    """

    def __init__(
        self, use: Use, folder: Path, furnish: Callable[[Path], None] = lambda _: None
    ) -> None:
        self.folder = folder
        self._use = use
        self._furnish = furnish
        self._sizes: dict[str, int] = {}
        self._hashes: dict[str, str] = {}

    def take(self, args: BringArgs) -> None:
        """Add a piece to the end of a file. Raises Refused."""
        if self._hashes:
            raise Refused("the program is complete: nothing more is taken")
        place = self.folder / _PLACES[self._use](args.path)
        if args.offset != self._sizes.get(args.path, 0):
            raise Refused("pieces of a file come in their order")
        piece = _unpacked(args)
        self._require_room(args.path, len(piece))
        try:
            self._write(place, piece, args)
        except OSError as error:
            raise Refused(f"{safe_text(args.path)} cannot be kept: {error.strerror}") from error
        self._sizes[args.path] = args.offset + len(piece)

    def _require_room(self, path: str, size: int) -> None:
        bounds = BOUNDS[self._use]
        if sum(self._sizes.values()) + size > bounds.size:
            raise Refused(f"files for a {self._use} have at most {bounds.size >> 20} MiB")
        if path not in self._sizes and len(self._sizes) >= bounds.count:
            raise Refused(f"a {self._use} has at most {bounds.count} files")

    def _write(self, place: Path, piece: bytes, args: BringArgs) -> None:
        if not self._sizes:
            self._make_folder()
        place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        # A new one must not be there yet, not even as a link.
        with place.open("ab" if args.path in self._sizes else "xb") as file:
            os.fchmod(file.fileno(), 0o755 if args.executable else 0o644)
            file.write(piece)

    def _make_folder(self) -> None:
        if not self.folder.is_dir():
            self.folder.mkdir(mode=0o755, parents=True)
            self._furnish(self.folder)

    def require(self, wanted: Iterable[ProgramFile]) -> None:
        """Close the folder, and compare what it holds with what was sealed. Raises Refused."""
        files = {file.name: file for file in wanted}
        if not files or files.keys() != self._sizes.keys():
            raise Refused("the files that were brought are not those of the token")
        for name, file in files.items():
            if not hmac.compare_digest(self._hash(name), file.sha256):
                raise Refused(f"{safe_text(name)} is not the file that the token is for")

    def _hash(self, name: str) -> str:
        if name not in self._hashes:
            path = self.folder / name
            path.chmod(_SEALED)
            with path.open("rb") as file:
                self._hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._hashes[name]


def _plain_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise Refused("a file of a program has a plain name")
    return text


def _place_of_its_own(text: str) -> str:
    path = PurePosixPath(text)
    plain = path.is_absolute() and str(path) == text and not {"..", "."} & set(path.parts)
    if not plain or "\0" in text or len(path.parts) < 2 or path.parts[1] in _FORBIDDEN:
        raise Refused(f"{safe_text(text)} is no place for a file of one's own")
    return text[1:]


_PLACES: Final = {Use.COMMAND: _place_of_its_own, Use.SCHEDULER: _plain_name}
"""Where below its folder a file goes."""


def _unpacked(args: BringArgs) -> bytes:
    try:
        packed = base64.b64decode(args.packed_base64, validate=True)
        return zlib.decompressobj().decompress(packed, BRING_BYTES)
    except (ValueError, zlib.error) as error:
        raise Refused("the piece is not packed as it must be") from error
