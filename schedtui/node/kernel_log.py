"""Reads the kernel log record by record and picks what no healthy kernel writes."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from schedtui.model.text import safe_text
from schedtui.node.splats import is_splat

_RECORD: Final = re.compile(rb"(\d{1,5}),(\d{1,20}),\d{1,20},[^;]{0,64};([^\n]*)")
_RECORD_BYTES: Final = 8192
_LEVELS: Final = 8
_KERNEL_FACILITY: Final = 0
_MOST_RECORDS: Final = 20_000
_MOST_SPLATS: Final = 32
_LINE_LENGTH: Final = 200

ReadRecord = Callable[[], bytes]
"""Returns the next record. Raises BlockingIOError when there is none yet, BrokenPipeError when
records were overwritten before they could be read, another OSError when nothing can be read."""


def open_kernel_log(path: Path = Path("/dev/kmsg")) -> ReadRecord:
    """Open the kernel log behind its newest record. Without the right for it, reading fails."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return _failing(error.errno or 0)
    with contextlib.suppress(OSError):  # else the boot is read too, which only takes longer
        os.lseek(fd, 0, os.SEEK_END)
    return lambda: os.read(fd, _RECORD_BYTES)


def _failing(number: int) -> ReadRecord:
    def fail() -> bytes:
        raise OSError(number, "the kernel log cannot be opened")

    return fail


class KernelLog:
    """The kernel log from one call to the next."""

    def __init__(self, read_record: ReadRecord) -> None:
        self._read_record = read_record

    def news(self) -> tuple[tuple[str, ...], bool]:
        """Return the splats since the last call, sanitised, and whether all records were read.

        Never waits. At most 32 splats are returned; the first ones tell the cause.
        """
        splats: list[str] = []
        whole = True
        for _ in range(_MOST_RECORDS):
            try:
                record = self._read_record()
            except BlockingIOError:
                return tuple(splats), whole
            except BrokenPipeError:  # some were lost; those after them can still be read
                whole = False
                continue
            except OSError:
                return tuple(splats), False
            understood = _take(record, splats)
            whole = whole and understood
        return tuple(splats), False


def _take(record: bytes, splats: list[str]) -> bool:
    """Add the record's line when it is a splat; False when the record makes no sense."""
    line = read_line(record)
    if line is None:
        return False
    if line.by_kernel and is_splat(line.text, line.level) and len(splats) < _MOST_SPLATS:
        splats.append(safe_text(line.text, _LINE_LENGTH))
    return True


class Line(NamedTuple):
    """One record of the log."""

    level: int
    """0 (emergency) to 7 (debug)."""
    text: str
    """As it was written, by whomever."""
    by_kernel: bool


def read_line(record: bytes) -> Line | None:
    """Return what a record holds, None when it makes no sense."""
    parts = _RECORD.match(record)
    if parts is None:
        return None
    facility, level = divmod(int(parts[1]), _LEVELS)
    # The kernel gives a facility of their own to lines that user space writes.
    return Line(level, parts[3].decode("utf-8", "replace"), facility == _KERNEL_FACILITY)
