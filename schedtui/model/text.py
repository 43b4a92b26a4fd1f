"""The one sanitiser for text that comes from outside.

Process names, cgroup names, model output, guest output and kernel messages are hostile: they
can carry terminal escapes, direction overrides or invisible characters. Everything of that kind
passes through :func:`safe_text` once, where it enters the program, and is plain afterwards.
Markup such as ``[bold]`` is left as it is: widgets show text literally and never parse it.
"""

from __future__ import annotations

import unicodedata
from typing import Final

NAME_LIMIT: Final = 64
"""Longest name (process, cgroup, policy) that is kept, in characters."""

LINE_LIMIT: Final = 400
"""Longest single line of foreign text (a diagnostic, a kernel message), in characters."""

_VISIBLE_CATEGORIES: Final = frozenset("LMNPSZ")
_INVISIBLE: Final = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0")


def _is_plain(char: str) -> bool:
    category = unicodedata.category(char)
    if category[0] not in _VISIBLE_CATEGORIES or char in _INVISIBLE:
        return False
    return category not in {"Zl", "Zp"}


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{{{code:x}}}"


def safe_text(raw: str | bytes, limit: int = LINE_LIMIT) -> str:
    r"""Return ``raw`` as one printable line of at most ``limit`` characters.

    Control, format, private-use and unassigned characters become visible escapes such as
    ``\x1b``; a cut is shown by a final ellipsis. Never raises for any input.
    """
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    # The cut comes first, so that a name of megabytes costs no more than its limit.
    clipped = unicodedata.normalize("NFC", text[: limit + 1])
    shown = "".join(char if _is_plain(char) else _escaped(char) for char in clipped)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def safe_name(raw: str | bytes) -> str:
    """Return a process, thread or cgroup name as printable text of at most NAME_LIMIT."""
    return safe_text(raw, NAME_LIMIT)


def safe_lines(raw: str | bytes, max_lines: int, limit: int = LINE_LIMIT) -> tuple[str, ...]:
    """Return at most ``max_lines`` lines of ``raw``, each through :func:`safe_text`."""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    lines = text[: max_lines * (limit + 1) * 4].splitlines()
    return tuple(safe_text(line.expandtabs(8), limit) for line in lines[:max_lines])
