"""Puts what was read of a goal together: metric, guardrails, families, layer, numbers, reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from schedtui.agent.aims import families_of
from schedtui.agent.bounds import bound_of, budget_of
from schedtui.agent.clauses import MENTIONS, Clause
from schedtui.agent.loads import RESEMBLES, Load, load_of
from schedtui.agent.terms import Kind
from schedtui.measure.objectives import direction_of
from schedtui.model.goal import Family, GoalSpec, Guardrail, Layer, Metric
from schedtui.model.text import safe_text

TEXT_LIMIT: Final = 2000
"""Characters of a goal that are read."""

_REQUEST_TERMS: Final = frozenset({"qps", "request", "respond", "requests", "latency"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What the clauses of a goal come to."""

    metric: Metric
    said: str
    rails: tuple[Guardrail, ...]
    released: tuple[tuple[str, Metric], ...]
    """The words that say what may suffer, and its metric."""


def spec_of(text: str, clauses: Sequence[Clause], wish: Wish, kinds: Sequence[str]) -> GoalSpec:
    """Return the goal as it was read.

    Args:
        text: The goal.
        clauses: Its clauses.
        wish: What they come to.
        kinds: Values of its subject marks.
    """
    load = load_of(clauses, wish.metric, kinds)
    direction = direction_of(wish.metric)
    read = GoalSpec(
        text=safe_text(text, TEXT_LIMIT),
        objective=wish.metric,
        direction=direction,
        guardrails=wish.rails,
        subjects=_subjects(clauses, load),
        families=_families(clauses, wish.metric, kinds, load),
        reading=(),
        layer=_layer(clauses),
        bound=bound_of(wish.said, wish.metric),
        budget=budget_of(text),
    )
    return replace(read, reading=tuple(_lines(read, wish)))


def _subjects(clauses: Sequence[Clause], load: Load | None) -> tuple[str, ...]:
    named = [m.said for c in clauses if c.join != "than" for m in c.of(Kind.SUBJECT)]
    return tuple(dict.fromkeys(_shown(each) for each in (*named, *(load.said if load else ()))))


def _families(
    clauses: Sequence[Clause], metric: Metric, kinds: Sequence[str], load: Load | None
) -> tuple[Family, ...]:
    spoken = {mark.value for clause in clauses for mark in clause.of(*MENTIONS)}
    requests = "service" in kinds or bool(spoken & _REQUEST_TERMS)
    uneven = any(clause.has(Kind.UNEVEN) for clause in clauses)
    general = families_of(metric, kinds, requests=requests, uneven=uneven)
    if load is None:
        own = tuple(kin for family in general[:1] for kin in RESEMBLES.get(family, ()))
        return tuple(dict.fromkeys((*general, *own)))
    return tuple(dict.fromkeys((load.family, *general, *RESEMBLES[load.family])))


def _layer(clauses: Sequence[Clause]) -> Layer:
    asked = [mark.value for clause in clauses for mark in clause.of(Kind.LAYER)]
    for layer in (Layer.CREATE, Layer.MODIFY):
        if layer in asked:
            return layer
    return Layer.CONFIGURE


def _lines(read: GoalSpec, wish: Wish) -> Iterator[str]:
    yield f'"{_shown(wish.said)}" -> objective: {read.objective} {read.direction}'
    for rail in read.guardrails:
        percent = 100 * rail.tolerance
        yield f'"{_shown(rail.said)}" -> guardrail: {rail.metric} at most {percent:g} % worse'
    for said, metric in wish.released:
        yield f'"{_shown(said)}" -> {metric} may suffer: no guardrail'
    yield from _figures(read)
    if read.subjects and read.families:
        named = ", ".join(f'"{subject}"' for subject in read.subjects)
        yield f"{named} -> family: {read.families[0]}"


def _figures(read: GoalSpec) -> Iterator[str]:
    if read.bound is not None:
        wanted = (
            f"{read.bound.factor:.3g} times better than now"
            if read.bound.value is None
            else f"at most {read.bound.value:g} us"
        )
        yield f'"{_shown(read.bound.said)}" -> bound: {wanted}'
    if read.budget.seconds is not None:
        yield f"budget: {read.budget.seconds:g} s for trying; noted, not yet held"
    if read.budget.dollars is not None:
        yield f"budget: {read.budget.dollars:g} dollars at most for models"
    if read.layer is not Layer.CONFIGURE:
        yield f"the words ask to {read.layer} a policy"


def _shown(said: str) -> str:
    return safe_text(" ".join(said.casefold().split()), 80)
