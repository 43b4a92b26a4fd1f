"""Weighs every policy against a goal and a profile: families first, then words.

The word part is a small BM25F (term weights per field, saturation, inverse document frequency)
over name, title, tags, use cases and description. It is deterministic and needs no network.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from schedtui.model.goal import Family, GoalSpec, Metric, WorkloadProfile
from schedtui.model.plan import Consideration
from schedtui.model.policy import Policy

_MEASURED, _NAMED, _WORDS = 0.5, 0.25, 0.25
_SATURATION: Final = 1.2
_HALF: Final = 4.0
"""Word score at which half of the word part is given."""

_FIELD_WEIGHTS: Final = {"name": 3.0, "title": 2.0, "tags": 2.5, "use_cases": 1.5, "text": 1.0}

_METRIC_WORDS: Final = {
    Metric.REQUEST_P99: "request tail latency p99 service",
    Metric.WAKEUP_P99: "wake up latency interactive",
    Metric.RATE: "throughput rate",
    Metric.MAKESPAN: "makespan batch finish sooner",
    Metric.MISSED_FRAMES: "frame pacing game smooth desktop",
}

FAMILY_WORDS: Final[Mapping[Family, str]] = {
    Family.SERVICE: "an oversubscribed service",
    Family.BATCH_SKEWED: "a batch of jobs of uneven length",
    Family.BATCH_UNIFORM: "a batch of jobs of about equal length",
    Family.INTERACTIVE: "interactive tasks beside batch work",
    Family.IDLE: "a machine with little to do",
    Family.OTHER: "a load of no known kind",
}
"""Each family in words, with an article."""

_SYNONYMS: Final = {
    "stutter": "frame", "lag": "frame", "fps": "frame", "jank": "frame", "smooth": "frame",
    "gaming": "game", "games": "game", "frames": "frame", "tail": "p99", "p95": "p99",
    "p999": "p99", "percentile": "p99", "requests": "request", "server": "service",
    "services": "service", "backend": "service", "api": "service", "qps": "throughput",
    "rps": "throughput", "jobs": "job", "straggler": "longest", "longer": "longest",
    "long": "longest", "sooner": "finish", "done": "finish", "compiling": "compile",
    "build": "compile", "building": "compile", "rendering": "render", "workers": "worker",
    "tasks": "task", "cpus": "cpu", "call": "video", "sound": "audio", "turns": "turn",
}  # fmt: skip

_STOP_TEXT: Final = (
    "a an the of in on for to and or but with that this is are be it its my me i than so as by "
    "while must not may at most no one all from when has have much more"
)
_STOP: Final = frozenset(_STOP_TEXT.split())


def weigh(
    policies: Sequence[Policy], goal: GoalSpec, profile: WorkloadProfile
) -> tuple[Consideration, ...]:
    """Return one consideration per policy, best first, scored 0 to 1; ties go by name."""
    words = _word_scores(policies, _query(goal))
    weighed = [_consider(policy, goal, profile, words[policy.name]) for policy in policies]
    return tuple(sorted(weighed, key=lambda item: (-item.score, item.policy)))


def _consider(
    policy: Policy, goal: GoalSpec, profile: WorkloadProfile, words: float
) -> Consideration:
    measured = profile.family in policy.families
    named = _named_share(policy, goal)
    certainty = 0.5 + 0.5 * min(1.0, max(0.0, profile.confidence))
    score = _MEASURED * measured * certainty + _NAMED * named + _WORDS * words
    return Consideration(policy.name, round(score, 3), _why(policy, profile, named, words))


def _named_share(policy: Policy, goal: GoalSpec) -> float:
    for rank, family in enumerate(goal.families):
        if family in policy.families:
            return 1.0 / (1 + rank)
    return 0.0


def _why(policy: Policy, profile: WorkloadProfile, named: float, words: float) -> str:
    made_for = " and ".join(FAMILY_WORDS[family] for family in policy.families)
    reasons = []
    if profile.family in policy.families:
        reasons.append("that is what was measured")
    if named:
        reasons.append("the goal names it")
    if words >= 0.5:
        reasons.append("the goal's words fit its description")
    if not reasons:
        return f"Made for {made_for}; neither the measurement nor the goal points there."
    return f"Made for {made_for}; {', and '.join(reasons)}."


def _query(goal: GoalSpec) -> tuple[str, ...]:
    parts = [goal.text, _METRIC_WORDS[goal.objective], *goal.subjects]
    parts += [FAMILY_WORDS[family] for family in goal.families[:1]]
    return tuple(sorted(set(_terms(" ".join(parts)))))


def _terms(text: str) -> Iterable[str]:
    for word in re.findall(r"[^\W_]+", text.casefold()):
        if word not in _STOP:
            yield _SYNONYMS.get(word, word)


def _word_scores(policies: Sequence[Policy], query: Sequence[str]) -> dict[str, float]:
    frequencies = {policy.name: _weighted_terms(policy) for policy in policies}
    scores: dict[str, float] = {}
    for policy in policies:
        raw = sum(
            _rarity(term, list(frequencies.values()))
            * _saturated(frequencies[policy.name].get(term, 0.0))
            for term in query
        )
        scores[policy.name] = raw / (raw + _HALF)
    return scores


def _weighted_terms(policy: Policy) -> Mapping[str, float]:
    fields = {
        "name": policy.name.replace("_", " "),
        "title": policy.title,
        "tags": " ".join(policy.tags),
        "use_cases": " ".join(policy.use_cases),
        "text": policy.description,
    }
    counted: defaultdict[str, float] = defaultdict(float)
    for field, text in fields.items():
        terms = list(_terms(text))
        length = max(1.0, len(terms) / 8)
        for term in terms:
            counted[term] += _FIELD_WEIGHTS[field] / length
    return counted


def _rarity(term: str, documents: Sequence[Mapping[str, float]]) -> float:
    having = sum(1 for document in documents if term in document)
    return math.log(1 + (len(documents) - having + 0.5) / (having + 0.5))


def _saturated(frequency: float) -> float:
    return frequency / (frequency + _SATURATION)
