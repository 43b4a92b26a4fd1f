"""Splits a goal into plain words, numbers and stops, whatever its language and spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WORD_LIMIT: Final = 400
"""Most words that are read; a goal is a sentence or two."""


class WordKind(StrEnum):
    """What a word is to the grammar."""

    WORD = "word"
    NUMBER = "number"
    PERCENT = "percent"
    COMMA = "comma"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Word:
    """One word in its plain form: small letters, no accents, no apostrophes."""

    kind: WordKind
    plain: str
    said: str
    """The piece of the goal it came from."""


_SHAPES: Final = re.compile(
    r"""(?P<tail>p\d{2}(?:[.,]\d+)?(?!\w))
      | (?P<number>\d+(?:[.,]\d+)?)
      | (?P<percent>%)
      | (?P<wide>[\u3040-\u30ff\u3400-\u9fff])
      | (?P<word>[^\W\d_](?:(?![\u3040-\u30ff\u3400-\u9fff])\w)*(?:['\u2019][^\W\d_]+)*)
      | (?P<comma>,|\s[-\u2013\u2014]{1,2}\s|[\u3001\uff0c\u2026(])
      | (?P<stop>[;!?:\n\u3002)]|\.(?=\s|$))""",
    re.VERBOSE | re.IGNORECASE,
)

_WIDE_GAPS: Final = re.compile(
    r"(?<=[\u3040-\u30ff\u3400-\u9fff]) (?=[\u3040-\u30ff\u3400-\u9fff])"
)

_SENTENCE: Final = 20
"""Words from which repeating is noticed."""

_END_OF_LATIN: Final = "\u0250"
_WIDE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")

_ELISIONS: Final = frozenset({"l", "d", "n", "qu", "s", "j", "c", "m", "t", "lorsqu", "jusqu"})

_RESPELLED: Final = (
    (re.compile(r"%\s?-?\s?ile\b", re.IGNORECASE), " percentile"),
    (re.compile(r"\b(?:0[.,])?1\s?%\s?-?lows?\b", re.IGNORECASE), " percentlow"),
    (re.compile(r"(?:<=?|\u2264)\s*(?=\d)"), " below "),
    (re.compile(r"&|\s\+\s"), " and "),
    (re.compile(r"(?<=\w)/(?:s|sec|second)\b", re.IGNORECASE), " per second"),
    (re.compile(r"(?<=\w)/(?:m|min|minute)\b", re.IGNORECASE), " per minute"),
    (re.compile(r"(?<=\w)/(?:h|hr|hour)\b", re.IGNORECASE), " per hour"),
)


def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of ``text``. Never raises for any input."""
    respelled = unicodedata.normalize("NFKC", text)
    for pattern, replacement in _RESPELLED:
        respelled = pattern.sub(replacement, respelled)
    found: list[Word] = []
    for match in _SHAPES.finditer(respelled):
        found.extend(_read(match))
        if len(found) >= WORD_LIMIT:
            break
    return tuple(found[:WORD_LIMIT])


def is_sentence(text: str) -> bool:
    """Tell whether ``text`` can be a wish: some words, not a flood, in letters that are read."""
    words = words_of(text)
    # One word names a thing or a trouble, but no wish.
    if not 1 < len(words) < WORD_LIMIT or _is_repeated(words):
        return False
    letters = [char for char in unicodedata.normalize("NFKC", text) if char.isalpha()]
    known = sum(char < _END_OF_LATIN or is_wide(char) for char in letters)
    return 2 * known > len(letters)


def _is_repeated(words: Sequence[Word]) -> bool:
    return len(words) > _SENTENCE and len({word.plain for word in words}) * 4 < len(words)


def plain(text: str) -> str:
    """Return ``text`` in small letters and without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def is_wide(text: str) -> bool:
    """Tell whether ``text`` starts with a letter of a script that is written without spaces."""
    return bool(_WIDE.match(text))


def spaced(phrase: str) -> str:
    """Return a phrase in its plain form, wide letters apart as :func:`words_of` reads them."""
    return _WIDE.sub(lambda letter: f" {letter.group()} ", plain(phrase)).strip()


def said_of(words: Sequence[Word]) -> str:
    """Return the words as a person would write them: wide letters without spaces between."""
    return _WIDE_GAPS.sub("", " ".join(word.said for word in words))


def _read(match: re.Match[str]) -> list[Word]:
    shape, said = match.lastgroup or "", match.group().strip()
    if shape == "word":
        return _split(said)
    kind = {
        "number": WordKind.NUMBER,
        "percent": WordKind.PERCENT,
        "comma": WordKind.COMMA,
        "stop": WordKind.STOP,
    }.get(shape, WordKind.WORD)
    return [Word(kind, plain(said).replace(",", "."), said)]


def _split(said: str) -> list[Word]:
    pieces = re.split(r"['\u2019]", said)
    if len(pieces) > 1 and plain(pieces[0]) in _ELISIONS:
        return [Word(WordKind.WORD, plain(piece), piece) for piece in pieces]
    if len(pieces) > 1 and plain(pieces[-1]) == "s":
        pieces = pieces[:-1]
    flat = [part for part in re.split(r"_+", "".join(pieces)) if part]
    return [Word(WordKind.WORD, plain(part), part) for part in flat]
