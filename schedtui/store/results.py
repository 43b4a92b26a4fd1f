"""The results: one row per trial, appended and never changed, in a SQLite file of its own.

Each row carries the hash of itself and of the row before it, so that a changed or missing row
shows. The file is readable by its owner only. What is read back passes the sanitiser: names in it
were foreign once, and somebody may have written into the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from schedtui.model.results import ResultRow, StoredRow
from schedtui.model.text import safe_text
from schedtui.model.wire import WireError, from_json, to_json
from schedtui.store.foreign import plain

SCHEMA: Final = 1
"""Version of the schema; a file of a later one is left alone."""

BODY_LIMIT: Final = 4 << 20
"""Largest row that is read, in bytes."""

_APPLICATION: Final = 0x73636874  # "scht", which marks the file as ours
_START: Final = "0" * 64
_BUSY_S: Final = 5.0
_TABLE: Final = f"""
CREATE TABLE IF NOT EXISTS results (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL,
    sha256 TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS results_unchanged BEFORE UPDATE ON results
    BEGIN SELECT RAISE(ABORT, 'results are only appended'); END;
CREATE TRIGGER IF NOT EXISTS results_kept BEFORE DELETE ON results
    BEGIN SELECT RAISE(ABORT, 'results are only appended'); END;
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {SCHEMA};
"""


class ResultsError(Exception):
    """The results cannot be read or written. ``fix`` says what a person can do about it."""

    def __init__(self, sentence: str, fix: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.fix = fix


class Results:
    """The results in one file, which is made when it is first opened for writing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def prepare(self) -> None:
        """Make the file if there is none. Raises ResultsError when rows cannot be appended."""
        with self._open(), contextlib.suppress(FileExistsError):
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with self._open(), self._connected() as connection:
            connection.execute("PRAGMA journal_mode = WAL")

    def append(self, row: ResultRow) -> int:
        """Write one row, have it on disk, and return its number. Raises ResultsError."""
        self.prepare()
        body = json.dumps(to_json(row), sort_keys=True, ensure_ascii=True)
        with self._open(), self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            newest = "SELECT sha256 FROM results ORDER BY id DESC LIMIT 1"
            before = connection.execute(newest).fetchone()
            digest = _digest(str(before[0]) if before else _START, body.encode())
            insert = "INSERT INTO results (body, sha256) VALUES (?, ?)"
            number = connection.execute(insert, (body, digest)).lastrowid
            connection.execute("COMMIT")
        return number or 0

    def rows(self) -> tuple[StoredRow, ...]:
        """Return all rows, oldest first; none when there is no file. Raises ResultsError."""
        if not self._there():
            return ()
        # As bytes: text that is no UTF-8 must spoil its own row and not the reading of all.
        wanted = "SELECT id, CAST(body AS BLOB), CAST(sha256 AS BLOB) FROM results ORDER BY id"
        with self._open(), self._connected() as connection:
            return tuple(_checked(connection.execute(wanted)))

    def _there(self) -> bool:
        with self._open():
            try:
                self._path.stat()
            except FileNotFoundError:
                return False
        return True

    @contextlib.contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        uri = f"{self._path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, _BUSY_S, isolation_level=None, uri=True)
        try:
            self._accept(connection)
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
        finally:
            connection.close()

    def _accept(self, connection: sqlite3.Connection) -> None:
        """Make the table in an empty file; refuse a file that is not ours or too new."""
        if _pragma(connection, "schema_version") == 0:
            connection.executescript(f"BEGIN IMMEDIATE; {_TABLE} COMMIT;")
        if _pragma(connection, "application_id") != _APPLICATION:
            raise self._unfit("is no result file of schedtui")
        if _pragma(connection, "user_version") > SCHEMA:
            raise self._unfit("was written by a later version of schedtui")

    @contextlib.contextmanager
    def _open(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._unfit(f"cannot be used: {safe_text(str(error))}") from error
        except OSError as error:
            raise self._unfit(f"cannot be used: {error.strerror}") from error

    def _unfit(self, why: str) -> ResultsError:
        shown = safe_text(str(self._path))
        return ResultsError(f"{shown} {why}", f"move it away: mv {shown} {shown}.old")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _digest(before: str, body: bytes) -> str:
    return hashlib.sha256(before.encode("utf-8", "replace") + body).hexdigest()


def _checked(found: sqlite3.Cursor) -> Iterator[StoredRow]:
    before = _START
    for number, body, digest in found:
        stated = bytes(digest or b"").decode("utf-8", "replace")
        if len(body or b"") > BODY_LIMIT:
            yield StoredRow(number, None, "it is too large to be a row of ours")
        elif _digest(before, bytes(body or b"")) != stated:
            yield StoredRow(number, None, "it, or the row before it, was changed or taken out")
        else:
            yield _read(number, body)
        before = stated


def _read(number: int, body: bytes) -> StoredRow:
    try:
        return StoredRow(number, from_json(ResultRow, plain(json.loads(body))), "")
    except (WireError, ValueError, RecursionError):
        return StoredRow(number, None, "it does not have the shape of a row")
