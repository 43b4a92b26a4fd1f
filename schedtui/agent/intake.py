"""Reads a goal: one sentence in, a GoalSpec, one question, or a refusal out. Deterministic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from schedtui.agent.aims import (
    BATCH_SUBJECTS,
    INTERACTIVE_SUBJECTS,
    aligned,
    metric_of,
)
from schedtui.agent.bounds import beyond_reach
from schedtui.agent.choices import FIRST_CHOICES
from schedtui.agent.clauses import MENTIONS, Clause, clauses_of, hardly_understood
from schedtui.agent.loads import load_of
from schedtui.agent.meaning import Desire, Role, desires_of
from schedtui.agent.naming import without_denied
from schedtui.agent.questions import (
    WHAT_GETS_BETTER,
    ask_how_much,
    ask_latency_of_what,
    ask_service,
    ask_whether,
    ask_which_first,
    ask_wrong_way,
)
from schedtui.agent.refusals import STARVATION, refusal_of
from schedtui.agent.spec import TEXT_LIMIT, Wish, spec_of
from schedtui.agent.terms import Kind
from schedtui.agent.words import is_sentence
from schedtui.measure.objectives import direction_of
from schedtui.model.goal import Clarification, GoalSpec, Guardrail, Layer, Metric, Refusal
from schedtui.model.text import safe_text

DEFAULT_TOLERANCE: Final = 0.02
"""How much a guardrail may get worse when the goal names no number."""

_MOST_TOLERANCE: Final = 0.9

_WISHES: Final = (Kind.ACTION, Kind.SYMPTOM, Kind.NEGATION, Kind.KEEP, Kind.VIRTUE, Kind.METRIC)
"""Marks that say that something is wanted, not only that it is there."""

_ASIDE: Final = frozenset({"while", "because", "than"})
"""Joins to what only happens: "it waits while the cores do nothing"."""

_EVERYBODY: Final = (
    "everyone", "everybody", "everything else", "all other", "other users", "other people",
    "other processes", "the others", "anyone else", "alle anderen", "tous les autres", "los demás",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Aim:
    """A desire with its metric."""

    metric: Metric
    desire: Desire


def read_goal(text: str) -> GoalSpec | Clarification | Refusal:
    """Return the goal as it was read, the one question to ask, or why it is refused.

    Never raises for any text; only the first TEXT_LIMIT characters are read.
    """
    clipped = text[:TEXT_LIMIT]
    clauses = clauses_of(without_denied(clipped, FIRST_CHOICES))
    return refusal_of(clipped, clauses) or _Reading(clipped, clauses).result()


class _Reading:
    """The state of reading one goal."""

    def __init__(self, text: str, clauses: Sequence[Clause]) -> None:
        self._text = text
        self._clauses = clauses
        self._subjects = tuple(m for c in clauses if c.join != "than" for m in c.of(Kind.SUBJECT))
        self._kinds = tuple(dict.fromkeys(mark.value for mark in self._subjects))
        self._spoken = frozenset(m.value for c in clauses for m in c.of(*MENTIONS))
        self._load = load_of(clauses, None, self._kinds)

    def result(self) -> GoalSpec | Clarification | Refusal:
        if not is_sentence(self._text) or hardly_understood(self._clauses):
            return WHAT_GETS_BETTER
        desires = self._desires()
        question = self._question(desires)
        if question:
            return question
        objectives, guards = self._aims(desires)
        if not objectives:
            objectives = self._usual()
        if not objectives:
            return self._left_alone() or WHAT_GETS_BETTER
        first = objectives[0]
        if self._asks_for_nothing():
            return ask_whether(first.metric)
        rivals = [aim for aim in objectives[1:] if not aligned(first.metric, aim.metric)]
        if rivals:
            return ask_which_first(first.metric, rivals[0].metric)
        guards += [aim for aim in objectives[1:] if aim.metric is not first.metric]
        spec = self._spec(first, guards, desires)
        return (spec.bound and beyond_reach(spec.objective, spec.bound)) or spec

    def _usual(self) -> list[_Aim]:
        """Return what a complaint about a load of a known kind is about."""
        wished = any(c.has(*_WISHES) for c in self._clauses)
        if self._load is None or self._load.usual is None or not wished:
            return []
        said = next(clause.said for clause in self._clauses if clause.loads)
        return [_Aim(self._load.usual, Desire(Role.OBJECTIVE, "", "", said))]

    def _left_alone(self) -> GoalSpec | None:
        asked = [mark for clause in self._clauses for mark in clause.of(Kind.LAYER)]
        if not any(mark.value in {Layer.KEEP, "fine"} for mark in asked):
            return None
        # Nothing will be tried, so nothing is measured: any metric would do.
        nothing = Wish(Metric.WAKEUP_P99, asked[0].said, (), ())
        read = spec_of(self._text, self._clauses, nothing, ())
        return replace(read, layer=Layer.KEEP, families=())

    def _asks_for_nothing(self) -> bool:
        """Tell whether nothing is to be changed, said beside what is to get better."""
        return any(
            mark.value == Layer.KEEP and f"{mark.said} else" not in clause.said
            for clause in self._clauses
            if clause.join not in _ASIDE
            for mark in clause.of(Kind.LAYER)
        )

    def _desires(self) -> tuple[Desire, ...]:
        found = [desire for clause in self._clauses for desire in desires_of(clause)]
        if not any(desire.role in {Role.OBJECTIVE, Role.GUARD} for desire in found):
            alone = [d for c in self._clauses for d in desires_of(c, stands_alone=True)]
            found = alone or found
        return tuple(found)

    def _question(self, desires: Sequence[Desire]) -> Clarification | Refusal | None:
        for desire in desires:
            metric = self._metric(desire)
            if desire.role is Role.WRONG and metric:
                return ask_wrong_way(metric, direction_of(metric))
            excessive = (desire.share or 0) > _MOST_TOLERANCE and desire.role is Role.GUARD
            if excessive and metric and self._tolerance(desire) > _MOST_TOLERANCE:
                return ask_how_much(metric)
        if any(_gives_up_everybody(clause) for clause in self._clauses):
            return STARVATION
        return self._unclear(desires)

    def _unclear(self, desires: Sequence[Desire]) -> Clarification | None:
        wishes = [d for d in desires if d.role in {Role.OBJECTIVE, Role.BARE}]
        if any(self._metric(wish) for wish in wishes) or self._usual():
            return None
        for wish in wishes:
            if wish.term == "latency":
                return ask_latency_of_what()
            if not wish.term and wish.subject == "service":
                return ask_service()
        return None

    def _aims(self, desires: Sequence[Desire]) -> tuple[list[_Aim], list[_Aim]]:
        objectives = self._with_role(desires, Role.OBJECTIVE)
        guards = self._with_role(desires, Role.GUARD)
        if not objectives:
            bare = self._with_role(desires, Role.BARE)
            # "my game must not stutter" is said like a guardrail and is the wish itself.
            ranked = sorted(
                (aim for aim in guards if aim.desire.symptom),
                key=lambda aim: aim.desire.subordinate,
            )
            objectives = [*ranked, *bare, *guards][:1]
        return objectives, [aim for aim in guards if aim not in objectives]

    def _with_role(self, desires: Sequence[Desire], role: Role) -> list[_Aim]:
        aims: dict[Metric, _Aim] = {}
        for desire in desires:
            metric = self._metric(desire) if desire.role is role else None
            if metric is not None:
                aims.setdefault(metric, _Aim(metric, desire))
        return list(aims.values())

    def _metric(self, desire: Desire) -> Metric | None:
        read = self._general_metric(desire)
        if read is None and desire.term == "latency" and self._load:
            read = self._load.latency
        return self._load.metric(read) if read and self._load else read

    def _general_metric(self, desire: Desire) -> Metric | None:
        subject = desire.subject or self._main_subject(desire)
        if subject in BATCH_SUBJECTS and _is_about_the_foreground(desire):
            subject = self._foreground() or subject
        if (
            desire.term == "latency"
            and not subject
            and (self._speaks_of("rate") or self._speaks_of("qps"))
        ):
            subject = "service"  # latency beside throughput is that of requests
        guarded = desire.role is not Role.OBJECTIVE
        metric = metric_of(desire.term, subject, guarded=guarded)
        if metric is Metric.MAKESPAN and desire.term != "makespan" and self._sooner_each():
            return Metric.COMPLETION
        wished = desire.term == "makespan" and desire.role in {Role.OBJECTIVE, Role.BARE}
        if wished or metric is not Metric.MAKESPAN:
            return metric
        if self._kinds_of_batch() and self._has_foreground():
            # Beside a game or a service, work in the background is judged by its rate.
            return Metric.RATE
        return metric

    def _sooner_each(self) -> bool:
        """Tell whether the words are about each job's own end, not about that of the last."""
        return any(self._speaks_of(term) for term in ("completion", "behind", "short first"))

    def _has_foreground(self) -> bool:
        if self._foreground():
            return True
        terms = ("frames", "fps", "frametime", "audio", "smooth", "input", "wakeup", "request")
        return any(self._speaks_of(term) for term in terms)

    def _speaks_of(self, term: str) -> bool:
        return term in self._spoken

    def _kinds_of_batch(self) -> bool:
        return bool(set(self._kinds) & BATCH_SUBJECTS)

    def _main_subject(self, desire: Desire) -> str:
        if desire.term in {"frames", "fps", "frametime", "audio", "smooth"}:
            return next((k for k in self._kinds if k in INTERACTIVE_SUBJECTS), "")
        if desire.term in {"latency", "lag", "request", "respond"}:
            return self._foreground()
        return self._kinds[0] if self._kinds else ""

    def _foreground(self) -> str:
        kinds = INTERACTIVE_SUBJECTS | {"service"}
        return next((kind for kind in self._kinds if kind in kinds), "")

    def _tolerance(self, desire: Desire) -> float:
        if desire.share is None:
            return DEFAULT_TOLERANCE
        return round(1 - desire.share, 4) if desire.remaining else desire.share

    def _spec(self, first: _Aim, guards: Sequence[_Aim], desires: Sequence[Desire]) -> GoalSpec:
        rails = tuple(self._rail(aim) for aim in guards if aim.metric is not first.metric)
        released = tuple(
            (desire.said, metric)
            for desire in desires
            if desire.role is Role.RELEASE and (metric := self._metric(desire))
        )
        wish = Wish(first.metric, first.desire.said, rails, released)
        return spec_of(self._text, self._clauses, wish, self._kinds)

    def _rail(self, aim: _Aim) -> Guardrail:
        tolerance = self._tolerance(aim.desire)
        said = safe_text(aim.desire.said)
        return Guardrail(aim.metric, direction_of(aim.metric), tolerance, said)


def _is_about_the_foreground(desire: Desire) -> bool:
    """Tell whether a batch is only the circumstance: what lags beside it is never the batch."""
    complaint = not desire.term and desire.subordinate and desire.role is Role.OBJECTIVE
    return desire.term == "lag" or complaint


def _gives_up_everybody(clause: Clause) -> bool:
    if clause.join != "even if" and not clause.has(Kind.RELEASE):
        return False
    return any(words in clause.said.casefold() for words in _EVERYBODY)
