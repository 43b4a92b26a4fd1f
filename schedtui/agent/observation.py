"""Observation: from snapshots to a workload profile. Everything in it was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from schedtui.agent.families import Judgement, judge, skew_of
from schedtui.agent.figures import Figures, figures_of
from schedtui.model.goal import Family, WorkloadProfile
from schedtui.model.telemetry import Snapshot

TOP_NAMES: Final = 16
"""Most process names that a profile keeps."""

_IO_BOUND: Final = 0.2


def profile(snapshots: Sequence[Snapshot], cpus: int) -> WorkloadProfile:
    """Return what the machine was doing, from consecutive snapshots.

    Args:
        snapshots: The observation; a first one without length is left out. May be empty.
        cpus: CPUs of the target, at least 1.
    """
    figures = figures_of(snapshots)
    verdict = judge(figures, max(1, cpus))
    return WorkloadProfile(
        seconds=round(figures.seconds, 2),
        family=verdict.family,
        confidence=verdict.confidence,
        utilisation=round(figures.utilisation, 3),
        saturation=round(_saturation(figures), 2),
        wakeup_p99_us=figures.wakeup_p99_us,
        run_delay_p99_us=figures.run_delay_p99_us,
        switches_per_s=round(figures.switches_per_s or 0.0, 1),
        voluntary_share=figures.voluntary_share,
        forks_per_s=round(figures.forks_per_s or 0.0, 2),
        names=tuple(name.profile for name in figures.names[:TOP_NAMES]),
        signals=tuple(_signals(figures, verdict)),
        unseen=tuple(_unseen(figures)),
        load=figures.load,
    )


def _saturation(figures: Figures) -> float:
    """Return runnable tasks per CPU: busy CPUs and, as far as it can be seen, those waiting."""
    if figures.waiting is not None:
        return figures.utilisation + figures.waiting
    if figures.depth is not None:
        return max(figures.utilisation, figures.depth)
    # Pressure tells that some task waits, not how many: this is a lower bound.
    return figures.utilisation + (figures.cpu_pressure or 0.0)


def _signals(figures: Figures, verdict: Judgement) -> Iterator[str]:
    yield f"CPUs are {100 * figures.utilisation:.0f} % busy"
    if figures.waiting is not None and figures.waiting >= 0.1:
        yield f"on average {figures.waiting:.1f} tasks wait per CPU"
    elif figures.depth is not None and figures.depth > 1:
        yield f"on average {figures.depth:.1f} tasks run or wait per CPU"
    yield from verdict.signals
    if figures.wakeup_p99_us is not None:
        yield f"wake-up latency p99 is {_time(figures.wakeup_p99_us)}"
    skew = skew_of(figures)
    if verdict.family is Family.BATCH_UNIFORM and skew is not None:
        yield f"the longest job ran only {skew:.1f} times the median"
    if figures.io_pressure is not None and figures.io_pressure > _IO_BOUND:
        yield f"tasks wait for input and output {100 * figures.io_pressure:.0f} % of the time"


def _unseen(figures: Figures) -> Iterator[str]:
    if not figures.seconds:
        yield "anything: no sample has arrived yet"
        return
    if figures.waiting is None and figures.depth is None:
        yield "how many tasks wait: this source only tells whether some do"
    if figures.wakeup_p99_us is None:
        yield "wake-up latency"
    if figures.source != "bpf":
        yield "run times of finished tasks"
        yield "how often each task wakes"
    if figures.switches_per_s is None:
        yield "context switches"
    if figures.voluntary_share is None:
        yield "how many context switches were voluntary"
    if figures.forks_per_s is None:
        yield "how many processes start"


def _time(microseconds: float) -> str:
    if microseconds >= 1000:
        return f"{microseconds / 1000:.1f} ms"
    return f"{microseconds:.0f} us"
