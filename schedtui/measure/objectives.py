"""What a trial of each built-in workload can be about, and what must not suffer for it."""

from __future__ import annotations

from typing import Final

from schedtui.model.goal import Direction, Guardrail, Metric
from schedtui.model.trial import WorkloadSpec

_METRICS: Final[dict[str, tuple[str, ...]]] = {
    "request_service": (
        *(Metric.REQUEST_P99, Metric.WAKEUP_P99, Metric.RATE),
        *("request_p50_us", "wakeup_p50_us"),
    ),
    "uneven_batch": (Metric.MAKESPAN, "mean_completion_ms"),
    "game_compile": (
        *(Metric.MISSED_FRAMES, Metric.WAKEUP_P99),
        *("frame_p99_us", "low1_fps", "jobs_per_s"),
    ),
    "messages": (Metric.RATE,),
}

_USUAL: Final = "the usual guardrails of this load"

_GUARDRAILS: Final = {
    "request_service": (
        Guardrail(Metric.RATE, Direction.HIGHER, 0.02, _USUAL),
        Guardrail(Metric.REQUEST_P99, Direction.LOWER, 0.05, _USUAL),
    ),
    "game_compile": (Guardrail(Metric.MISSED_FRAMES, Direction.LOWER, 0.05, _USUAL),),
}


def metrics_of(spec: WorkloadSpec) -> tuple[str, ...]:
    """Return the metrics that a trial of ``spec`` can be judged by, its usual one among them."""
    return _METRICS.get(spec.name, (spec.objective,))


def direction_of(metric: str) -> Direction:
    """Return the good direction of a metric: rates and frame rates up, all else down."""
    return Direction.HIGHER if metric.endswith(("_per_s", "_fps")) else Direction.LOWER


def usual_guardrails(spec: WorkloadSpec, metric: str) -> tuple[Guardrail, ...]:
    """Return what must not get worse while ``metric`` is improved, when nobody said more."""
    return tuple(rail for rail in _GUARDRAILS.get(spec.name, ()) if rail.metric != metric)
