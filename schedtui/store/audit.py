"""Append-only audit: who approved what, what was deployed, how it ended.

One JSON object per line; each carries the hash of the line before it, so that a changed or
missing line shows. The file is readable by its owner only.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Final

from schedtui.resources import user_dir

_START: Final = "0" * 64


def state_dir() -> Path:
    """Return this user's state folder for schedtui, created 0700 when it is missing."""
    path = user_dir("XDG_STATE_HOME", ".local/state")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


class Audit:
    """Appends to one audit file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, what: str, **facts: object) -> None:
        """Write one line and have it on disk before returning."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            body = {"unix_ms": time.time_ns() // 1_000_000, "what": what, **facts}
            line = json.dumps({**body, "before": self._last_hash()}, sort_keys=True, default=str)
            os.write(descriptor, line.encode() + b"\n")
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)

    def _last_hash(self) -> str:
        lines = self._path.read_bytes().splitlines()
        return hashlib.sha256(lines[-1]).hexdigest() if lines else _START

    def broken_at(self) -> int:
        """Return the number of the first line that does not fit its predecessor, 0 if none."""
        expected = _START
        lines = self._path.read_bytes().splitlines() if self._path.exists() else []
        for number, line in enumerate(lines, start=1):
            try:
                before = json.loads(line).get("before")
            except (ValueError, AttributeError, RecursionError):
                return number
            if before != expected:
                return number
            expected = hashlib.sha256(line).hexdigest()
        return 0
