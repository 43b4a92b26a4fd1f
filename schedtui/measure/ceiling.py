"""The best that any policy could reach, by arithmetic from measured quantities.

A ceiling keeps promises honest: a plan that expects more than its ceiling is wrong, and a
ceiling near 1 says "keep the default" before anything is tried. Times are in the unit that the
metric has; CPUs and workers are counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schedtui.model.goal import Direction, Metric
from schedtui.model.plan import Ceiling
from schedtui.model.trial import Effect

_ONE_FRAME_PCT: Final = 0.3  # one frame of a window: what cannot be told from zero


def rate_ceiling(
    now_per_s: float, workers: int, cpus: int, service_us: float, sleep_us: float
) -> Ceiling:
    """Bound the rate of a closed loop: ``workers`` that each sleep, then need a CPU, and again.

    Args:
        now_per_s: Requests per second now.
        workers: Workers in the loop.
        cpus: CPUs they may use.
        service_us: CPU time of one request.
        sleep_us: Time a worker sleeps per request.

    Raises:
        ValueError: A quantity is not positive.
    """
    _check(now_per_s, workers, cpus, service_us)
    by_workers = workers * 1e6 / (service_us + sleep_us)
    by_cpus = cpus * 1e6 / service_us
    best = min(by_workers, by_cpus)
    words = (
        f"rate <= min(workers/(service+sleep), CPUs/service) = min({workers}/"
        f"({_time(service_us)} + {_time(sleep_us)}), {cpus}/{_time(service_us)}) = "
        f"{best:.0f} per s; now {now_per_s:.0f} per s"
    )
    return _ceiling(Metric.RATE, best / now_per_s, words)


def request_ceiling(
    now_us: float, workers: int, cpus: int, service_us: float, sleep_us: float
) -> Ceiling:
    """Bound the request latency of a closed loop; arguments as in :func:`rate_ceiling`.

    No request is shorter than its service and sleep. When workers outnumber CPUs each must also
    let the others have their turn: the mean is at least workers x service / CPUs, and the 99th
    percentile cannot be below the mean unless the waiting is moved in front of the request.
    """
    _check(now_us, workers, cpus, service_us)
    alone, turns = service_us + sleep_us, workers * service_us / cpus
    best = max(alone, turns)
    words = (
        f"request >= max(service + sleep, workers x service / CPUs) = max({_time(alone)}, "
        f"{workers} x {_time(service_us)} / {cpus}) = {_time(best)}; p99 now {_time(now_us)}, "
        f"in first-come order about {_time(turns + service_us)}"
    )
    return _ceiling(Metric.REQUEST_P99, now_us / best, words)


def makespan_ceiling(now_ms: float, total_cpu_ms: float, longest_ms: float, cpus: int) -> Ceiling:
    """Bound the make-span of jobs that are all ready at once.

    Args:
        now_ms: Make-span now.
        total_cpu_ms: CPU time of all jobs together.
        longest_ms: CPU time of the longest job.
        cpus: CPUs they may use.

    Raises:
        ValueError: A quantity is not positive.
    """
    _check(now_ms, total_cpu_ms, longest_ms, cpus)
    best = max(longest_ms, total_cpu_ms / cpus)
    words = (
        f"make-span >= max(longest job, all work / CPUs) = max({longest_ms:.0f} ms, "
        f"{total_cpu_ms:.0f} ms / {cpus}) = {best:.0f} ms; now {now_ms:.0f} ms, at most "
        f"{100 * max(0.0, 1 - best / now_ms):.0f} % shorter"
    )
    return _ceiling(Metric.MAKESPAN, now_ms / best, words)


def fair_makespan_ms(short_jobs: int, short_ms: float, long_ms: float, cpus: int) -> float:
    """Return the make-span of ``short_jobs`` and one long job under ideal fair sharing.

    All jobs advance alike until the short ones are done; then the long one is alone:
    (n + 1) s / m + L - s.

    Raises:
        ValueError: There are fewer jobs than CPUs, or the long job is the shorter one.
    """
    if short_jobs + 1 < cpus or long_ms < short_ms:
        raise ValueError("fair sharing is computed for more jobs than CPUs and a longer long job")
    return (short_jobs + 1) * short_ms / cpus + long_ms - short_ms


def missed_frames_ceiling(now_pct: float) -> Ceiling:
    """Bound the improvement of missed frames: none missed, as far as a window can tell."""
    words = (
        f"at best no frame is missed; one window cannot tell less than {_ONE_FRAME_PCT} % from "
        f"none; now {now_pct:.1f} %"
    )
    return _ceiling(Metric.MISSED_FRAMES, now_pct / _ONE_FRAME_PCT, words)


def ceiling_of(metric: Metric, load: Mapping[str, float], cpus: int) -> Ceiling | None:
    """Return the ceiling of ``metric`` from what a load reported of itself.

    Args:
        metric: What is to be improved.
        load: Metrics of a load report, see the workloads.
        cpus: CPUs of the target.

    Returns:
        The ceiling, or None when the report lacks a quantity or arithmetic cannot tell.
    """
    try:
        return _reported(metric, load, cpus)
    except (KeyError, ValueError):
        return None


def share_reached(reached: Effect, ceiling: Ceiling) -> float | None:
    """Return which share of the possible improvement was reached, None when none was possible.

    It is (before - after) / (before - best) of the metric itself: a make-span that fell by 24 %
    where 30 % were possible reached 0.8. It is negative for what became worse.
    """
    if ceiling.factor <= 1:
        return None
    if reached.direction is Direction.LOWER:
        return (1 - 1 / reached.factor) / (1 - 1 / ceiling.factor)
    return (reached.factor - 1) / (ceiling.factor - 1)


def _reported(metric: Metric, load: Mapping[str, float], cpus: int) -> Ceiling | None:
    match metric:
        case Metric.RATE:
            return rate_ceiling(load[metric], *_loop(load, cpus))
        case Metric.REQUEST_P99:
            return request_ceiling(load[metric], *_loop(load, cpus))
        case Metric.MAKESPAN:
            total, longest = load["cpu_total_ms"], load["longest_cpu_ms"]
            return makespan_ceiling(load[metric], total, longest, cpus)
        case Metric.MISSED_FRAMES:
            return missed_frames_ceiling(load[metric])
        case _:
            return None


def _loop(load: Mapping[str, float], cpus: int) -> tuple[int, int, float, float]:
    # Where requests pass through servers of one thread each, more CPUs than servers help nobody.
    usable = min(cpus, round(load.get("servers", cpus)))
    return round(load["workers"]), usable, load["service_p50_us"], load["sleep_us"]


def _ceiling(metric: Metric, factor: float, arithmetic: str) -> Ceiling:
    return Ceiling(metric, max(1.0, factor), arithmetic)


def _check(*quantities: float) -> None:
    if not all(quantity > 0 for quantity in quantities):
        raise ValueError("a ceiling is computed from positive quantities")


def _time(microseconds: float) -> str:
    if microseconds < 1000:
        return f"{microseconds:.0f} us"
    return f"{microseconds / 1000:.2f} ms"
