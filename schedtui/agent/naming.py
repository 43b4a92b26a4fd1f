"""Finds the policies that a goal names: those it asks for, and those it rules out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from schedtui.agent.words import plain

_DENIAL: Final = (
    r"\b(?:not|no|never|dont|doesnt|cannot|cant|wont|without|avoid\w*|except|excluding|exclude"
    r"|skip|ban|forbid\w*|instead|rather than|other than|(?:any|every)thing but|nicht|kein\w*|ohne"
    r"|statt|ausser|pas|sans|sauf|jamais|sin|salvo|excepto|nunca)\b"
)
_DENIED_AFTER: Final = re.compile(
    r"\s*(?:is|must|should|may|shall|can|will|does|out of|off|excluded|forbidden|banned)?\s*"
    r"(?:not|never|\bout of the question|\boff the table|\bexcluded|\bforbidden|\bbanned)\b"
)
_LED: Final = r"\b(?:use|try|with|policy|scheduler|not|no|without|avoid|except|than|of|but) "
"""What stands before a name that is also a common word."""

_CUT: Final = re.compile(
    r"[;!?\n]|[.:](?=\s|$)|,(?!\s*(?:or |and |nor )?\w+_\w+)"
    r"|(?<!thing) \bbut\b|\b(?:so|therefore)\b|\band (?:then |rather )?(?=use|try|take|run|with)"
)
"""Ends of a clause; a comma in a row of names ends none."""


@dataclass(frozen=True, slots=True)
class Named:
    """Names of policies in a goal.

    Attributes:
        asked: Those to be taken, in the order of the repository.
        denied: Those not to be taken.
    """

    asked: tuple[str, ...]
    denied: frozenset[str]


def named_in(text: str, names: Iterable[str]) -> Named:
    """Return which of ``names`` the goal ``text`` asks for, and which it rules out."""
    pieces = [piece.replace("'", "") for piece in _CUT.split(plain(text).replace("\u2019", "'"))]
    said = {name: tuple(_wishes(name, pieces)) for name in names}
    denied = frozenset(name for name, wishes in said.items() if False in wishes)
    asked = (name for name, wishes in said.items() if wishes and name not in denied)
    return Named(tuple(asked), denied)


def without_denied(text: str, names: Iterable[str]) -> str:
    """Return ``text`` without the names it rules out, whose words mean other things elsewhere."""
    denied = (name for name in named_in(text, names).denied if "_" in name)
    for name in denied:
        text = re.sub(rf"\b{re.escape(name)}\b", " ", text, flags=re.IGNORECASE)
    return text


def _wishes(name: str, pieces: Iterable[str]) -> Iterator[bool]:
    """Return for each mention of a policy whether it is asked for."""
    led = r"\b" if "_" in name else _LED
    for piece in pieces:
        for found in re.finditer(rf"{led}(?={re.escape(name)}\b)", piece):
            before, after = piece[: found.end()], piece[found.end() + len(name) :]
            yield not re.search(_DENIAL, before) and not _DENIED_AFTER.match(after)
