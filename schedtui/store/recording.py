"""Reads a recording. The file may come from anywhere: nothing in it is believed unchecked."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import zstandard

from schedtui.model.events import Event
from schedtui.model.telemetry import CpuSample, Snapshot
from schedtui.model.text import safe_text
from schedtui.model.wire import Json, WireError, from_json
from schedtui.store.foreign import plain
from schedtui.store.recording_file import About, RecordingError, in_words, opened
from schedtui.tape.block import FRAMES, unsealed
from schedtui.tape.frame import CPUS_LIMIT, YEAR_3000_MS, cpus_of, unpacked
from schedtui.tape.index import Index, points_in
from schedtui.tape.tape import Mark, MarkKind, Past, Told
from schedtui.tape.told import event_of

SAMPLES_LIMIT: Final = 2_000_000
"""Most samples of one recording: two days at ten per second."""

MARKS_LIMIT: Final = 1000
EVENTS_LIMIT: Final = 5000
EVENT_BYTES: Final = 4 << 20
"""Largest event as it is unpacked."""

_OPEN_BLOCKS: Final = 8


class Recording:
    """A recording as a tape; it stays open until it is closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = opened(path)
        self.index = Index()
        self._ids: list[int] = []
        self._begins: list[int] = [0]
        self._opened: dict[int, tuple[bytes, ...]] = {}
        try:
            with in_words(path):
                self.hello = self._about().hello
                self._read_index()
                self.past = Past(self, tuple(self._marks()), tuple(self._events()))
        except WireError as error:
            self.close()
            raise RecordingError(f"{safe_text(str(path))} is damaged: {error}") from error
        except RecordingError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _about(self) -> About:
        row = self._file.execute("SELECT body FROM about").fetchone()
        about = from_json(About, plain(_json(_blob(row[0] if row else None))))
        cpus = about.hello.cpus
        if len(cpus) > CPUS_LIMIT:
            raise WireError("it has too many CPUs")
        return about

    def _read_index(self) -> None:
        for id_, points in self._file.execute("SELECT id, points FROM blocks ORDER BY id"):
            found = points_in(_blob(points))
            if not 0 < len(found) <= FRAMES or self.index.end > SAMPLES_LIMIT:
                raise WireError("it has another number of samples than it may")
            for point in found:
                _moment(point.at_ms)
                self.index.add(point)
            self._ids.append(id_)
            self._begins.append(self.index.end)
        if not self._ids:
            raise RecordingError(f"{safe_text(str(self._path))} has no sample in it")

    def _marks(self) -> Iterator[Mark]:
        wanted = "SELECT at_ms, CAST(words AS BLOB) FROM marks ORDER BY at_ms LIMIT ?"
        for at_ms, words in self._file.execute(wanted, (MARKS_LIMIT,)):
            yield Mark(_moment(at_ms), safe_text(_blob(words)), MarkKind.SCHEDULER)

    def _events(self) -> Iterator[Told]:
        told = self._file.execute("SELECT at_ms, body FROM events ORDER BY id LIMIT ?",
                                  (EVENTS_LIMIT,))  # fmt: skip
        last = 0
        for at_ms, body in told:
            last = max(last, _moment(at_ms))
            yield Told(last, _event(_blob(body)))

    def snapshot(self, number: int) -> Snapshot:
        """See the port."""
        return unpacked(self._frame(number), plain)

    def cpus(self, number: int) -> tuple[CpuSample, ...]:
        """See the port."""
        return cpus_of(self._frame(number))

    def _frame(self, number: int) -> bytes:
        block = bisect_right(self._begins, number) - 1
        if block not in self._opened:
            if len(self._opened) >= _OPEN_BLOCKS:
                del self._opened[next(iter(self._opened))]
            self._opened[block] = self._block(block)
        return self._opened[block][number - self._begins[block]]

    def _block(self, block: int) -> tuple[bytes, ...]:
        wanted = "SELECT frames FROM blocks WHERE id = ?"
        try:
            row = self._file.execute(wanted, (self._ids[block],)).fetchone()
        except sqlite3.Error as error:
            raise WireError("a block cannot be read") from error
        count = self._begins[block + 1] - self._begins[block]
        return unsealed(_blob(row[0] if row else None), count)


def _blob(value: object) -> bytes:
    """Return a value of the file that must be bytes: a column can hold anything."""
    if not isinstance(value, bytes):
        raise WireError("a part of it is missing")
    return value


def _moment(value: object) -> int:
    if type(value) is not int or not 0 <= value < YEAR_3000_MS:
        raise WireError("a part of it is of no time")
    return value


def _json(raw: bytes) -> Json:
    try:
        data: Json = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise WireError("a part of it is not JSON") from error
    return data


def _event(packed: bytes) -> Event:
    try:
        if not 0 <= zstandard.frame_content_size(packed) <= EVENT_BYTES:
            raise WireError("an event is too large")
        raw = zstandard.ZstdDecompressor().decompress(packed, max_output_size=EVENT_BYTES)
    except zstandard.ZstdError as error:
        raise WireError("an event cannot be unpacked") from error
    body = plain(_json(raw))
    if not isinstance(body, dict):
        raise WireError("an event is no object")
    return event_of(body)
