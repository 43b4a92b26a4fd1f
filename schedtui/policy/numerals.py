"""Whole numbers as C writes them."""

from __future__ import annotations

import re
from typing import Final

# A leading zero would make the number octal.
_NUMBER: Final = re.compile(r"(0|[1-9][0-9]{0,19}|0[xX][0-9a-fA-F]{1,16})(?:[uU]?[lL]{0,2})")


def number_of(text: str) -> int | None:
    """Return the value of a literal of at most 64 bits, None for anything else."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    value = int(found.group(1), 0)
    return value if value < 2**64 else None
