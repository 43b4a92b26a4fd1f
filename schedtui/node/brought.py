"""The files of an external scheduler that a client brings into a guest, piece by piece."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from schedtui.model.external import ProgramFile
from schedtui.model.protocol import BRING_BYTES, BringArgs
from schedtui.model.text import safe_text
from schedtui.node.admission import Refused

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,79}")
TOTAL_LIMIT: Final = 96 << 20
"""Most that is taken in all, in bytes: it is memory of a small guest."""
COUNT_LIMIT: Final = 40
"""Most files."""
_RUNNABLE: Final = 0o555


class Brought:
    """One folder of files. Once they were asked for they are complete and never change again.

    Args:
        folder: Where they are kept; made when the first one comes.
        most: Bytes that are taken in all.
    """

    def __init__(self, folder: Path, most: int = TOTAL_LIMIT) -> None:
        self.folder = folder
        self._most = most
        self._sizes: dict[str, int] = {}
        self._hashes: dict[str, str] = {}

    def take(self, args: BringArgs) -> None:
        """Add a piece to the end of a file. Raises Refused."""
        if self._hashes:
            raise Refused("the program is complete: nothing more is taken")
        if not _NAME.fullmatch(args.name):
            raise Refused("a file of a program has a plain name")
        if args.offset != self._sizes.get(args.name, 0):
            raise Refused("pieces of a file come in their order")
        self._write(args.name, _unpacked(args))

    def _write(self, name: str, piece: bytes) -> None:
        if sum(self._sizes.values()) + len(piece) > self._most:
            raise Refused(f"a program with its libraries has at most {self._most >> 20} MiB")
        if name not in self._sizes and len(self._sizes) >= COUNT_LIMIT:
            raise Refused(f"a program has at most {COUNT_LIMIT} files")
        try:
            self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            with (self.folder / name).open("ab") as file:
                file.write(piece)
        except OSError as error:
            raise Refused(f"the program cannot be kept: {error.strerror}") from error
        self._sizes[name] = self._sizes.get(name, 0) + len(piece)

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
            path.chmod(_RUNNABLE)
            with path.open("rb") as file:
                self._hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._hashes[name]


def _unpacked(args: BringArgs) -> bytes:
    try:
        packed = base64.b64decode(args.packed_base64, validate=True)
        return zlib.decompressobj().decompress(packed, BRING_BYTES)
    except (ValueError, zlib.error) as error:
        raise Refused("the piece is not packed as it must be") from error
