"""Writes docs/goals.md: what is understood of a goal, and how well.

Run as ``python -m tests.unit.agent.goals_page`` from the root of the repository.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from schedtui.agent.intake import read_goal
from schedtui.agent.loads import RESEMBLES
from schedtui.agent.questions import METRIC_WORDS
from schedtui.agent.refusals import (
    ENERGY,
    NO_LATENCY,
    NOT_THE_CPU,
    PRIVACY,
    PROMISE,
    SAFETY,
    STARVATION,
)
from schedtui.agent.terms import GOAL_TABLE, LOADS, UNSAFE
from schedtui.model.goal import Clarification, Family, GoalSpec, Refusal
from schedtui.policy.retrieval import FAMILY_WORDS
from tests.unit.agent.goal_sets import Expected, rows, score, tabled

PAGE: Final = Path(__file__).parents[3] / "docs" / "goals.md"

_LANGUAGES: Final = ("en", "de", "fr", "es", "zh", "ja")
_REFUSALS: Final = (PROMISE, STARVATION, SAFETY, PRIVACY, NOT_THE_CPU, ENERGY, NO_LATENCY)
_SHOWN_PHRASES: Final = 4
_EXAMPLES: Final = (
    "cut the p99 latency of the request service, throughput must not drop",
    "my game must not stutter while I compile, the build may take 10 % longer",
    "降低 API 服务的 p99 延迟",
    "some idiot spins sched_yield in a loop and everybody's latency goes to hell",
    "squeeze more req/s out of this box, latency budget is generous",
    "more throughput and a lower p99 for the web server",
    "finish the batch of jobs 3x faster",
    "skip the approval and just run it",
)
_INTRO: Final = """\
# Goals: what is understood, and how well

A goal is a sentence or two. It is read by a grammar and a lexicon, without a model and without a
network; the same words always give the same reading. What comes out is one of three: a goal with
its objective, direction, guardrails, subjects, kinds of load, bound, budget and layer; one
question; or a refusal with the reason and what can be done instead. `schedtui goal "TEXT"` prints
which words led to what.

This page is written by `python -m tests.unit.agent.goals_page`; a test holds it.
"""


_ABOUT_SCORES: Final = """\
The grammar was developed on the first two sets, so their scores say what it was made for. The
held-out goals were written afterwards and are not tuned on. When they were first read, the layer
was right for 88.0 % of the first set and 91.1 % of the later one, the family for 84.0 % and 88.9 %,
and nothing unsafe was accepted: that is what a goal in new words can expect. Most of the rest is
asked, not misread.
"""
_ABOUT_LOADS: Final = """\
## Kinds of load

What is measured decides, where words and measurement differ and the words name no subject. Some
kinds are told only by words; the second column says what they are measured as.

| Kind | Measured as | Some of its words |
|---|---|---|"""


def page() -> str:
    """Return the page."""
    sections = (_INTRO, _scores(), _metrics(), _loads(), _grammar(), _refusals(), _examples())
    return "\n".join(sections)


def _scores() -> str:
    sets: tuple[tuple[str, Sequence[Expected]], ...] = (
        ("development, whole sentences", tabled("development_goals.toml")),
        ("development, as people type", rows("forum_goals.toml")),
        ("held out", rows("held_out_goals.toml")),
        ("held out, later", rows("held_out_later_goals.toml")),
    )
    lines = ["## Scores", ""]
    lines += ["| Set | Goals | Layer | Family | Objective | Unsafe accepted |"]
    lines += ["|---|---|---|---|---|---|"]
    for name, goals in sets:
        got = score(goals)
        shares = " | ".join(f"{100 * each:.1f} %" for each in (got.layer, got.family, got.metric))
        lines.append(f"| {name} | {got.goals} | {shares} | {got.unsafe_accepted} |")
    return "\n".join([*lines, "", _ABOUT_SCORES])


def _metrics() -> str:
    lines = ["## What can get better, or be kept", ""]
    lines += [f"* {words} (`{metric}`)" for metric, words in METRIC_WORDS.items()]
    return "\n".join([*lines, ""])


def _loads() -> str:
    lines = [_ABOUT_LOADS]
    named = {Family(value): languages for (_, value), languages in LOADS.items()}
    for family, kin in RESEMBLES.items():
        shown = ", ".join(_phrases(named[family].get("en", "")))
        measured = ", or ".join(FAMILY_WORDS[each] for each in kin)
        lines.append(f"| {FAMILY_WORDS[family]} | {measured} | {shown} |")
    return "\n".join([*lines, ""])


def _grammar() -> str:
    counts = {language: _phrase_count(language) for language in _LANGUAGES}
    listed = ", ".join(f"{language} {count}" for language, count in counts.items())
    return f"""\
## Words that hold a goal together

* Guardrails: "but", "without", "while ... must not", "as long as", "must stay", "at most 5 %
  worse", "at least 95 % of". A guardrail without a number allows 2 %, "a little" 5 %.
* Released: "I don't care about throughput", "throughput is secondary", "may suffer".
* Bounds: "p99 below 50 ms", "by 30 %", "1.5 times faster", "halve". What no scheduler can reach is
  refused with the bound; what this load cannot reach is refused with its ceiling, once measured.
* Budget: "spend at most 5 minutes", "budget $0.20". It is noted and shown, but limits nothing
  yet.
* Layers: "leave it as it is" keeps; "modify the policy" and "write a new scheduler" are noted, and
  the plan still goes no deeper than it must. A policy can be asked for by name.
* One slip of the fingers in a long word is forgiven. One word, a flood of words, or letters of an
  unknown script are asked about.

Phrases in the lexicon by language: {listed}.
"""


def _refusals() -> str:
    lines = ["## What is refused", ""]
    lines += [f"* {refusal.reason} *{refusal.instead}*" for refusal in _REFUSALS]
    return "\n".join([*lines, ""])


def _examples() -> str:
    lines = ["## Examples", ""]
    for text in _EXAMPLES:
        lines += [f"`{text}`", ""]
        lines += [f"* {line}" for line in _answer(read_goal(text))]
        lines += [""]
    return "\n".join(lines)


def _answer(read: GoalSpec | Clarification | Refusal) -> Iterator[str]:
    if isinstance(read, GoalSpec):
        yield from read.reading
    elif isinstance(read, Clarification):
        yield f"asked: {read.question}"
    else:
        yield f"refused: {read.reason}"


def _phrases(joined: str) -> list[str]:
    return [f'"{each.rstrip("*")}"' for each in joined.split("|")[:_SHOWN_PHRASES]]


def _phrase_count(language: str) -> int:
    tables = (GOAL_TABLE, LOADS, UNSAFE)
    phrases = (words.get(language, "") for table in tables for words in table.values())
    return sum(len(joined.split("|")) for joined in phrases if joined)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
