"""Sessions of a bench that takes minutes: each is kept, and a run that was ended goes on with them.

One JSON line each, with a hash of what they were measured with: sessions of another guest, program
or plan are never mixed in, and none counts that is older than a day.
"""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from schedtui.model.trial import Outcome

_OLDEST_S: Final = 86400.0


@dataclass(frozen=True)
class Session:
    """One trial in which nothing differed."""

    factor: float
    outcome: Outcome


class Sessions:
    """The sessions in one file that were measured with one thing."""

    def __init__(self, path: Path, basis: str) -> None:
        self._path = path
        self._basis = basis
        self.done = self._read()

    def add(self, session: Session) -> None:
        """Keep one more."""
        self.done.append(session)
        self._path.parent.mkdir(exist_ok=True)
        line = {"basis": self._basis, "unix_s": time.time(), **asdict(session)}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def forget(self) -> None:
        """Begin anew the next time."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> list[Session]:
        lines = self._path.read_text("utf-8").splitlines() if self._path.exists() else []
        found: list[Session] = []
        for line in lines:
            # A line that was being written when the run was ended is half a line.
            with contextlib.suppress(ValueError, KeyError):
                row = json.loads(line)
                fresh = 0 <= time.time() - row["unix_s"] < _OLDEST_S
                if row["basis"] == self._basis and fresh:
                    found.append(Session(row["factor"], Outcome(row["outcome"])))
        return found
