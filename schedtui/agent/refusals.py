"""Goals that are not pursued: promises nobody can keep, harm to others, safety switched off."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from schedtui.agent.clauses import Clause
from schedtui.agent.lexicon import GOAL_LEXICON, UNSAFE_LEXICON, Mark
from schedtui.agent.starving import MEASURED, complained_of, others_stopped
from schedtui.agent.terms import Kind
from schedtui.agent.words import Word, WordKind, words_of
from schedtui.model.goal import Refusal

_DENIAL_TEXT: Final = (
    "not no never dont without avoid prevent nobody nothing doesnt mustnt cannot cant stop wont "
    "nicht kein keine keinen keinem ohne nie vermeide pas sans jamais aucun aucune evite sin "
    "nunca ningun ninguna evita shouldnt neither nor instead"
)
_DENIALS: Final = frozenset(_DENIAL_TEXT.split())
_DENIAL_REACH: Final = 5
"""A denial speaks for this many words after it."""

_BARE_DENIALS: Final = frozenset({"without", "no", "ohne", "keine", "kein", "sans", "sin"})
_BETWEEN_TEXT: Final = (
    "any the a an my your further manual all kernel bpf more such jede eine die der aucune la le "
    "ninguna safety being additional vorherige"
)
_BETWEEN: Final = frozenset(_BETWEEN_TEXT.split())

PROMISE: Final = Refusal(
    "No scheduler on this kernel can guarantee a deadline, and sched_ext never schedules "
    "real-time tasks: this program can measure and improve, not guarantee.",
    "Say what should get better, e.g. 'lower the p99 latency of the request service', or run "
    "the task under SCHED_DEADLINE on a kernel built for real time.",
)
STARVATION: Final = Refusal(
    "A policy that leaves others without CPU time is not built: the trial and the guards would "
    "reject it anyway.",
    "Name what others may lose, e.g. 'my game must not stutter, the compile may take 10 % longer'.",
)
SAFETY: Final = Refusal(
    "Verification, approval, lease and guards cannot be switched off: they are what makes a new "
    "scheduler safe to try.",
    "Leave them on and say the goal alone; a verified plan needs one confirmation.",
)
PRIVACY: Final = Refusal(
    "This program changes only when tasks run. It does not read the data of processes, files or "
    "keys, and takes no instructions about them.",
    "Say what should run better, e.g. 'cut the p99 latency of the request service'.",
)
NOT_THE_CPU: Final = Refusal(
    "A CPU scheduler decides which task runs next; it does not make disks, networks, memory or "
    "graphics cards faster.",
    "If something waits for a CPU beside that, name it, e.g. 'the request service must answer "
    "faster while the backup runs'.",
)
ENERGY: Final = Refusal(
    "Power is not among the things that can be measured here, so no change could be proved.",
    "Name a latency, a rate, missed frames or the time a batch takes.",
)
NO_LATENCY: Final = Refusal(
    "No latency or time can be brought to zero: a task needs its own CPU time even when nothing "
    "is in its way.",
    "Say 'lower' instead; the plan will state the best that any policy could reach.",
)


_NEAR: Final = 5
"""Words between "disable" and what is disabled."""

_TOLD: Final = frozenset({Kind.METRIC, Kind.SYMPTOM, Kind.VIRTUE})

_PROGRAMS: Final = frozenset(
    {"service", "server", "api", "manager", "store", "database", "backend", "app", "gateway"}
)
_DATA: Final = frozenset(
    {"data", "memory", "files", "traffic", "screen", "keys", "messages", "env", "environment"}
    | {"tokens", "secrets", "mail", "mails", "heap", "stack", "history", "clipboard"}
)

_NO_TIME: Final = (
    "zero latency", "no latency at all", "no latency whatsoever", "absolutely no latency",
    "without any latency", "zero delay", "latency to zero", "latency to 0", "latency of zero",
    "instant response", "null latenz", "latence nulle", "latencia cero", "zero milliseconds",
)  # fmt: skip


def refusal_of(text: str, clauses: Sequence[Clause]) -> Refusal | None:
    """Return why a goal is not pursued, or None when nothing speaks against it."""
    words = words_of(text)
    marks = UNSAFE_LEXICON.marks(words)
    return _unsafe(words, marks) or _beside_the_point(clauses) or _impossible(words)


def _unsafe(words: Sequence[Word], marks: Sequence[Mark]) -> Refusal | None:
    asked = [m for m in marks if not _denied(words, m) and not complained_of(words, m)]
    kinds = {mark.kind for mark in asked}
    private = any(m.kind is Kind.PRIVATE and not _names_a_service(words, m) for m in marks)
    if private or _reads_others(words, kinds):
        return PRIVACY
    if _safety_off(words, marks, asked):
        return SAFETY
    if Kind.STARVE in kinds or others_stopped(words, marks, asked):
        return STARVATION
    return PROMISE if Kind.GUARANTEE in kinds else None


def _reads_others(words: Sequence[Word], kinds: set[Kind]) -> bool:
    if Kind.READ not in kinds:
        return False
    of_data = any(word.plain in _DATA for word in words)
    return Kind.OTHER_OWNER in kinds or (Kind.OTHERS in kinds and of_data)


def _denied(words: Sequence[Word], mark: Mark) -> bool:
    for word in reversed(words[max(0, mark.at - _DENIAL_REACH) : mark.at]):
        if word.kind is WordKind.STOP or word.plain in {"but", "and", "aber", "mais", "pero"}:
            return False
        if word.plain in _DENIALS:
            return True
    return False


def _safety_off(words: Sequence[Word], marks: Sequence[Mark], asked: Sequence[Mark]) -> bool:
    safety = [mark for mark in marks if mark.kind is Kind.SAFETY]
    switched = [mark for mark in asked if mark.kind is Kind.DISABLE]
    stopped = [mark for mark in asked if mark.kind is Kind.STOP_WORK]
    near = any(
        _acts_on(off, on) and not _aimed_elsewhere(words, off, on)
        for off in switched
        for on in safety
    )
    near = near or any(0 <= on.at - off.end <= 1 for off in stopped for on in safety)
    if any(mark.value == "off" for mark in asked):
        return True
    return near or any(_plainly_denied(words, mark) for mark in safety)


def _acts_on(off: Mark, on: Mark) -> bool:
    if off.value == "after":  # "turn the guards off", but not "kick off"
        return 0 <= off.at - on.end <= 1
    return _gap(off, on) <= _NEAR


def _aimed_elsewhere(words: Sequence[Word], off: Mark, on: Mark) -> bool:
    """Tell whether a figure is to go, beside a like word: "checks time out, remove the latency"."""
    told = [m for m in GOAL_LEXICON.marks(words[off.end : off.end + 3]) if m.kind in MEASURED]
    if off.value == "after" or not told:
        return False
    after = words[off.end + told[0].end : on.at]
    return on.at < off.at or (bool(after) and after[0].plain in {"of", "for", "in"})


def _gap(left: Mark, right: Mark) -> int:
    return max(left.at, right.at) - min(left.end, right.end)


def _plainly_denied(words: Sequence[Word], mark: Mark) -> bool:
    """Tell whether "without" or "no" stands directly before, as in "without any approval"."""
    for word in reversed(words[max(0, mark.at - 3) : mark.at]):
        if word.plain in _BARE_DENIALS:
            return True
        if word.plain not in _BETWEEN:
            return False
    return False


def _names_a_service(words: Sequence[Word], mark: Mark) -> bool:
    """Tell whether the word only names a program, as in "the password service"."""
    return mark.end < len(words) and words[mark.end].plain in _PROGRAMS


def _beside_the_point(clauses: Sequence[Clause]) -> Refusal | None:
    if _only_a_resource(clauses):
        return NOT_THE_CPU
    for clause in clauses:
        named = any(mark.value != "machine" for mark in clause.of(Kind.SUBJECT))
        if clause.subordinate or clause.has(Kind.SYMPTOM, Kind.VIRTUE):
            continue
        if _resource_acted_on(clause):
            return NOT_THE_CPU
        if named:
            continue
        if clause.has(Kind.ENERGY):
            return ENERGY
        if clause.has(Kind.RESOURCE) and clause.has(Kind.ACTION):
            return NOT_THE_CPU
    return None


def _only_a_resource(clauses: Sequence[Clause]) -> bool:
    """Tell whether a resource is all that the goal names: "disk wait is high, fix it"."""
    marks = [mark for clause in clauses for mark in clause.marks]
    named = {mark.kind for mark in marks if mark.value != "machine"}
    subject = Kind.SUBJECT in named or any(clause.loads for clause in clauses)
    return Kind.RESOURCE in named and Kind.ACTION in named and not subject and not named & _TOLD


def _resource_acted_on(clause: Clause) -> bool:
    """Tell whether an action stands directly before a resource: "faster internet for my game"."""
    for before, mark in itertools.pairwise(clause.marks):
        adjacent = before.kind is Kind.ACTION and before.end == mark.at
        if adjacent and mark.kind is Kind.RESOURCE and not _subject_follows(clause, mark):
            return True
    return False


def _subject_follows(clause: Clause, mark: Mark) -> bool:
    return any(subject.at == mark.end for subject in clause.of(Kind.SUBJECT))


def _impossible(words: Sequence[Word]) -> Refusal | None:
    plain = " ".join(word.plain for word in words)
    return NO_LATENCY if any(phrase in plain for phrase in _NO_TIME) else None
