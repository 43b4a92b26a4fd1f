"""The user's own keys: a small TOML file by command id, laid over the table of commands."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from schedtui.model.text import safe_text
from schedtui.resources import user_dir
from schedtui.ui.commands import BY_ID, COMMANDS, Command
from schedtui.ui.fixed_keys import taken_from
from schedtui.ui.keynames import key_name, key_word
from schedtui.ui.own_files import OwnFileError, read_own

FIXED: Final = frozenset({"quit_now"})
"""Commands that keep their keys: whatever a file says, there is a way out."""
_KEYS_LIMIT: Final = 8

Rows = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Keymap:
    """The table of commands with the user's own keys in it.

    Attributes:
        own: Keys by command id, only of commands that have other keys than usual.
        faults: One part of a sentence for each thing in the file that was not used.
    """

    commands: tuple[Command, ...] = COMMANDS
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """All that is wrong with the file in one sentence, empty when nothing is."""
        if not self.faults:
            return ""
        more = len(self.faults) - 1
        rest = f"; and {more} more, see: schedtui keys" if more else ""
        return f"{self.faults[0]}{rest}"


def own_file() -> Path:
    """Return the file of this user's own keys; it need not be there."""
    return user_dir("XDG_CONFIG_HOME", ".config") / "keys.toml"


def read_keymap(path: Path | None) -> Keymap:
    """Return the table with the keys in the file at ``path``, which need not be there."""
    if path is None:
        return Keymap()
    try:
        return parse_keymap(read_own(path), safe_text(path.name))
    except FileNotFoundError:
        return Keymap()
    except OwnFileError as error:
        return Keymap(faults=(str(error),))


def parse_keymap(text: str, where: str) -> Keymap:
    """Return the table with the keys that TOML ``text`` gives; what is wrong in it is left out."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Not only TOMLDecodeError: an integer may have more digits than Python converts.
        return Keymap(faults=(f"{where}: {safe_text(str(error))}",))
    table = data.get("keys")
    if not isinstance(table, dict) or len(data) != 1:
        return Keymap(faults=(f"{where}: must have the table [keys] and nothing else",))
    return _laid_over(table, where)


def _laid_over(table: Mapping[str, object], where: str) -> Keymap:
    rows: Rows = {}
    faults: list[str] = []
    for id_, value in table.items():
        keys, fault = _row(id_, value)
        if fault:
            faults.append(f"{where}: {fault}")
        else:
            rows[id_] = keys
    while clashes := _clashes(rows):
        faults += [f"{where}: {words}" for words in clashes.values()]
        rows = {id_: keys for id_, keys in rows.items() if id_ not in clashes}
    own = {id_: keys for id_, keys in rows.items() if keys != BY_ID[id_].keys}
    return Keymap(tuple(with_keys(COMMANDS, own)), own, tuple(faults))


def with_keys(commands: Iterable[Command], own: Mapping[str, tuple[str, ...]]) -> list[Command]:
    """Return ``commands``, those that are in ``own`` with the keys from there."""
    return [
        replace(command, keys=own[command.id]) if command.id in own else command
        for command in commands
    ]


def _row(id_: str, value: object) -> tuple[tuple[str, ...], str]:
    """Return the keys of one row of the file, or what is wrong with it."""
    shown = safe_text(id_, 40)
    if id_ not in BY_ID:
        return (), f"there is no command called {shown}"
    if id_ in FIXED:
        return (), f"{shown} keeps its keys, so that there is always a way out"
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not 1 <= len(words) <= _KEYS_LIMIT:
        return (), f"{shown} must be a key, or a list of 1 to {_KEYS_LIMIT} keys"
    names = [key_name(word) if isinstance(word, str) else "" for word in words]
    for word, name in zip(words, names, strict=True):
        if not name:
            return (), f"{safe_text(str(word), 20)} ({shown}) is no key that every terminal sends"
    return tuple(dict.fromkeys(names)), ""


def _clashes(rows: Rows) -> dict[str, str]:
    """Return the rows of the file that want a key somebody else has, each with the words for it."""
    wanted: dict[str, list[Command]] = defaultdict(list)
    for command in with_keys(COMMANDS, rows):
        for key in command.keys:
            wanted[key].append(command)
    found: dict[str, str] = {}
    for key, commands in wanted.items():
        mine = [command for command in commands if command.id in rows]
        others = [command.id for command in commands]
        for command in mine:
            if len(commands) > 1:
                found[command.id] = f"{key_word(key)} would be the key of {' and '.join(others)}"
            elif key in taken_from(command):
                found[command.id] = f"{key_word(key)} ({command.id}) has a fixed meaning"
    return found
