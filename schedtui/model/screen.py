"""What the screen offers, as rows for people and scripts: its keys and its themes."""

from __future__ import annotations

from dataclasses import dataclass

from schedtui.model.policy import Origin


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One command of the screen."""

    id: str
    """Name of the command in a key file."""
    keys: tuple[str, ...]
    """As people write them; the first one is shown on the screen."""
    title: str
    help: str
    group: str
    changes: str
    """What it can change: ``looks only``, ``changes the target`` or ``puts things back``."""
    possible: str
    """When it makes sense; at other times the screen says why not."""
    everywhere: bool
    """Also works while a dialog is open."""
    origin: Origin
    """Whose keys these are."""


@dataclass(frozen=True, slots=True)
class PlaceKey:
    """Keys that mean one thing in one place of the screen and cannot be changed."""

    place: str
    keys: tuple[str, ...]
    help: str


@dataclass(frozen=True, slots=True)
class KeyTable:
    """All keys of the screen."""

    file: str
    """Where a user's own keys are read from; it need not be there."""
    commands: tuple[KeyRow, ...]
    fixed: tuple[PlaceKey, ...]
    faults: tuple[str, ...]
    """What in the file was not used, and why."""


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One theme of the screen."""

    name: str
    """As ``--theme`` takes it."""
    title: str
    dark: bool
    native: bool
    """Only the terminal's own colours are used."""
    origin: Origin
    file: str


@dataclass(frozen=True, slots=True)
class ThemeTable:
    """All themes of the screen."""

    folder: str
    """Where a user's own themes are read from; it need not be there."""
    themes: tuple[ThemeRow, ...]
    faults: tuple[str, ...]
    """Which of the user's files are not used, and why."""
