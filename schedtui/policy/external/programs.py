"""Finds external schedulers on the search path, and only such as nobody but root could change.

A scheduler runs as root. A program, or a folder above it, that somebody else may write to would
let them run whatever they like as root.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schedtui.model.external import Program
from schedtui.model.text import safe_text
from schedtui.policy.errors import reason_of

_NAME: Final = re.compile(r"scx_[a-z0-9_]{1,27}")
_NO_SCHEDULERS: Final = frozenset({"scx_loader"})
"""Programs of this name pattern that start others."""
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
SIZE_LIMIT: Final = 64 << 20
"""Largest program, in bytes."""
COUNT_LIMIT: Final = 100
"""Most programs that are looked at."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the search path holds."""

    programs: tuple[tuple[str, Program], ...]
    """By name, sorted."""
    faults: tuple[str, ...]
    """Why others are not used, a sentence each."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose files are good enough."""

    owner: int = 0
    """User id that they must belong to."""
    below: Path = Path("/")
    """Folder from which on downwards they are looked at."""


def search_path() -> tuple[Path, ...]:
    """Return the folders of PATH in their order; what is no whole path is left out."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    return tuple(Path(each) for each in folders if each.startswith("/"))


def find_programs(folders: Iterable[Path], trust: Trust | None = None) -> Found:
    """Return the schedulers in some folders; the first of a name counts, as for a shell."""
    programs: dict[str, Program] = {}
    faults: list[str] = []
    for place in _places(folders):
        if place.name in programs:
            continue
        reason = why_not(place, trust or Trust(), program=True)
        if reason:
            faults.append(f"{safe_text(str(place))} is not used: {reason}.")
        else:
            programs[place.name] = _read(place)
    return Found(tuple(sorted(programs.items())), tuple(faults))


def _places(folders: Iterable[Path]) -> Iterator[Path]:
    left = COUNT_LIMIT
    for folder in dict.fromkeys(folders):
        for name in _names(folder)[:left]:
            left -= 1
            yield folder / name


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if _NAME.fullmatch(entry.name)]
    except OSError:
        return []
    return sorted(set(names) - _NO_SCHEDULERS)


def why_not(place: Path, trust: Trust, *, program: bool = False) -> str:
    """Return why a program or library must not be run by root, empty when it may."""
    try:
        real = place.resolve(strict=True)
        held = real.stat()
        if not stat.S_ISREG(held.st_mode) or (program and not held.st_mode & stat.S_IXUSR):
            return "it is no program"
        if held.st_size > SIZE_LIMIT:
            return f"it is larger than {SIZE_LIMIT >> 20} MiB"
        above = {*_above(place, trust.below), *_above(real, trust.below)}
        open_to = next(
            (each for each in (real, *sorted(above)) if _open_to_others(each, trust)), None
        )
    except OSError as error:
        return f"it cannot be read: {reason_of(error)}"
    if open_to is None:
        return ""
    return f"others than root can change {safe_text(str(open_to))}"


def _above(place: Path, below: Path) -> Iterator[Path]:
    """Yield the folders above a file, links in them followed as the kernel does."""
    folder = place.parent.resolve(strict=True)
    yield from (each for each in (folder, *folder.parents) if each.is_relative_to(below))


def _open_to_others(path: Path, trust: Trust) -> bool:
    held = path.stat()
    return held.st_uid not in {0, trust.owner} or bool(held.st_mode & _OTHERS_WRITE)


def _read(place: Path) -> Program:
    with place.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return Program(str(place.resolve()), digest, place.stat().st_size)
