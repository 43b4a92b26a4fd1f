"""The file of a recording: a SQLite database with tables of ours and nothing else in it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schedtui.model.machine import Hello
from schedtui.model.text import safe_text

SCHEMA: Final = 1
"""Version of the schema; a file of another one is not read."""

VALUE_LIMIT: Final = 16 << 20
"""Largest value that SQLite hands out, in bytes."""

_APPLICATION: Final = 0x73637270  # "scrp", which marks the file as a recording of ours
_BUSY_S: Final = 5.0
_COLUMNS: Final = {
    "about": "body BLOB NOT NULL",
    "blocks": "points BLOB NOT NULL, frames BLOB NOT NULL",
    "marks": "at_ms INTEGER NOT NULL, kind TEXT NOT NULL, words TEXT NOT NULL",
    "events": "at_ms INTEGER NOT NULL, body BLOB NOT NULL",
}
_TABLES: Final = tuple(
    f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, {columns}) STRICT"
    for name, columns in _COLUMNS.items()
)


class RecordingError(Exception):
    """A recording cannot be read or written. ``fix`` says what a person can do about it."""

    def __init__(self, sentence: str, fix: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.fix = fix


@dataclass(frozen=True, slots=True)
class About:
    """What was recorded."""

    program: str
    """Version of the program that recorded it."""
    hello: Hello


@contextlib.contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Raise what goes wrong with the file at ``path`` as RecordingError."""
    shown = safe_text(str(path))
    try:
        yield
    except sqlite3.Error as error:
        sentence = f"{shown} cannot be used as a recording: {safe_text(str(error))}"
        raise RecordingError(sentence) from error
    except OSError as error:
        raise RecordingError(f"{shown} cannot be used: {error.strerror}") from error


def created(path: Path) -> sqlite3.Connection:
    """Return a new recording, readable by its owner only. A file that is there is kept."""
    try:
        with in_words(path):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except RecordingError as error:
        if isinstance(error.__cause__, FileExistsError):
            shown = safe_text(str(path))
            raise RecordingError(f"{shown} is there already", "name another file") from error
        raise
    with in_words(path):
        connection = _connected(path, "rw")
        connection.execute("PRAGMA synchronous = FULL")
        head = f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {SCHEMA};"
        connection.executescript(f"BEGIN; {'; '.join(_TABLES)}; {head} COMMIT;")
    return connection


def opened(path: Path) -> sqlite3.Connection:
    """Return a recording to read. Raises RecordingError for any other file."""
    with in_words(path):
        if not path.stat().st_mode & stat.S_IFREG:
            raise RecordingError(f"{safe_text(str(path))} is no file")
        # After a crash in the midst of writing SQLite has to put the file right first.
        unfinished = path.with_name(f"{path.name}-journal").exists()
        connection = _connected(path, "rw" if unfinished else "ro")
        try:
            _accept(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    # It is opened in one thread and read in another, never in two at a time.
    connection = sqlite3.connect(
        uri, _BUSY_S, isolation_level=None, check_same_thread=False, uri=True
    )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_LIMIT)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _accept(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse what is not exactly a recording: a view or a trigger could do anything."""
    shown = safe_text(str(path))
    if _pragma(connection, "application_id") != _APPLICATION:
        raise RecordingError(f"{shown} is no recording of schedtui")
    version = _pragma(connection, "user_version")
    if version != SCHEMA:
        raise RecordingError(f"{shown} is a recording of version {version}; this reads {SCHEMA}")
    found = connection.execute("SELECT sql FROM sqlite_schema ORDER BY rootpage LIMIT 9").fetchall()
    if tuple(row[0] for row in found) != _TABLES:
        raise RecordingError(f"{shown} has other tables than a recording")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
