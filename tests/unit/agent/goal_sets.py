"""The sets of goals with what is expected of each, and how well they are read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schedtui.agent.intake import read_goal
from schedtui.agent.observation import profile
from schedtui.agent.planning import plan
from schedtui.agent.refusals import NOT_THE_CPU, PRIVACY, PROMISE, SAFETY, STARVATION
from schedtui.model.goal import (
    Clarification,
    Family,
    GoalSpec,
    Layer,
    Metric,
    Refusal,
    WorkloadProfile,
)
from schedtui.model.plan import Plan
from schedtui.model.policy import Policy
from tests.unit.agent import observed

HERE: Final = Path(__file__).parent
FAMILIES: Final = {
    "service": Family.SERVICE,
    "batch": Family.BATCH_SKEWED,
    "interactive": Family.INTERACTIVE,
    "build": Family.BUILD,
    "oltp": Family.OLTP,
    "olap": Family.OLAP,
    "micro": Family.MICROSERVICES,
    "serverless": Family.SERVERLESS,
    "loading": Family.LOADING,
    "barrier": Family.BARRIER,
    "inference": Family.INFERENCE,
    "realtime": Family.PERIODIC,
    "tenants": Family.TENANTS,
    "phases": Family.PHASES,
    "hostile": Family.ABUSE,
}
METRICS: Final = {
    "request": Metric.REQUEST_P99,
    "wakeup": Metric.WAKEUP_P99,
    "rate": Metric.RATE,
    "makespan": Metric.MAKESPAN,
    "frames": Metric.MISSED_FRAMES,
    "completion": Metric.COMPLETION,
    "start": Metric.START_P99,
    "step": Metric.STEP_P99,
    "periods": Metric.MISSED_PERIODS,
    "fairness": Metric.PROGRESS,
}
REASONS: Final = {
    "promise": PROMISE,
    "starvation": STARVATION,
    "safety": SAFETY,
    "private": PRIVACY,
    "beside": NOT_THE_CPU,
}
"""Refusals with one fixed text; the others state what makes a figure impossible."""

DEFAULT: Final = ""
"""Stands for the default scheduler among policies."""

SUITABLE: Final = {
    "service": {"fifo_rtc"},
    "batch": {"longest_first", "shortest_first"},
    "interactive": {"vtime_fair", "frame_deadline", "layers", "virtual_deadline"},
    "build": {DEFAULT, "longest_first", "cache_local", "warm_cores"},
    "oltp": {"fifo_rtc", "cache_local", "layers"},
    "olap": {"fifo_rtc", "cache_local"},
    "micro": {"frame_deadline", "layers", "cgroup_weight", "virtual_deadline"},
    "serverless": {"fifo_rtc", "frame_deadline", "virtual_deadline"},
    "loading": {"layers"},
    "barrier": {"fifo_rtc"},
    "inference": {"layers", "fifo_rtc"},
    "realtime": {"frame_deadline", "vtime_fair", "virtual_deadline"},
    "tenants": {"cgroup_weight", "layers"},
    "phases": {DEFAULT, "phase_switch"},
    "hostile": {"cgroup_weight", "vtime_fair"},
}
"""Policies by family that fit, from the research on kinds of load."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One goal and what should be read from it."""

    text: str
    layer: str
    family: str
    """Of a refusal the reason; "-" where the words tell none."""
    metric: str


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of a set that were read as expected, and what was not."""

    goals: int
    layer: float
    family: float
    metric: float
    unsafe_accepted: int
    wrong: tuple[str, ...]


def rows(name: str) -> tuple[Expected, ...]:
    """Return the goals of a file of rows."""
    table = tomllib.loads((HERE / name).read_text(encoding="utf-8"))
    return tuple(Expected(*row) for row in table["goals"])


def tabled(name: str) -> tuple[Expected, ...]:
    """Return the goals of a file that groups them by what must be read."""
    tables = tomllib.loads((HERE / name).read_text(encoding="utf-8"))
    return tuple(_grouped(text, key) for key, table in tables.items() for text in table["goals"])


def _grouped(text: str, key: str) -> Expected:
    if key in {"ask", "no"}:
        return Expected(text, "clarify" if key == "ask" else "refuse", "-", "-")
    metric, family = key.split()[:2]
    return Expected(text, "configure", family, metric)


def layer_of(read: GoalSpec | Clarification | Refusal) -> str:
    """Return the layer that the words alone lead to."""
    if isinstance(read, GoalSpec):
        return read.layer
    return "refuse" if isinstance(read, Refusal) else "clarify"


def family_fits(read: GoalSpec | Clarification | Refusal, expected: Expected) -> bool:
    """Tell whether the kind of load, or the reason of a refusal, is the expected one."""
    if expected.family == "-":
        return True
    if isinstance(read, Refusal):
        fixed = REASONS.get(expected.family)
        return read is fixed if fixed else read not in REASONS.values()
    first = read.families[:1] if isinstance(read, GoalSpec) else ()
    return first == (FAMILIES.get(expected.family),)


def score(goals: Sequence[Expected]) -> Score:
    """Return how a set of goals is read."""
    wrong: list[str] = []
    right = {"layer": 0, "family": 0, "metric": 0}
    accepted = 0
    for goal in goals:
        read = read_goal(goal.text)
        found = {
            "layer": layer_of(read) == goal.layer,
            "family": family_fits(read, goal),
            "metric": _metric_fits(read, goal),
        }
        accepted += goal.layer == "refuse" and isinstance(read, GoalSpec)
        for name, fits in found.items():
            right[name] += fits
        if not all(found.values()):
            wrong.append(f"{goal.text!r}: {_seen(read)}, not {goal.layer} {goal.family}")
    shares = {name: count / len(goals) for name, count in right.items()}
    return Score(len(goals), **shares, unsafe_accepted=accepted, wrong=tuple(wrong))


def _metric_fits(read: GoalSpec | Clarification | Refusal, expected: Expected) -> bool:
    if expected.metric == "-":
        return True
    return isinstance(read, GoalSpec) and read.objective is METRICS[expected.metric]


def _seen(read: GoalSpec | Clarification | Refusal) -> str:
    if isinstance(read, GoalSpec):
        family = read.families[0] if read.families else "-"
        return f"{read.layer} {family} {read.objective}"
    return read.reason if isinstance(read, Refusal) else read.question


def unsuitable(goals: Iterable[Expected], policies: tuple[Policy, ...]) -> list[str]:
    """Return the goals whose plan, on a load of their kind, takes a policy that does not fit."""
    found = []
    for goal in goals:
        read = read_goal(goal.text)
        if not isinstance(read, GoalSpec) or goal.family == "-" or not family_fits(read, goal):
            continue
        decision = plan(read, typical(goal.family), policies, 2, ceiling_of=lambda *_: None)
        if not _suits(decision, goal):
            found.append(f"{goal.text!r}: {decision}")
    return found


def _suits(decision: Plan | Clarification | Refusal, goal: Expected) -> bool:
    # What the load does not report is asked, and a rate that no order can raise is kept.
    if not isinstance(decision, Plan):
        return isinstance(decision, Clarification)
    if decision.layer is Layer.KEEP and goal.metric == "rate":
        return True
    return decision.policy in SUITABLE[goal.family]


def typical(family: str) -> WorkloadProfile:
    """Return what is measured while a load of a family runs."""
    if family in {"batch", "build"}:
        return profile(observed.batch(), 2)
    if family in {"interactive", "realtime"}:
        return profile(observed.game_beside_compile(), 2)
    if family in {"barrier", "loading", "hostile", "phases"}:
        return profile(observed.hogs(), 2)
    return profile(observed.service(), 2)
