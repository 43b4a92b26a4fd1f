"""Finds policies by free words, without a goal or a profile."""

from __future__ import annotations

from collections.abc import Sequence

from schedtui.model.external import Listed
from schedtui.model.goal import Family
from schedtui.model.policy import Match, WordMatch
from schedtui.policy.index import WordIndex, said_words, terms_of


def search(
    policies: Sequence[Listed], words: str, family: Family | None = None
) -> tuple[Match, ...]:
    """Return the policies that have some of the words, best first; ties go by name.

    Args:
        policies: The repository.
        words: What is looked for, in any order.
        family: Only policies made for it are answers, when given. Scores are the same with and
            without it: how rare a word is, the whole repository says.
    """
    index, asked, terms = WordIndex(policies), dict(said_words(words)), terms_of(words)
    admitted = (policy for policy in policies if family is None or family in policy.families)
    found = [_match(index, policy, asked, terms) for policy in admitted]
    hits = (match for match in found if match.words)
    return tuple(sorted(hits, key=lambda match: (-match.score, match.name)))


def _match(index: WordIndex, policy: Listed, asked: dict[str, str], terms: Sequence[str]) -> Match:
    words = (WordMatch(word, term, index.fields(policy.name, term)) for word, term in asked.items())
    return Match(
        name=policy.name,
        title=policy.title,
        origin=policy.origin,
        families=policy.families,
        score=round(index.score(policy.name, terms), 3),
        words=tuple(word for word in words if word.fields),
    )
