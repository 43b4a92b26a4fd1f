"""What a compiler wrote: its complaints and its list of opened files, free of paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schedtui.model.text import safe_text
from schedtui.toolchain.confinement import INCLUDE, SOURCE_NAME

_MAX_DIAGNOSTICS: Final = 40
_LIST_LIMIT: Final = 1 << 16
_DIAGNOSTIC: Final = re.compile(
    r"(?P<file>[^:]+):(?P<line>\d{1,9}):(?P<column>\d{1,9}): "
    r"(?:fatal )?(?P<severity>error|warning|note): (?P<text>.*)"
)
_PLACELESS: Final = re.compile(r"(?:[\w.+-]+: )?(?:fatal )?(?P<severity>error): (?P<text>.*)")
_LONG_PATH: Final = re.compile(r"(?<![\w.])/(?:[\w.+-]+/)+")


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing the compiler said. ``line`` and ``column`` are 1-based, 0 without a place."""

    severity: str
    """``error``, ``warning`` or ``note``."""
    text: str
    line: int = 0
    column: int = 0
    file: str = ""
    """Empty for the source itself, else the name of the file it is in."""


def read_diagnostics(talk: bytes) -> tuple[Diagnostic, ...]:
    """Return the first diagnostics, in order."""
    return tuple(d for _, d in zip(range(_MAX_DIAGNOSTICS), _diagnostics(talk), strict=False))


def _diagnostics(talk: bytes) -> Iterator[Diagnostic]:
    for raw in talk.decode("utf-8", "replace").splitlines():
        line = _without_paths(raw)
        if match := _DIAGNOSTIC.fullmatch(line):
            file = Path(match["file"]).name
            place = int(match["line"]), int(match["column"])
            name = "" if file == SOURCE_NAME else safe_text(file)
            yield Diagnostic(match["severity"], safe_text(match["text"]), *place, name)
        elif match := _PLACELESS.fullmatch(line):
            yield Diagnostic(match["severity"], safe_text(match["text"]))


def _without_paths(text: str) -> str:
    return _LONG_PATH.sub(".../", text.replace(f"{INCLUDE}/", ""))


def read_opened(rule: bytes) -> tuple[str, ...]:
    """Return the files of a make rule, but for the source itself: below our headers, or whole."""
    text = rule[:_LIST_LIMIT].decode("utf-8", "replace").replace("\\\n", " ")
    names = {_known(name) for name in text.partition(":")[2].split()}
    return tuple(sorted(safe_text(name) for name in names if not _is_source(name)))


def _known(name: str) -> str:
    return name.removeprefix(f"{INCLUDE}/").removeprefix("./")


def _is_source(name: str) -> bool:
    # By its whole path when it opens itself: no other file has this name where it is compiled.
    return name == SOURCE_NAME or name.endswith(f"/{SOURCE_NAME}")
