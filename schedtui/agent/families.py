"""Judges which family a load belongs to: named evidence, weighed, with what was not seen left out.

Each family has a few pieces of evidence between 0 and 1. Evidence that the source cannot see is
left out and the confidence shrinks accordingly. Process names count little: names can lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from schedtui.agent.figures import Figures, NameFigures
from schedtui.agent.processes import ProcessKind, kind_of
from schedtui.model.goal import Family, Metric

_WINNER_FLOOR: Final = 0.45
_LOAD_WEIGHT: Final = 0.3
_MOST_CONFIDENCE: Final = 0.95
_HOG_BURST_MS: Final = (20.0, 100.0)
"""CPU time between two sleeps: at the first a task may sleep by itself, at the second not."""

_FRAME_WAKEUPS: Final = (4.0, 300.0)
"""Wake-ups per second of frame loops and audio: up to 240 Hz, few while most are missed."""

_FRAME_BURST_MS: Final = 20.0
_UNSEEN: Final = 0.4
"""What unseen evidence counts: too little to win by, enough to keep the confidence down."""

_FEW_JOBS: Final = 2

_LOAD_METRICS: Final = {
    Family.SERVICE: Metric.REQUEST_P99,
    Family.BATCH_SKEWED: Metric.MAKESPAN,
    Family.BATCH_UNIFORM: Metric.MAKESPAN,
    Family.INTERACTIVE: Metric.MISSED_FRAMES,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a family: how strongly it was seen, and in which words."""

    strength: float | None
    """0 to 1; None when the source cannot see it."""
    weight: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The family with the most evidence."""

    family: Family
    confidence: float
    signals: tuple[str, ...]


def judge(figures: Figures, cpus: int) -> Judgement:
    """Return the family of what was measured, deterministically."""
    evidence = {
        Family.SERVICE: _service(figures, cpus),
        Family.BATCH_SKEWED: _skewed(figures, cpus),
        Family.BATCH_UNIFORM: _uniform(figures, cpus),
        Family.INTERACTIVE: _interactive(figures, cpus),
    }
    busy = ramp(figures.utilisation, 0.1, 0.3)
    scores = {f: busy * _score(figures, f, found) for f, found in evidence.items()}
    scores[Family.IDLE] = 1 - ramp(figures.utilisation, 0.12, 0.3)
    ranked = sorted(scores, key=lambda family: (-scores[family], family))
    best, second = ranked[0], ranked[1]
    if scores[best] < _WINNER_FLOOR:
        return Judgement(Family.OTHER, round(1 - scores[best] / _WINNER_FLOOR, 2), ())
    margin = scores[best] - scores[second]
    signals = tuple(e.sentence for e in evidence.get(best, ()) if (e.strength or 0) >= 0.5)
    return Judgement(best, round(min(_MOST_CONFIDENCE, max(0.0, margin)), 2), signals)


def ramp(value: float, low: float, high: float) -> float:
    """Return 0 below ``low``, 1 above ``high`` and a straight line between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def skew_of(figures: Figures) -> float | None:
    """Return the longest finished run over the median one; None when too few ended."""
    ended = [name for name in figures.names if name.profile.finished]
    runs = [
        name.profile.mean_run_ms for name in ended for _ in range(min(name.profile.finished, 1000))
    ]
    if len(runs) <= _FEW_JOBS or median(runs) <= 0:
        return None
    return max(name.longest_ms for name in ended) / median(runs)


def _score(figures: Figures, family: Family, found: Sequence[Evidence]) -> float:
    own = sum((_UNSEEN if e.strength is None else e.strength) * e.weight for e in found)
    reported = {name for name, _ in figures.load}
    if not reported & set(_LOAD_METRICS.values()):
        return own
    fits = float(_LOAD_METRICS[family] in reported)
    if family is Family.BATCH_UNIFORM:
        fits *= _even(figures)
    return (1 - _LOAD_WEIGHT) * own + _LOAD_WEIGHT * fits


def _service(figures: Figures, cpus: int) -> tuple[Evidence, ...]:
    pool = _pool(figures, cpus)
    strength = _pool_strength(pool, cpus) if pool else 0.0
    words = f"{pool.profile.tasks} tasks named {pool.profile.name} share the CPUs" if pool else ""
    forks = figures.forks_per_s
    stable = None if forks is None else strength * (1 - ramp(forks / cpus, 3, 15))
    sleeps = _sleeps(figures, pool) if strength else 0.0
    return (
        Evidence(strength, 0.45, words),
        Evidence(sleeps, 0.35, "they sleep and wake between short pieces of work"),
        Evidence(stable, 0.2, "the set of tasks is stable: hardly any forks"),
    )


def _skewed(figures: Figures, cpus: int) -> tuple[Evidence, ...]:
    skew = skew_of(figures)
    uneven = None if skew is None else ramp(skew, 2, 4)
    words = f"the longest job ran {skew:.0f} times the median" if skew else ""
    alone = 1 - _periodic(figures, cpus)[0]
    ending = _finishing_share(figures, cpus)
    if skew is None and figures.source == "bpf":
        uneven = 0.0
    return (
        Evidence(None if ending is None else ending * alone, 0.5, "jobs that start, run and end"),
        Evidence(None if uneven is None else uneven * alone, 0.5, words),
    )


def _uniform(figures: Figures, cpus: int) -> tuple[Evidence, ...]:
    alone = 1 - _periodic(figures, cpus)[0]
    ending, hogs = _finishing_share(figures, cpus), _hog_share(figures, cpus)
    shares = [share for share in (ending, hogs) if share is not None]
    working = min(1.0, sum(shares)) * alone if shares else None
    return (
        Evidence(working, 0.6, "the CPUs are used by tasks that compute without sleeping"),
        Evidence(
            None if working is None else _even(figures) * working,
            0.4,
            "they are of about equal length",
        ),
    )


def _even(figures: Figures) -> float:
    skew = skew_of(figures)
    return 1.0 if skew is None else 1 - ramp(skew, 2, 4)


def _interactive(figures: Figures, cpus: int) -> tuple[Evidence, ...]:
    periodic, words = _periodic(figures, cpus)
    ending, hogs = _finishing_share(figures, cpus), _hog_share(figures, cpus)
    shares = [share for share in (ending, hogs, _known_batch(figures, cpus)) if share is not None]
    # Without the periodic task there is nothing interactive, however much work runs.
    beside = min(1.0, sum(shares)) * periodic if shares else None
    blind = not periodic and figures.source != "bpf"
    return (
        Evidence(None if blind else periodic, 0.6, words),
        Evidence(beside, 0.4, "beside work that takes all the CPU time it can get"),
    )


def _pool(figures: Figures, cpus: int) -> NameFigures | None:
    """Return the name whose long-lived tasks use most CPU time."""
    jobs = {ProcessKind.BATCH, ProcessKind.KERNEL}
    lasting = [
        name
        for name in figures.names
        if not _ends(name) and name.profile.running_share > 0.1
        if kind_of(name.profile.name) not in jobs
    ]
    return max(lasting, key=lambda n: n.profile.running_share / cpus, default=None)


def _pool_strength(pool: NameFigures, cpus: int) -> float:
    many = ramp(pool.profile.tasks / cpus, 0.5, 1.5)
    return many * ramp(pool.profile.running_share / cpus, 0.15, 0.4)


def _sleeps(figures: Figures, pool: NameFigures | None) -> float | None:
    if pool is not None and pool.wakeups_per_s is not None and pool.burst_ms is not None:
        short = 1 - ramp(pool.burst_ms, *_HOG_BURST_MS)
        return ramp(pool.wakeups_per_s, 1, 5) * short
    if figures.voluntary_share is not None:
        return ramp(figures.voluntary_share, 0.1, 0.4)
    return None


def _ends(name: NameFigures) -> bool:
    """Tell whether tasks of this name are jobs: most of those seen came to their end."""
    return name.profile.finished > 0 and name.profile.finished * 3 >= name.profile.tasks


def _finishing_share(figures: Figures, cpus: int) -> float | None:
    if figures.source != "bpf":
        return None
    used = sum(n.profile.running_share for n in figures.names if _ends(n))
    return ramp(used / cpus, 0.15, 0.5)


def _hog_share(figures: Figures, cpus: int) -> float | None:
    if figures.source != "bpf":
        return None
    known = [name for name in figures.names if name.burst_ms is not None and not _ends(name)]
    used = sum(n.profile.running_share * ramp(n.burst_ms or 0, *_HOG_BURST_MS) for n in known)
    return ramp(used / cpus, 0.15, 0.5)


def _known_batch(figures: Figures, cpus: int) -> float | None:
    known = [n for n in figures.names if kind_of(n.profile.name) is ProcessKind.BATCH]
    return ramp(_used(known) / cpus, 0.15, 0.5) if known else None


def _used(names: Iterable[NameFigures]) -> float:
    return sum(name.profile.running_share for name in names)


def _periodic(figures: Figures, cpus: int) -> tuple[float, str]:
    """Return how surely a frame-like task runs beside other work, and the words for it."""
    best, words = 0.0, ""
    for name in figures.names:
        strength = _frame_like(name, figures, cpus)
        if strength > best:
            best, words = strength, _periodic_words(name)
    return best, words


def _frame_like(name: NameFigures, figures: Figures, cpus: int) -> float:
    kind = kind_of(name.profile.name)
    others = _used(figures.names) - name.profile.running_share
    light = name.profile.running_share < 0.6 * cpus and others > name.profile.running_share / 2
    if _ends(name) or kind in {ProcessKind.KERNEL, ProcessKind.BATCH} or not light:
        return 0.0
    named = 0.6 if kind is ProcessKind.INTERACTIVE else 0.0
    if name.wakeups_per_s is None or name.burst_ms is None:
        return named
    low, high = _FRAME_WAKEUPS
    longest = min(_FRAME_BURST_MS, 1000 / max(name.wakeups_per_s, 1))
    rhythm = low <= name.wakeups_per_s <= high and name.burst_ms < longest
    worth = ramp(name.profile.running_share, 0.02, 0.08)
    few = 1 - ramp(name.profile.tasks / cpus, 2, 6)
    own = 1 - _minds_jobs(name, figures)
    return max(named, rhythm * worth * few * own * (1.0 if named else 0.9))


def _minds_jobs(name: NameFigures, figures: Figures) -> float:
    """Return how surely its tasks are woken by ending jobs, as a parent process is."""
    jobs = {other.profile.name for other in figures.names if _ends(other)}
    return ramp(sum(share for waker, share in name.wakers if waker in jobs), 0.2, 0.6)


def _periodic_words(name: NameFigures) -> str:
    if name.wakeups_per_s is None:
        return f"{name.profile.name} is known as an interactive program"
    return f"{name.profile.name} wakes {name.wakeups_per_s:.0f} times per second for short work"
