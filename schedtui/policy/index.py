"""The word index of the repository: a small BM25F over what each policy says of itself.

Term weights per field, saturation and inverse document frequency over name, title, tags, use
cases and description. It is deterministic, needs no network, and serves planning and search alike.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from schedtui.model.external import Listed

_SATURATION: Final = 1.2
_HALF: Final = 4.0
"""Sum of the terms' weights at which half of the score is given."""

_FIELD_WEIGHTS: Final = {
    "name": 3.0, "title": 2.0, "tags": 2.5, "use_cases": 1.5, "description": 1.0,
}  # fmt: skip

_SYNONYMS: Final = {
    "stutter": "frame", "stutters": "frame", "lag": "frame", "lags": "frame", "fps": "frame",
    "jank": "frame", "smooth": "frame", "frames": "frame", "gaming": "game", "games": "game",
    "tail": "p99", "p95": "p99", "p999": "p99", "percentile": "p99", "requests": "request",
    "server": "service", "services": "service", "backend": "service", "api": "service",
    "database": "service", "web": "service", "qps": "throughput", "rps": "throughput",
    "jobs": "job", "straggler": "longest", "stragglers": "longest", "longer": "longest",
    "long": "longest", "sooner": "finish", "done": "finish", "compiling": "compile",
    "compiles": "compile", "build": "compile", "building": "compile", "rendering": "render",
    "workers": "worker", "locks": "lock", "tasks": "task", "cpus": "cpu", "call": "video",
    "calls": "video", "sound": "audio", "music": "audio", "turns": "turn",
}  # fmt: skip

_STOP_TEXT: Final = (
    "a an the of in on for to and or but with that this is are be it its my me i than so as by "
    "while must not may at most no one all from when has have much more"
)
_STOP: Final = frozenset(_STOP_TEXT.split())


def said_words(text: str) -> Iterator[tuple[str, str]]:
    """Yield each word of a text that says something, and the term that it is looked for as."""
    for word in re.findall(r"[^\W_]+", text.casefold()):
        if word not in _STOP:
            yield word, _SYNONYMS.get(word, word)


def terms_of(text: str) -> tuple[str, ...]:
    """Return the terms of a text, each once and in an order that never varies."""
    return tuple(sorted({term for _, term in said_words(text)}))


class WordIndex:
    """The terms of all policies, by policy and field."""

    def __init__(self, policies: Sequence[Listed]) -> None:
        self._weights = {policy.name: _weights(policy) for policy in policies}
        self._having = Counter(term for terms in self._weights.values() for term in terms)

    def score(self, name: str, terms: Iterable[str]) -> float:
        """Return how well the policy called ``name`` fits the terms: 0 (no term) to 1."""
        raw = sum(self._rarity(term) * self._saturated(name, term) for term in terms)
        return raw / (raw + _HALF)

    def fields(self, name: str, term: str) -> tuple[str, ...]:
        """Return the fields in which the policy called ``name`` has a term, weightiest first."""
        found = self._weights[name].get(term, {})
        return tuple(sorted(found, key=lambda field: -_FIELD_WEIGHTS[field]))

    def _rarity(self, term: str) -> float:
        having = self._having[term]
        return math.log(1 + (len(self._weights) - having + 0.5) / (having + 0.5))

    def _saturated(self, name: str, term: str) -> float:
        frequency = sum(self._weights[name].get(term, {}).values())
        return frequency / (frequency + _SATURATION)


def _weights(policy: Listed) -> Mapping[str, Mapping[str, float]]:
    """Return the weight of every term in every field that has it."""
    found: dict[str, dict[str, float]] = {}
    for field, text in _texts(policy).items():
        terms = [term for _, term in said_words(text)]
        length = max(1.0, len(terms) / 8)
        for term in terms:
            places = found.setdefault(term, {})
            places[field] = places.get(field, 0.0) + _FIELD_WEIGHTS[field] / length
    return found


def _texts(policy: Listed) -> Mapping[str, str]:
    return {
        "name": policy.name.replace("_", " "),
        "title": policy.title,
        "tags": " ".join(policy.tags),
        "use_cases": " ".join(policy.use_cases),
        "description": policy.description,
    }
