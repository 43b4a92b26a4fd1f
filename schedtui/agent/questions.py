"""The one short question that is asked when a goal cannot be read without guessing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schedtui.model.goal import Clarification, Direction, Family, Metric
from schedtui.policy.retrieval import FAMILY_WORDS

METRIC_WORDS: Final[Mapping[str, str]] = {
    Metric.REQUEST_P99: "p99 request latency",
    Metric.WAKEUP_P99: "p99 wake-up latency",
    Metric.RATE: "throughput",
    Metric.MAKESPAN: "time until the whole batch is done",
    Metric.MISSED_FRAMES: "missed frames",
    Metric.COMPLETION: "mean time until a job is done",
    Metric.START_P99: "p99 start delay",
    Metric.STEP_P99: "p99 step time",
    Metric.MISSED_PERIODS: "missed periods",
    Metric.PROGRESS: "progress of the disturbed tasks",
}
"""Each metric as people say it."""

WHAT_GETS_BETTER: Final = Clarification(
    "What should get better?",
    (
        "cut the p99 latency of the request service, throughput must not drop",
        "my game must not stutter while I compile",
        "finish the whole batch of jobs sooner",
    ),
)


def ask_service() -> Clarification:
    """Return the question which side of a service should get better."""
    return Clarification(
        "Should the service answer each request sooner, or answer more requests per second?",
        (
            "cut the p99 latency of the request service",
            "increase the throughput of the request service",
        ),
    )


def ask_latency_of_what() -> Clarification:
    """Return the question whose latency is meant."""
    return Clarification(
        "Whose latency should get lower?",
        (
            "lower the p99 latency of the request service",
            "my game must not stutter",
            "lower the p99 wake-up latency of interactive tasks",
        ),
    )


def ask_which_first(first: Metric, second: Metric) -> Clarification:
    """Return the question which of two wishes comes first when both cannot be served."""
    return Clarification(
        f"Which comes first, {METRIC_WORDS[first]} or {METRIC_WORDS[second]}?",
        (_first_of(first, second), _first_of(second, first)),
    )


def ask_whether(metric: Metric) -> Clarification:
    """Return the question to a goal that wants something better and nothing changed."""
    return Clarification(
        f"Improve {METRIC_WORDS[metric]}, or leave everything as it is?",
        (_wish(metric), "leave it as it is"),
    )


def ask_wrong_way(metric: Metric, good: Direction) -> Clarification:
    """Return the question to a goal that asks for something to get worse."""
    wish = _wish(metric)
    return Clarification(
        f"That would make {METRIC_WORDS[metric]} worse, and {good} is better. What is meant?",
        (wish, "leave it as it is"),
    )


def ask_how_much(metric: Metric) -> Clarification:
    """Return the question to a guardrail that would allow everything."""
    words = METRIC_WORDS[metric]
    return Clarification(
        f"That would leave nothing of {words}. How much worse may it get?",
        (f"{words} at most 5 % worse", f"{words} at most 20 % worse"),
    )


def _first_of(first: Metric, second: Metric) -> str:
    return f"{_wish(first)}, {METRIC_WORDS[second]} at most 5 % worse"


def _wish(metric: Metric) -> str:
    wishes = {
        Metric.REQUEST_P99: "cut the p99 latency of the request service",
        Metric.WAKEUP_P99: "lower the p99 wake-up latency",
        Metric.RATE: "increase the throughput",
        Metric.MAKESPAN: "finish the whole batch sooner",
        Metric.MISSED_FRAMES: "my game must not stutter",
        Metric.COMPLETION: "lower the mean completion time of the jobs",
        Metric.START_P99: "lower the start delay of the functions",
        Metric.STEP_P99: "lower the step time at the barrier",
        Metric.MISSED_PERIODS: "fewer missed periods of the control loop",
        Metric.PROGRESS: "every tenant gets its fair share",
    }
    return wishes[metric]


def ask_not_seen(metric: Metric, family: Family) -> Clarification:
    """Return the question when the goal's metric does not occur in what runs."""
    return Clarification(
        f"What runs looks like {FAMILY_WORDS[family]}, where {METRIC_WORDS[metric]} cannot be "
        "measured. What should get better?",
        _CHOICES.get(family, WHAT_GETS_BETTER.choices),
    )


_CHOICES: Final = {
    Family.SERVICE: (
        "cut the p99 latency of the request service",
        "increase the throughput of the request service",
    ),
    Family.BATCH_SKEWED: ("finish the whole batch of jobs sooner",),
    Family.BATCH_UNIFORM: ("finish the whole batch of jobs sooner",),
    Family.INTERACTIVE: ("my game must not stutter", "lower the p99 wake-up latency"),
}
