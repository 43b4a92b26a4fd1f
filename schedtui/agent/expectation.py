"""What a plan may expect, before it is measured: a range from arithmetic and research."""

from __future__ import annotations

from typing import Final

from schedtui.model.goal import Metric, WorkloadProfile
from schedtui.model.plan import Ceiling

_SERVICE: Final = {
    Metric.REQUEST_P99: ((3.0, (2.0, 6.0)), (1.5, (1.2, 3.0)), (0.0, (1.0, 1.3))),
    Metric.RATE: ((3.0, (1.3, 2.5)), (1.5, (1.0, 1.6)), (0.0, (1.0, 1.1))),
    Metric.WAKEUP_P99: ((3.0, (1.3, 4.0)), (1.5, (1.1, 2.0)), (0.0, (1.0, 1.2))),
}
"""Least runnable tasks per CPU, and the range seen there by run-to-completion scheduling."""

_OTHERS: Final = {
    Metric.MAKESPAN: (1.05, 1.5),
    Metric.MISSED_FRAMES: (1.5, 8.0),
    Metric.WAKEUP_P99: (1.5, 10.0),
}
_UNKNOWN: Final = (1.0, 1.1)


def expected(
    workload: str | None, metric: Metric, profile: WorkloadProfile, ceiling: Ceiling | None
) -> tuple[float, float]:
    """Return the expected improvement of ``metric`` as a factor, low and high end.

    The range comes from published and own measurements of the same kind of load; it never
    exceeds the ceiling.

    Args:
        workload: The workload that stands for the load, None when the policy is made for
            another kind, so that nothing is known of the two together.
        metric: The objective.
        profile: What was measured.
        ceiling: The best that any policy could reach, None when unknown.
    """
    low, high = _prior(workload, metric, profile)
    if ceiling is None:
        return low, high
    high = min(high, ceiling.factor)
    # Close to the ceiling, half of the way there is what can be hoped for at the low end.
    return round(min(low, 1 + 0.5 * (high - 1)), 2), round(high, 2)


def _prior(workload: str | None, metric: Metric, profile: WorkloadProfile) -> tuple[float, float]:
    if workload is None:
        return _UNKNOWN
    if workload == "request_service" and metric in _SERVICE:
        steps = _SERVICE[metric]
        return next(factors for least, factors in steps if profile.saturation >= least)
    return _OTHERS.get(metric, _UNKNOWN)
