"""Keys as Textual calls them and as people write them."""

from __future__ import annotations

import string
import unicodedata
from typing import Final

from textual.keys import KEY_NAME_REPLACEMENTS


def _long_name(sign: str) -> str:
    name = unicodedata.name(sign).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


_SIGN_OF: Final = {_long_name(sign): sign for sign in string.punctuation}
_NAME_OF: Final = {sign: name for name, sign in _SIGN_OF.items()}
_SIGNS: Final = frozenset(string.ascii_letters + string.digits)
_ALIASES: Final = frozenset("hijm")
"""A terminal sends the same for these with ctrl as for backspace, tab and enter."""
_NAMED: Final = frozenset(
    {
        *("space", "tab", "shift+tab", "insert", "delete", "backspace", "enter", "escape"),
        *("up", "down", "left", "right", "home", "end", "pageup", "pagedown"),
        *(f"f{number}" for number in range(1, 13)),
        *(f"ctrl+{sign}" for sign in string.ascii_lowercase if sign not in _ALIASES),
    }
)


def key_word(key: str) -> str:
    """Return a key as it is written for people."""
    return _SIGN_OF.get(key, key)


def key_name(word: str) -> str:
    """Return Textual's name of a key that people wrote, empty when no terminal sends it.

    Signs, letters, ``space``, ``f5``, ``ctrl+t`` and the like; Textual's own names too.
    """
    if word in _SIGNS or word in _NAMED or word in _SIGN_OF:
        return word
    return _NAME_OF.get(word, "")
