"""A file that is put in its place whole or not at all."""

from __future__ import annotations

import secrets
from pathlib import Path


def replace_file(path: Path, text: str) -> None:
    """Write ``text`` to ``path``, links followed already; what is there stays until it is whole.

    Raises OSError, after which nothing of the new file is left.
    """
    part = path.with_name(f".schedtui-{secrets.token_hex(8)}.part")
    try:
        with part.open("x", encoding="utf-8") as file:
            file.write(text)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
