"""Finds the words that mean something to the goal grammar: a phrase matcher over the tables.

A phrase is one or more plain words; a word that ends in ``*`` matches any ending. The longest
phrase at a place wins. Phrases belong to a language: English is always read, another one only
when the goal's small words say so, because short words mean different things in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from schedtui.agent.spelling import nearly
from schedtui.agent.terms import GOAL_TABLE, LOADS, SMALL_WORDS, UNSAFE, Kind, Table
from schedtui.agent.words import Word, WordKind, is_wide, said_of, spaced


@dataclass(frozen=True, slots=True)
class Mark:
    """A phrase of the goal with its meaning."""

    kind: Kind
    value: str
    at: int
    """Index of its first word."""
    end: int
    """Index after its last word."""
    said: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    language: str
    words: tuple[str, ...]
    kind: Kind
    value: str

    @property
    def guessable(self) -> bool:
        """Tell whether a misspelt word may be taken for it: names of things, never "not"."""
        long = len(self.words) == 1 and len(self.words[0].rstrip("*")) >= _LEAST_GUESSED - 1
        return long and self.kind in _GUESSED and self.language == "en"

    def fits(self, words: Sequence[str]) -> bool:
        return len(words) >= len(self.words) and all(
            _alike(pattern, word) for pattern, word in zip(self.words, words, strict=False)
        )


class Lexicon:
    """All phrases of one table, ready to be looked up."""

    def __init__(self, table: Table) -> None:
        self._phrases = _sorted_phrases(table)
        self._longest = max(len(phrase.words) for phrase in self._phrases)
        self._by_first: dict[str, list[int]] = {}
        self._guessable: dict[str, list[_Phrase]] = {}
        for rank, phrase in enumerate(self._phrases):
            self._by_first.setdefault(phrase.words[0], []).append(rank)
            if phrase.guessable:
                self._guessable.setdefault(phrase.words[0][0], []).append(phrase)
        self._candidates = lru_cache(_REMEMBERED)(self._starting_with)
        self._guess = lru_cache(_REMEMBERED)(self._misspelt)

    def marks(self, words: Sequence[Word]) -> tuple[Mark, ...]:
        """Return the meaningful phrases of a goal in order; they do not overlap."""
        texts = [_text(word) for word in words]
        languages = _languages(texts)
        marks: list[Mark] = []
        at = 0
        while at < len(words):
            phrase = self._at(texts[at : at + self._longest], languages)
            phrase = phrase or self._guess(texts[at])
            end = at + (len(phrase.words) if phrase else 1)
            if phrase:
                said = said_of(words[at:end])
                marks.append(Mark(phrase.kind, phrase.value, at, end, said))
            at = end
        return tuple(marks)

    def repeated(self) -> tuple[str, ...]:
        """Return phrases that one language has twice: the second could never be found."""
        seen: set[tuple[str, tuple[str, ...]]] = set()
        twice: list[str] = []
        for phrase in self._phrases:
            key = (phrase.language, phrase.words)
            if key in seen:
                twice.append(f"{phrase.language}: {' '.join(phrase.words)}")
            seen.add(key)
        return tuple(twice)

    def _at(self, texts: Sequence[str], languages: frozenset[str]) -> _Phrase | None:
        for phrase in self._candidates(texts[0]):
            if phrase.language in languages and phrase.fits(texts):
                return phrase
        return None

    def _starting_with(self, word: str) -> tuple[_Phrase, ...]:
        """Return the phrases that may start with ``word``, in their order."""
        stems = (f"{word[:length]}*" for length in range(1, min(len(word), _LONGEST_STEM) + 1))
        ranks = (rank for key in (word, *stems) for rank in self._by_first.get(key, ()))
        return tuple(self._phrases[rank] for rank in sorted(ranks))

    def _misspelt(self, text: str) -> _Phrase | None:
        """Return what a long word probably should have been; short ones are too alike to tell."""
        if len(text) < _LEAST_GUESSED or not text.isascii():
            return None
        for phrase in self._guessable.get(text[:1], ()):
            # A longer word is another word: "videos" is no slip for "video".
            if not text.startswith(w := phrase.words[0]) and _nearly(w, text):
                return phrase
        return None


def _text(word: Word) -> str:
    # Only words can be part of a phrase: a number or a comma ends it.
    return word.plain if word.kind is WordKind.WORD else f"\0{word.plain}"


def _alike(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


def _nearly(pattern: str, word: str) -> bool:
    if pattern.endswith("*"):
        stem = pattern[:-1]
        return any(nearly(stem, word[: len(stem) + more]) for more in (-1, 0, 1))
    return nearly(pattern, word)


def _languages(texts: Sequence[str]) -> frozenset[str]:
    wide = any(is_wide(text[:1]) for text in texts)
    return _latin_languages(texts) | (_WIDE if wide else frozenset())


def _latin_languages(texts: Sequence[str]) -> frozenset[str]:
    hits = {language: len(small.intersection(texts)) for language, small in SMALL_WORDS.items()}
    others = {language: count for language, count in hits.items() if language != "en"}
    best = max(others.values())
    if best == 0 and hits["en"] == 0:
        return frozenset(SMALL_WORDS)
    if best == 0 or (best < hits["en"] and best < _MIXED):
        return frozenset({"en"})
    return frozenset({"en"} | {language for language, count in others.items() if count == best})


def _sorted_phrases(table: Table) -> tuple[_Phrase, ...]:
    found = [
        _Phrase(language, tuple(spaced(phrase).split()), kind, value)
        for (kind, value), languages in table.items()
        for language, phrases in languages.items()
        for phrase in phrases.split("|")
    ]
    # Longest first; another language before English, whose words were borrowed by it.
    return tuple(
        sorted(found, key=lambda p: (-len(p.words), -len("".join(p.words)), p.language == "en"))
    )


_MIXED: Final = 2
"""Small words of another language from which a goal counts as mixed with English."""

_REMEMBERED: Final = 4096
"""Words whose phrases are kept: a goal is read several times."""

_LONGEST_STEM: Final = 30

_WIDE: Final = frozenset({"zh", "ja"})

_LEAST_GUESSED: Final = 6
"""Letters from which a misspelt word is guessed."""

_GUESSED: Final = frozenset({Kind.SUBJECT, Kind.METRIC, Kind.SYMPTOM})

GOAL_LEXICON: Final = Lexicon(GOAL_TABLE)
UNSAFE_LEXICON: Final = Lexicon(UNSAFE)
LOAD_LEXICON: Final = Lexicon(LOADS)
