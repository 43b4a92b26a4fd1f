"""From the words of a desire to a metric, and from subjects to families."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schedtui.model.goal import Family, Metric

INTERACTIVE_SUBJECTS: Final = frozenset({"game", "video call", "audio", "desktop"})
BATCH_SUBJECTS: Final = frozenset({"compile", "batch"})

_ALIGNED: Final = (
    frozenset({Metric.REQUEST_P99, Metric.WAKEUP_P99, Metric.MISSED_FRAMES}),
    frozenset({Metric.WAKEUP_P99, Metric.MISSED_PERIODS, Metric.START_P99}),
    frozenset({Metric.REQUEST_P99, Metric.PROGRESS, Metric.WAKEUP_P99}),
    frozenset({Metric.REQUEST_P99, Metric.START_P99}),
    frozenset({Metric.RATE, Metric.MAKESPAN, Metric.STEP_P99}),
)

_NATURAL: Final = {
    Metric.START_P99: Family.SERVERLESS,
    Metric.STEP_P99: Family.BARRIER,
    Metric.MISSED_PERIODS: Family.PERIODIC,
    Metric.PROGRESS: Family.TENANTS,
}
"""Metrics that only one kind of load has."""

_ANSWERS: Final = frozenset({"request", "respond", "requests"})
_SERVICE_READS_AS_REQUEST: Final = frozenset(
    {"smooth", "frames", "audio", "lag", "finish", "short first"}
)

_PLAIN_TERMS: Final = {
    "wakeup": Metric.WAKEUP_P99,
    "input": Metric.WAKEUP_P99,
    "rate": Metric.RATE,
    "qps": Metric.RATE,
    "makespan": Metric.MAKESPAN,
    "finish": Metric.MAKESPAN,
    "straggler": Metric.MAKESPAN,
    "fps": Metric.MISSED_FRAMES,
    "frametime": Metric.MISSED_FRAMES,
    "frames": Metric.MISSED_FRAMES,
    "audio": Metric.MISSED_FRAMES,
    "smooth": Metric.MISSED_FRAMES,
    "completion": Metric.COMPLETION,
    "behind": Metric.COMPLETION,
    "short first": Metric.COMPLETION,
    "start": Metric.START_P99,
    "step": Metric.STEP_P99,
    "periods": Metric.MISSED_PERIODS,
    "share": Metric.PROGRESS,
}


def metric_of(term: str, subject: str, *, guarded: bool) -> Metric | None:
    """Return the metric that ``term`` means for ``subject``; None when it cannot be told.

    Args:
        term: Value of a metric, symptom or virtue mark; empty when only a subject was named.
        subject: Value of the subject mark, may be empty.
        guarded: Whether it is to be protected, not improved.
    """
    if not term:
        return _of_subject(subject, guarded=guarded)
    if term in _ANSWERS:
        return _answer_of(term, subject)
    if subject == "service" and term in _SERVICE_READS_AS_REQUEST:
        return Metric.REQUEST_P99
    if term == "latency":
        return _latency_of(subject)
    if term == "lag":
        return Metric.MAKESPAN if subject in BATCH_SUBJECTS else Metric.MISSED_FRAMES
    return _PLAIN_TERMS.get(term)


def _of_subject(subject: str, *, guarded: bool) -> Metric | None:
    if subject in INTERACTIVE_SUBJECTS:
        return Metric.MISSED_FRAMES
    if subject in BATCH_SUBJECTS:
        return Metric.MAKESPAN
    # A faster service can mean latency or rate: as a wish it is asked, as a guardrail both suffer.
    return Metric.REQUEST_P99 if subject == "service" and guarded else None


def _answer_of(term: str, subject: str) -> Metric:
    if term == "respond" and subject in BATCH_SUBJECTS:
        return Metric.COMPLETION  # jobs that wait
    return Metric.WAKEUP_P99 if subject in INTERACTIVE_SUBJECTS else Metric.REQUEST_P99


def _latency_of(subject: str) -> Metric | None:
    if subject in INTERACTIVE_SUBJECTS:
        return Metric.WAKEUP_P99
    if subject in BATCH_SUBJECTS:
        return Metric.MAKESPAN
    return Metric.REQUEST_P99 if subject == "service" else None


def aligned(left: Metric, right: Metric) -> bool:
    """Tell whether one order of tasks can serve both metrics at once."""
    return any(left in group and right in group for group in _ALIGNED)


def families_of(
    objective: Metric, subjects: Sequence[str], *, requests: bool = False, uneven: bool = False
) -> tuple[Family, ...]:
    """Return the families that the words point to, best first.

    Args:
        objective: What is to be improved.
        subjects: Values of the subject marks.
        requests: Whether the words speak of requests or their latency.
        uneven: Whether the words speak of jobs of different length.
    """
    kinds = set(subjects)
    found: list[Family] = []
    if objective in {Metric.MAKESPAN, Metric.COMPLETION}:
        found += [Family.BATCH_SKEWED, Family.BATCH_UNIFORM]
    if objective is Metric.REQUEST_P99 or (objective is Metric.RATE and requests):
        found.append(Family.SERVICE)
    if objective is Metric.MISSED_FRAMES or kinds & INTERACTIVE_SUBJECTS:
        found.append(Family.INTERACTIVE)
    if "service" in kinds:
        found.append(Family.SERVICE)
    if objective is Metric.WAKEUP_P99 and not found:
        found.append(Family.INTERACTIVE)
    if objective in _NATURAL:
        found.insert(0, _NATURAL[objective])
    if (kinds & BATCH_SUBJECTS and not found) or uneven:
        found += [Family.BATCH_SKEWED, Family.BATCH_UNIFORM]
    return tuple(dict.fromkeys(found))
