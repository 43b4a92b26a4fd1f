"""Writes a recording: samples in packed blocks, marks, and the events of goals.

A block is on disk before the next one begins, so that a crash loses the last seconds only.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import zstandard

from schedtui import __version__
from schedtui.model.deployment import Stage
from schedtui.model.events import DeploymentChanged, Event
from schedtui.model.machine import Hello
from schedtui.model.telemetry import Snapshot
from schedtui.model.wire import tagged, to_json
from schedtui.store.recording_file import About, created, in_words
from schedtui.tape.block import FRAMES, sealed
from schedtui.tape.frame import packed
from schedtui.tape.index import point_bytes, point_of
from schedtui.tape.tape import Mark, MarkKind, change

BYTES_LIMIT: Final = 1 << 30
"""Largest recording, in bytes; a day of a small machine takes a tenth of it."""

FLUSH_S: Final = 5.0
"""Longest time that samples wait to be written, in seconds."""


class Recorder:
    """Appends to one new file until it is closed or ``full``."""

    def __init__(
        self,
        path: Path,
        hello: Hello,
        *,
        limit: int = BYTES_LIMIT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.samples = 0
        self.size = 0
        self._limit = limit
        self._clock = clock
        self._path = path
        self._waiting: list[Snapshot] = []
        self._since = clock()
        self._last: Snapshot | None = None
        self._stage: Stage | None = None
        self._file = created(path)
        self._write("about (body)", json.dumps(to_json(About(__version__, hello))).encode())

    @property
    def full(self) -> bool:
        """Tell whether the file has reached its limit."""
        return self.size >= self._limit

    def add(self, snapshot: Snapshot) -> None:
        """Record a sample, and a mark when another scheduler is in charge since the last one."""
        words = change(self._last, snapshot) if self._last is not None else ""
        self._last = snapshot
        if words:
            self._mark(snapshot.unix_ms, words)
        self._waiting.append(snapshot)
        self.samples += 1
        if len(self._waiting) == FRAMES or self._clock() - self._since >= FLUSH_S:
            self.flush()

    def tell(self, event: Event) -> None:
        """Record an event of a goal; it counts as told with the last sample."""
        at_ms = self._last.unix_ms if self._last is not None else 0
        body = json.dumps(tagged(event)).encode()
        self._write("events (at_ms, body)", at_ms, zstandard.ZstdCompressor().compress(body))
        if isinstance(event, DeploymentChanged) and event.deployment.stage is not self._stage:
            self._stage = event.deployment.stage
            if self._stage is Stage.PROMOTED:
                self._mark(at_ms, f"{event.deployment.scheduler} {self._stage.value}")

    def _mark(self, at_ms: int, words: str) -> None:
        mark = Mark(at_ms, words, MarkKind.SCHEDULER)
        self._write("marks (at_ms, kind, words)", mark.at_ms, mark.kind.value, mark.text)

    def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting, self._since = self._waiting, [], self._clock()
        if waiting:
            points = b"".join(point_bytes(point_of(shot)) for shot in waiting)
            self._write("blocks (points, frames)", points, sealed(list(map(packed, waiting))))

    def _write(self, where: str, *values: object) -> None:
        marks = ", ".join("?" * len(values))
        with in_words(self._path):
            self._file.execute(f"INSERT INTO {where} VALUES ({marks})", values)  # noqa: S608 - ours
        self.size += sum(len(value) for value in values if isinstance(value, bytes | str))

    def close(self) -> None:
        """Write what waits and close the file."""
        try:
            self.flush()
        finally:
            self._file.close()
