"""Which kind of load the words name, beyond what is measured under the same name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schedtui.agent.aims import INTERACTIVE_SUBJECTS
from schedtui.agent.clauses import Clause
from schedtui.model.goal import Family, Metric

RESEMBLES: Final[Mapping[Family, tuple[Family, ...]]] = {
    Family.BUILD: (Family.BATCH_SKEWED, Family.BATCH_UNIFORM),
    Family.OLTP: (Family.SERVICE,),
    Family.OLAP: (Family.SERVICE, Family.BATCH_UNIFORM),
    Family.MICROSERVICES: (Family.SERVICE,),
    Family.SERVERLESS: (Family.SERVICE, Family.BATCH_SKEWED, Family.BATCH_UNIFORM),
    Family.LOADING: (Family.BATCH_UNIFORM, Family.INTERACTIVE, Family.SERVICE),
    Family.BARRIER: (Family.BATCH_UNIFORM, Family.SERVICE),
    Family.INFERENCE: (Family.SERVICE, Family.BATCH_UNIFORM),
    Family.PERIODIC: (Family.INTERACTIVE,),
    Family.TENANTS: (Family.SERVICE, Family.BATCH_UNIFORM, Family.INTERACTIVE),
    Family.PHASES: (Family.BATCH_UNIFORM, Family.INTERACTIVE, Family.SERVICE),
    Family.ABUSE: (Family.BATCH_UNIFORM, Family.INTERACTIVE, Family.SERVICE),
}
"""What a load of each kind is measured as, likeliest first: only words tell it from those."""

_USUAL: Final = {
    Family.BUILD: Metric.MAKESPAN,
    Family.MICROSERVICES: Metric.REQUEST_P99,
    Family.SERVERLESS: Metric.START_P99,
    Family.LOADING: Metric.STEP_P99,
    Family.BARRIER: Metric.STEP_P99,
    Family.PERIODIC: Metric.MISSED_PERIODS,
    Family.TENANTS: Metric.PROGRESS,
    Family.PHASES: Metric.RATE,
    Family.ABUSE: Metric.WAKEUP_P99,
}
"""What a complaint is about when it names the load alone; a database has two sides and is asked."""

_REQUEST, _WAKEUP, _RATE = Metric.REQUEST_P99, Metric.WAKEUP_P99, Metric.RATE
_MAKESPAN, _FRAMES = Metric.MAKESPAN, Metric.MISSED_FRAMES
_READ_AS: Final[Mapping[Family, Mapping[Metric, Metric]]] = {
    Family.SERVERLESS: dict.fromkeys((_REQUEST, _WAKEUP), Metric.START_P99),
    Family.LOADING: dict.fromkeys((_MAKESPAN, _RATE, _REQUEST, _FRAMES), Metric.STEP_P99),
    Family.BARRIER: dict.fromkeys((_MAKESPAN, _REQUEST, _FRAMES), Metric.STEP_P99),
    Family.PERIODIC: dict.fromkeys((_FRAMES, _REQUEST, _MAKESPAN), Metric.MISSED_PERIODS),
    Family.ABUSE: dict.fromkeys((_REQUEST, _FRAMES), _WAKEUP),
    Family.INFERENCE: {_MAKESPAN: _REQUEST},
    Family.OLAP: {_MAKESPAN: _REQUEST, Metric.COMPLETION: _REQUEST},
    Family.OLTP: {_MAKESPAN: _REQUEST},
}
"""What the general words mean for a load that has a measure of its own."""

_BY_PRIORITY: Final = (
    *(Family.LOADING, Family.BARRIER, Family.INFERENCE, Family.SERVERLESS, Family.PERIODIC),
    *(Family.MICROSERVICES, Family.OLAP, Family.OLTP, Family.BUILD, Family.ABUSE, Family.TENANTS),
    *(Family.PHASES,),
)
"""The more particular ones first: a container can hold a database, but no database a container."""

_CIRCUMSTANCES: Final = frozenset({"while", "than", "even if", "because"})
_BATCH_ENDS: Final = frozenset({None, Metric.MAKESPAN, Metric.COMPLETION})
_WEAK: Final = ("hog", "greedy", "idiot")
"""Words that people use for any program that computes."""


@dataclass(frozen=True, slots=True)
class Load:
    """A kind of load that the words name."""

    family: Family
    said: tuple[str, ...]

    @property
    def usual(self) -> Metric | None:
        """Return what gets better when the words do not say what."""
        return _USUAL.get(self.family)

    @property
    def latency(self) -> Metric:
        """Return whose latency it is when the words do not say: that of requests, or to run."""
        served = RESEMBLES[self.family][0] is Family.SERVICE
        return Metric.REQUEST_P99 if served else Metric.WAKEUP_P99

    def metric(self, read: Metric) -> Metric:
        """Return what a metric means for this load."""
        return _READ_AS.get(self.family, {}).get(read, read)


def load_of(
    clauses: Sequence[Clause], objective: Metric | None, subjects: Collection[str]
) -> Load | None:
    """Return the kind of load that the words name, None when they name none in particular.

    Args:
        clauses: The goal.
        objective: What is to be improved, None as long as it is not known.
        subjects: Values of the subject marks of the goal.
    """
    main = [clause for clause in clauses if clause.join not in _CIRCUMSTANCES]
    found = _named(main, objective, subjects)
    if not found and not any(_about(clause) for clause in main):
        found = _named(clauses, objective, subjects)
    # A program that computes is called greedy by any of its neighbours.
    found = [each for each in found if not _is_weak(*each)] or found
    if not found:
        return None
    counts = Counter(family for family, _ in found)
    best = min(counts, key=lambda family: (-counts[family], _BY_PRIORITY.index(family)))
    return Load(best, tuple(dict.fromkeys(said for family, said in found if family is best)))


def _is_weak(family: Family, said: str) -> bool:
    return family is Family.ABUSE and said.casefold().startswith(_WEAK)


def _about(clause: Clause) -> bool:
    return any(mark.kind == "subject" for mark in clause.marks)


def _named(
    clauses: Sequence[Clause], objective: Metric | None, subjects: Collection[str]
) -> list[tuple[Family, str]]:
    marks = [mark for clause in clauses for mark in clause.loads]
    named = [(Family(mark.value), mark.said) for mark in marks]
    foreground = bool(INTERACTIVE_SUBJECTS.intersection(subjects))
    return [
        (family, said)
        for family, said in named
        if _possible(family, said, objective, foreground=foreground)
    ]


def _possible(family: Family, said: str, objective: Metric | None, *, foreground: bool) -> bool:
    if family is Family.BUILD:
        return objective in _BATCH_ENDS and not foreground
    if family is Family.TENANTS and objective in {Metric.MAKESPAN, Metric.COMPLETION}:
        return False  # a container is where jobs run, not what is shared
    if family is Family.PERIODIC and objective is Metric.WAKEUP_P99:
        return True
    if family is Family.PERIODIC and foreground:
        return False
    lively = objective in {Metric.MISSED_FRAMES, Metric.WAKEUP_P99}
    if lively and foreground:
        return family is Family.ABUSE and not _is_weak(family, said)
    return True
