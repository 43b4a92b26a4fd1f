"""Splits a goal into clauses: one wish, one guardrail or one circumstance each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from schedtui.agent.lexicon import GOAL_LEXICON, LOAD_LEXICON, Mark
from schedtui.agent.terms import Kind
from schedtui.agent.words import Word, WordKind, said_of, words_of

_SOFT: Final = frozenset({"and", "comma"})
_SUBORDINATE: Final = frozenset({"while", "without", "provided", "because", "even if"})
MENTIONS: Final = (Kind.METRIC, Kind.SYMPTOM, Kind.VIRTUE)
"""Marks that name something that is measured."""
_ACTIVE: Final = frozenset(
    {Kind.ACTION, Kind.KEEP, Kind.NEGATION, Kind.PERMISSION, Kind.SYMPTOM, Kind.VIRTUE}
    | {Kind.RELEASE}
)
_LEAST_UNDERSTOOD: Final = 12
"""One word in so many must mean something."""

_FEW_WORDS: Final = 12
"""So many words may be strange in any goal."""

_SHARES: Final = {"tenth": 0.1, "fifth": 0.2, "quarter": 0.25, "half": 0.5}


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of the goal between two joins."""

    join: str
    """What led into it: empty for the first, else ``but``, ``while``, ``and``, ``comma`` ..."""
    marks: tuple[Mark, ...]
    said: str
    share: float | None = None
    """The percentage in it as a share (0.05 for ``5 %``), None when there is none."""

    @property
    def subordinate(self) -> bool:
        """Tell whether it only qualifies another clause."""
        return self.join in _SUBORDINATE

    def has(self, *kinds: Kind) -> bool:
        """Tell whether a mark of one of ``kinds`` is in it."""
        return any(mark.kind in kinds for mark in self.marks)

    def of(self, *kinds: Kind) -> tuple[Mark, ...]:
        """Return the marks of ``kinds`` in order."""
        return tuple(mark for mark in self.marks if mark.kind in kinds)

    @property
    def loads(self) -> tuple[Mark, ...]:
        """Return the phrases in it that name a kind of load."""
        return _loads_in(self.said)

    @property
    def core(self) -> bool:
        """Tell whether it says something about something."""
        if self.has(*MENTIONS):
            return True
        return self.has(Kind.SUBJECT) and self.has(Kind.ACTION, Kind.KEEP, Kind.RELEASE)

    @property
    def active(self) -> bool:
        """Tell whether it can stand alone after ``and``."""
        return self.has(*_ACTIVE) or self.share is not None


@lru_cache(256)
def _loads_in(said: str) -> tuple[Mark, ...]:
    return LOAD_LEXICON.marks(words_of(said))


def clauses_of(text: str) -> tuple[Clause, ...]:
    """Return the clauses of a goal in order. Never raises for any input."""
    words = words_of(text)
    marks = GOAL_LEXICON.marks(words)
    clauses: list[Clause] = []
    for piece in _pieces(words, marks):
        _append(clauses, piece)
    return tuple(clause for clause in clauses if clause.said)


def hardly_understood(clauses: Sequence[Clause]) -> bool:
    """Tell whether a few words of many mean something: as likely by chance as by intent."""
    understood = sum(len(clause.marks) for clause in clauses)
    words = sum(len(clause.said.split()) for clause in clauses)
    return understood * _LEAST_UNDERSTOOD < words - _FEW_WORDS


def _pieces(words: Sequence[Word], marks: Sequence[Mark]) -> Iterator[Clause]:
    """Cut at every join, comma and stop."""
    joins = {mark.at: mark for mark in marks if mark.kind is Kind.JOIN}
    join, start, at = "", 0, 0
    while at < len(words):
        cut = _cut(words[at], joins.get(at))
        if cut is None:
            at += 1
            continue
        yield _clause(join, start, at, words, marks)
        # A stop or comma before a join adds nothing to it.
        join, at = cut, joins[at].end if at in joins else at + 1
        start = at
    yield _clause(join, start, at, words, marks)


def _cut(word: Word, join: Mark | None) -> str | None:
    if join is not None:
        return join.value
    return {WordKind.COMMA: "comma", WordKind.STOP: "stop"}.get(word.kind)


def _clause(
    join: str, start: int, end: int, words: Sequence[Word], marks: Sequence[Mark]
) -> Clause:
    own = _without_built(m for m in marks if start <= m.at < end and m.kind is not Kind.JOIN)
    said = said_of(words[start:end])
    share = _share(words, own, start, end)
    if share is None:
        own = tuple(map(_as_action, own))
    return Clause(join, own, said, share)


def _without_built(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Leave out what is only being built: a browser in "make -j16 of chromium" does not run."""
    own = tuple(marks)
    builds = [mark for mark in own if mark.value == "compile"]
    return tuple(m for m in own if not any(_is_built(m, build) for build in builds))


def _is_built(mark: Mark, build: Mark) -> bool:
    after, before = mark.at - build.end, build.at - mark.end
    return mark.value in {"desktop", "game"} and (0 <= after <= 1 or before == 0)


def _as_action(mark: Mark) -> Mark:
    """Read "maximum" without a number as a wish: "maximum throughput"."""
    if mark.kind is not Kind.BOUND or mark.value not in {"maximum", "minimum"}:
        return mark
    value = "raise" if mark.value == "maximum" else "lower"
    return Mark(Kind.ACTION, value, mark.at, mark.end, mark.said)


def _share(words: Sequence[Word], marks: Sequence[Mark], start: int, end: int) -> float | None:
    counted = {mark.at: mark for mark in marks if mark.kind is Kind.COUNT}
    percents = {mark.at for mark in marks if mark.kind is Kind.PERCENT_WORD}
    for at in range(start, end):
        mark = counted.get(at)
        if mark and mark.value in _SHARES:
            return _SHARES[mark.value]
        after = mark.end if mark else at + 1
        is_percent = after < end and (words[after].kind is WordKind.PERCENT or after in percents)
        number = mark.value if mark else words[at].plain
        if is_percent and (mark or words[at].kind is WordKind.NUMBER):
            return min(float(number), 1e6) / 100
    return 0.05 if any(mark.kind is Kind.LITTLE for mark in marks) else None


def _append(clauses: list[Clause], piece: Clause) -> None:
    last = clauses[-1] if clauses else None
    if last is None or not last.said:
        if clauses:
            clauses.pop()
        clauses.append(piece if last is None else _led(last, piece))
    elif _stands_alone(last, piece):
        clauses.append(piece)
    else:
        clauses[-1] = _merged(last, piece)


def _led(empty: Clause, piece: Clause) -> Clause:
    """Let ``but without`` be led by the more telling of the two joins."""
    if empty.join == "while" and piece.join in {"comma", "stop"}:
        return piece  # "under load," was a whole circumstance
    join = piece.join if piece.join not in {"", *_SOFT, "stop", "so"} else empty.join or piece.join
    return Clause(join, piece.marks, piece.said, piece.share)


def _stands_alone(last: Clause, piece: Clause) -> bool:
    if not piece.said:
        return piece.join not in _SOFT
    if _only_bound(piece):
        return False
    if piece.join not in _SOFT:
        return True
    if piece.join == "comma" and last.subordinate:
        return piece.core or piece.active
    if _begins_anew(last, piece):
        return True
    return last.core and piece.active and (piece.core or piece.has(Kind.ACTION))


def _begins_anew(last: Clause, piece: Clause) -> bool:
    if last.core:
        return piece.join == "comma" and not piece.core
    # "don't disable the guard, just cut the p99": what is not to be done is no part of the wish.
    return piece.core and piece.has(Kind.ACTION) and last.has(Kind.NEGATION)


def _only_bound(piece: Clause) -> bool:
    limits = piece.share is not None or piece.has(Kind.BOUND)
    return limits and not piece.core and not piece.has(Kind.ACTION, Kind.SUBJECT)


def _merged(last: Clause, piece: Clause) -> Clause:
    share = last.share if last.share is not None else piece.share
    return Clause(last.join, last.marks + piece.marks, f"{last.said} {piece.said}".strip(), share)
