"""Every finding there is: its code, weight, sentence, hint for a repair, and explanation.

Codes are stable: a code never changes its meaning and is never used again.
"""

from __future__ import annotations

import string
from typing import Final

from schedtui.model.text import safe_text
from schedtui.model.verdict import Finding, Severity
from schedtui.verify.codes import ALL
from schedtui.verify.codes.entry import Entry

HINT_WORDS: Final = 60
"""Most words of a hint."""


class UnknownCodeError(KeyError):
    """There is no finding with this code."""


def finding(code: str, line: int = 0, **words: object) -> Finding:
    """Return a finding. Foreign text in ``words`` is made printable here.

    Args:
        code: A code of the catalogue.
        line: 1-based source line, 0 for none.
        words: Exactly the words that the sentence needs.

    Raises:
        UnknownCodeError: no such code.
        KeyError: a word of the sentence is missing.
    """
    entry = entry_of(code)
    shown = {name: safe_text(str(value), 200) for name, value in words.items()}
    sentence = string.Formatter().vformat(entry.sentence, (), shown)
    return Finding(code, entry.severity, sentence, entry.hint, line)


def explain(code: str) -> str:
    """Return the long explanation of a code. Raises UnknownCodeError."""
    entry = entry_of(code.upper())
    weight = "rejects" if entry.severity is Severity.ERROR else "does not reject"
    return f"{entry.code} ({entry.severity.value}, {weight})\n\n{entry.explanation}\n\n{entry.hint}"


def entries() -> tuple[Entry, ...]:
    """Return the whole catalogue, by code."""
    return tuple(_BY_CODE[code] for code in sorted(_BY_CODE))


def entry_of(code: str) -> Entry:
    """Return the entry of a code. Raises UnknownCodeError."""
    try:
        return _BY_CODE[code]
    except KeyError as error:
        raise UnknownCodeError(code) from error


_BY_CODE: Final = {entry.code: entry for entry in ALL}
