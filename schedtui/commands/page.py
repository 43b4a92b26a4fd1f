"""The file that a page goes to: looked at before anything runs, replaced whole after it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from schedtui.commands.context import Context
from schedtui.commands.options import UsageError
from schedtui.commands.replacing import replace_file
from schedtui.engine.port import EngineError
from schedtui.measure.sheet import DOCTYPE
from schedtui.model.text import safe_text

_BEGINNING: Final = DOCTYPE.encode()


def usable_page(path: Path | None) -> Path | None:
    """Return where the page goes, links followed. Raises UsageError when it cannot go there."""
    if path is None:
        return None
    real = Path(os.path.realpath(path))
    try:
        problem = _problem(real)
    except OSError as error:
        problem = str(error.strerror)
    if problem:
        raise UsageError(f"--report {safe_text(str(path))}: {problem}")
    return real


def _problem(path: Path) -> str:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = 0
    if mode and not stat.S_ISREG(mode):
        return "it is no ordinary file"
    if mode and not _is_page(path):
        return "it is there already and is no page; it is not written over"
    if not path.parent.is_dir():
        return "there is no such folder to write to"
    return "" if os.access(path.parent, os.W_OK | os.X_OK) else "its folder cannot be written to"


def _is_page(path: Path) -> bool:
    """Tell whether a file is a page or empty: a source that is named by mistake is kept."""
    with path.open("rb") as file:
        return file.read(len(_BEGINNING)) in {_BEGINNING, b""}


def show_page(context: Context, page: Path, text: str) -> EngineError | None:
    """Put the page in its place and say so; returns what went wrong, for after the answer."""
    try:
        _write(page, text)
    except EngineError as error:
        return error
    context.output.say(f"report: {safe_text(str(page))}")
    return None


def _write(page: Path, text: str) -> None:
    """Put the page in its place, whole or not at all. Raises EngineError."""
    try:
        replace_file(page, text)
    except OSError as error:
        sentence = f"{safe_text(str(page))} cannot be written: {error.strerror}"
        raise EngineError(sentence, "name another file with --report and run it again") from error
