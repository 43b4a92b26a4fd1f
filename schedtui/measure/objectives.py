"""What a trial of each built-in workload can be about, and what must not suffer for it."""

from __future__ import annotations

from typing import Final

from schedtui.measure.catalogue import REQUEST_SERVICE
from schedtui.measure.load_options import serves_requests
from schedtui.model.goal import Direction, Guardrail, Metric
from schedtui.model.trial import WorkloadSpec

_METRICS: Final[dict[str, tuple[str, ...]]] = {
    "request_service": (
        *(Metric.REQUEST_P99, Metric.WAKEUP_P99, Metric.RATE),
        *("request_p50_us", "wakeup_p50_us"),
    ),
    "uneven_batch": (Metric.MAKESPAN, "mean_completion_ms"),
    "uniform_batch": (Metric.MAKESPAN, "mean_completion_ms"),
    "game_compile": (
        *(Metric.MISSED_FRAMES, Metric.WAKEUP_P99),
        *("frame_p99_us", "low1_fps", "jobs_per_s"),
    ),
    "messages": (Metric.RATE,),
    "fork_storm": (
        *(Metric.RATE, "start_p99_us", "life_p99_us"),
        *("start_p50_us", "life_p50_us"),
    ),
    "service_chain": (Metric.REQUEST_P99, Metric.RATE, "request_p50_us"),
    "barrier_steps": (
        *(Metric.RATE, "step_p99_us", "step_p50_us"),
        *("straggler_ratio_p99", "straggler_ratio_p50"),
    ),
    "periodic": (
        *(Metric.WAKEUP_P99, "missed_periods_pct", Metric.RATE),
        *("wakeup_p50_us", "hogs_cpu_pct"),
    ),
    "phases": (
        *(Metric.RATE, "burnt_pct", "wakeup_max_us"),
        *("round_trip_p99_us", "round_trip_p50_us"),
    ),
    "adversary": (Metric.WAKEUP_P99, "progress_pct", "wakeup_p50_us"),
    "command": ("wall_ms", "cpu_ms"),
}

HOST_ENERGY: Final = "host_energy_j"
"""Energy of the host's processors during a window, where it can be read: shown, never judged, for
it is of everything that runs on the host."""

_USUAL: Final = "the usual guardrails of this load"

_RATE: Final = Guardrail(Metric.RATE, Direction.HIGHER, 0.02, _USUAL)
_REQUEST: Final = Guardrail(Metric.REQUEST_P99, Direction.LOWER, 0.05, _USUAL)
_MAKESPAN: Final = Guardrail(Metric.MAKESPAN, Direction.LOWER, 0.05, _USUAL)
_HOGS: Final = Guardrail("hogs_cpu_pct", Direction.HIGHER, 0.1, _USUAL)

_GUARDRAILS: Final = {
    "request_service": (_RATE, _REQUEST),
    "uneven_batch": (_MAKESPAN,),
    "uniform_batch": (_MAKESPAN,),
    "game_compile": (
        Guardrail(Metric.MISSED_FRAMES, Direction.LOWER, 0.05, _USUAL),
        # Frames in time cost the compile something; they may not cost it everything.
        Guardrail("jobs_per_s", Direction.HIGHER, 0.1, _USUAL),
    ),
    "messages": (_RATE,),
    "fork_storm": (_RATE,),
    "service_chain": (_RATE, _REQUEST),
    "barrier_steps": (_RATE,),
    "periodic": (_RATE, _HOGS),
    "phases": (_RATE, Guardrail("burnt_pct", Direction.HIGHER, 0.05, _USUAL)),
    "adversary": (Guardrail("progress_pct", Direction.HIGHER, 0.05, _USUAL),),
    "command": (Guardrail("wall_ms", Direction.LOWER, 0.05, _USUAL),),
}

_RISING: Final = frozenset({"progress_pct", "burnt_pct", "hogs_cpu_pct"})
"""Shares of which more is better; of those of what was missed, less is."""


def metrics_of(spec: WorkloadSpec) -> tuple[str, ...]:
    """Return the metrics that a trial of ``spec`` can be judged by, its usual one among them."""
    metrics = _METRICS[spec.name]
    if spec.name != REQUEST_SERVICE.name or serves_requests(spec):
        return metrics
    return tuple(metric for metric in metrics if not metric.startswith("request_"))


def direction_of(metric: str) -> Direction:
    """Return the good direction of a metric: rates and shares of work done up, all else down."""
    rising = metric in _RISING or metric.endswith(("_per_s", "_fps"))
    return Direction.HIGHER if rising else Direction.LOWER


def usual_guardrails(spec: WorkloadSpec, metric: str) -> tuple[Guardrail, ...]:
    """Return what must not get worse while ``metric`` is improved, when nobody said more."""
    reported = metrics_of(spec)
    rails = (rail for rail in _GUARDRAILS[spec.name] if rail.metric in reported)
    return tuple(rail for rail in rails if rail.metric != metric)
