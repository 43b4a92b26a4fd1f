"""The keys of the screen as rows, and the page ``docs/keys.md`` that is made of them.

``python -m schedtui.ui.key_table`` prints the page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from schedtui.model.policy import Origin
from schedtui.model.screen import KeyRow, KeyTable, PlaceKey
from schedtui.model.text import safe_text
from schedtui.ui.commands import PRIORITY
from schedtui.ui.fixed_keys import FIXED_KEYS
from schedtui.ui.keymap import read_keymap
from schedtui.ui.keynames import key_word

COMMAND: Final = "python -m schedtui.ui.key_table > docs/keys.md"
"""Writes the page anew, from the top of the repository."""

_HEAD: Final = f"""# Keys

All keys of the screen. `?` shows them on the screen with the reason why some do nothing now;
`ctrl+p` searches the commands by name; `schedtui keys` prints them as this user has them.

This page is made from the table of commands, not written: `{COMMAND}`.

## Keys of your own

`$XDG_CONFIG_HOME/schedtui/keys.toml` (`~/.config/...` without it) gives commands other keys, by
their id:

```toml
[keys]
zoom = "x"
theme = ["T", "f9"]
```

A key is a sign, a letter (capitals are keys of their own), `space`, `tab`, `f1` to `f12`, or `ctrl`
with a letter, such as `ctrl+t`. A row replaces all keys of its command. What cannot be used is left
out, the rest counts: an id that does not exist, a key that two commands would have, a key with a
fixed meaning. One message on the screen says so, and `schedtui keys` says all of it. `quit_now`
keeps its keys, so that there is always a way out.

## Commands
"""


def key_table(path: Path | None) -> KeyTable:
    """Return all keys, with those of the user's file at ``path``."""
    keymap = read_keymap(path)
    rows = tuple(
        KeyRow(
            command.id,
            tuple(key_word(key) for key in command.keys),
            command.title,
            command.help,
            command.group,
            command.danger.value,
            command.why_not.words,
            command.everywhere,
            Origin.YOURS if command.id in keymap.own else Origin.BUILT_IN,
        )
        for command in keymap.commands
    )
    fixed = (PlaceKey(row.place.value, row.words, row.help) for row in FIXED_KEYS)
    return KeyTable(safe_text(str(path or "")), rows, tuple(fixed), keymap.faults)


def page() -> str:
    """Return the whole page, with the usual keys."""
    return "\n".join((_HEAD, *_chapters(key_table(None)), ""))


def _chapters(table: KeyTable) -> Iterator[str]:
    yield "| keys | id | what it does | when | changes |"
    yield "|---|---|---|---|---|"
    for row in table.commands:
        when = f"{row.possible}{_in_dialogs(row)}" if row.everywhere else row.possible
        yield f"| {_codes(row.keys)} | `{row.id}` | {row.help} | {when} | {row.changes} |"
    yield "\n## Keys with a fixed meaning"
    for place, keys in groupby(table.fixed, key=lambda row: row.place):
        yield f"\n### In: {place}\n\n| keys | what they do |\n|---|---|"
        yield from (f"| {_codes(row.keys)} | {row.help} |" for row in keys)


def _in_dialogs(row: KeyRow) -> str:
    typed = "" if row.id in PRIORITY else ", not where text is typed"
    return f"; in dialogs too{typed}"


def _codes(keys: tuple[str, ...]) -> str:
    return " ".join(key if key == ".." else f"`{key}`" for key in keys)


def main() -> int:
    """Print the page."""
    sys.stdout.write(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
