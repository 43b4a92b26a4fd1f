"""What the figures of one exercise under both schedulers mean. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from schedtui.measure.battery import ExerciseSpec
from schedtui.model.verdict import Finding, Severity
from schedtui.verify.battery import limits
from schedtui.verify.battery.plan import GuestPlan
from schedtui.verify.battery.reading import Reading, Spent
from schedtui.verify.catalogue import finding

HOTPLUG: Final = "hotplug"

_GAPS: Final = (("victim_gap_ms", "the victim"), ("pinned_gap_ms", "a task bound to one CPU"))
"""Waits of tasks that want little and want it often."""

_LONGEST: Final = {
    "round_trip_ms": "a round trip through a pipe",
    "newborn_ms": "a task that was just born",
    "herd_ms": "one of many woken together",
    "pin_late_ms": "a task that had moved to another CPU",
}
"""Waits of an exercise's own. That for a lock is left out: who holds a lock may take it again
before others wake, so it tells of the lock more than of the scheduler."""

_FAILURES: Final = {
    "forks_failed": ("TRL011", "forks"),
    "execs_failed": ("TRL011", "starts of programs"),
    "cgroups_failed": ("TRL012", "visits to control groups"),
    "weights_failed": ("TRL012", "uses of control groups of unlike weights"),
    "hotplugs_failed": ("TRL013", "changes of the CPUs online"),
    "moves_failed": ("TRL013", "changes of affinity"),
    "memory_failed": ("TRL029", "requests for memory"),
}
"""Counter to its code and words."""

_FORBIDDEN_EVENTS: Final = (
    "DISPATCH_LOCAL_DSQ_OFFLINE",
    "INSERT_NOT_OWNED",
    "REENQ_LOCAL_REPEAT",
    "SLICE_CLAMPED",
    "BYPASS_ACTIVATE",
)
"""Counters that do not move while nothing but an exercise goes on. No kernel has all of them: those
before 7.1 have the first and the last, those up to 7.2 lack ``SLICE_CLAMPED``."""
_FALLBACK: Final = "SELECT_CPU_FALLBACK"


@dataclass(frozen=True, slots=True)
class Place:
    """Which exercise, and where."""

    spec: ExerciseSpec
    guest: GuestPlan
    emulated: bool = True
    oversubscribed: bool = False

    @property
    def words(self) -> str:
        """The place for people."""
        return f"{self.spec.name} on {self.guest.shape}"


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken limit."""

    code: str
    words: tuple[tuple[str, str | int], ...]
    doubtful: bool = True
    """A noisy guest can do this by accident: it must be seen again before it counts."""

    def found(self, place: Place, runs: int) -> Finding:
        """Return the finding; it was seen in each of ``runs`` runs."""
        seen = f", {runs} times out of {runs}" if runs > 1 else ""
        words: dict[str, Any] = dict(self.words)
        return finding(self.code, where=place.words + seen, **words)

    def rejects(self, place: Place) -> bool:
        """Tell whether the finding would reject."""
        return self.found(place, 1).severity is Severity.ERROR


def judge(place: Place, baseline: Reading, candidate: Reading) -> tuple[Breach, ...]:
    """Return the limits that an exercise broke under the candidate."""
    return (
        *_failures(baseline, candidate),
        *_missing(baseline, candidate),
        *_gaps(baseline, candidate),
        *_waits(place, baseline, candidate),
        *_sharing(baseline, candidate),
        *_idleness(baseline, candidate),
        *_throughput(place, baseline, candidate),
        *(_costs(place, candidate.spent) if candidate.spent else ()),
    )


def _breach(code: str, **words: str | int) -> Breach:
    return Breach(code, tuple(words.items()))


def _certain(code: str, **words: str | int) -> Breach:
    return Breach(code, tuple(words.items()), doubtful=False)


def _failures(baseline: Reading, candidate: Reading) -> Iterator[Breach]:
    for name, (code, words) in _FAILURES.items():
        count = candidate.count(name)
        # What fails under the default scheduler as well is the guest's fault.
        if count > baseline.count(name):
            yield _certain(code, what=f"{count} {words} failed")


def _missing(baseline: Reading, candidate: Reading) -> Iterator[Breach]:
    lost = candidate.count("children_lost") - baseline.count("children_lost")
    missing = candidate.count("tasks_missing") - baseline.count("tasks_missing")
    if lost > 0:
        yield _certain("TRL014", count=lost)
    if missing > 0:
        # A task may also come late because the guest stood still, so it is looked at again.
        yield _breach("TRL015", count=missing)


def _gaps(baseline: Reading, candidate: Reading) -> Iterator[Breach]:
    limit = (limits.GAP_FLOOR_MS, limits.GAP_FACTOR)
    for name, who in _GAPS:
        yield from _too_long("TRL016", who, name, (baseline, candidate), limit)
    who = "work for the kernel's own threads"
    as_victim = limits.KTHREAD_GAP_FACTOR * (candidate.wait_ms("victim_gap_ms") or 0.0)
    limit = (max(limits.KTHREAD_FLOOR_MS, as_victim), limits.KTHREAD_FACTOR)
    yield from _too_long("TRL017", who, "kthread_delay_ms", (baseline, candidate), limit)


def _waits(place: Place, baseline: Reading, candidate: Reading) -> Iterator[Breach]:
    fair, seen = baseline.report.longest_wait_ms, candidate.report.longest_wait_ms
    most = max(limits.WAIT_LIMIT_MS, limits.WAIT_FACTOR * fair)
    if seen > most:
        who = ", ".join(candidate.report.starved[:3]) or "a task"
        yield _long("TRL018", who, (seen, most, fair))
    if place.spec.longest in _LONGEST:
        who = _LONGEST[place.spec.longest]
        limit = (limits.WAIT_LIMIT_MS, limits.WAIT_FACTOR)
        yield from _too_long("TRL018", who, place.spec.longest, (baseline, candidate), limit)


def _too_long(
    code: str, who: str, name: str, pair: tuple[Reading, Reading], limit: tuple[float, float]
) -> Iterator[Breach]:
    fair, seen = (reading.wait_ms(name) for reading in pair)
    most = max(limit[0], limit[1] * (fair or 0.0))
    if seen is not None and seen > most:
        yield _long(code, who, (seen, most, fair or 0.0))


def _long(code: str, who: str, times: tuple[float, float, float]) -> Breach:
    wait, limit, fair = (f"{value:.0f}" for value in times)
    return _breach(code, who=who, wait=wait, limit=limit, fair=fair)


def _sharing(baseline: Reading, candidate: Reading) -> Iterator[Breach]:
    least, jain = candidate.metric("least_progress_pct"), candidate.metric("jain_pct")
    fair_least, fair_jain = baseline.metric("least_progress_pct"), baseline.metric("jain_pct")
    if least is None or jain is None or fair_least is None or fair_jain is None:
        return
    words = {"least": f"{least:.0f}", "fair": f"{fair_least:.0f}"}
    if least < limits.STARVED_PCT and fair_least >= 2 * limits.STARVED_PCT:
        yield _breach("TRL019", **words)
    elif least < limits.UNFAIR_PCT <= fair_least or jain < limits.UNFAIR_JAIN_PCT <= fair_jain:
        yield _breach("TRL020", jain=f"{jain:.0f}", **words)


def _idleness(baseline: Reading, candidate: Reading) -> Iterator[Breach]:
    fair, seen = baseline.metric("busy_pct"), candidate.metric("busy_pct")
    # A stop that came late lets more than all time be given.
    if fair and seen is not None and seen < limits.BUSY_FACTOR * min(fair, 100.0):
        yield _breach("TRL032", busy=f"{seen:.0f}", fair=f"{fair:.0f}")


def _throughput(place: Place, baseline: Reading, candidate: Reading) -> Iterator[Breach]:
    name = place.spec.rate
    fair, seen = baseline.metric(name), candidate.metric(name)
    if fair is None or seen is None or fair <= 0:
        return
    share = seen / fair
    # Work depends on the host's speed at the time; whether CPUs idle is judged by CPU time.
    remarked = share < limits.SLOW_FACTOR and name != "work"
    # A CPU of the guest that waits for one of the host holds up all that need its lock.
    refused = share < limits.STANDSTILL_FACTOR and not place.oversubscribed
    if remarked or refused:
        code = "TRL021" if refused else "TRL022"
        what = name.removesuffix("_per_s").replace("_", " ")
        yield _breach(code, what=what, share=f"{100 * share:.0f}")


def _costs(place: Place, spent: Spent) -> Iterator[Breach]:
    cpu_seconds = spent.seconds * place.guest.cpus
    calls = spent.run_count / cpu_seconds
    if calls > limits.CALLS_PER_CPU_S and place.spec.judged:
        yield _breach("TRL023", calls=f"{calls:,.0f}", limit=f"{limits.CALLS_PER_CPU_S:,.0f}")
    share = spent.run_ns / 1e9 / cpu_seconds
    most = limits.RUN_SHARE_EMULATED if place.emulated else limits.RUN_SHARE
    if share > most:
        yield _breach("TRL024", share=f"{100 * share:.1f}", limit=f"{100 * most:.0f}")
    yield from _events(place, spent)


def _events(place: Place, spent: Spent) -> Iterator[Breach]:
    for name in _FORBIDDEN_EVENTS if place.spec.name != HOTPLUG else ():
        if spent.grown(name) > 0:
            yield _breach("TRL025", event=name, count=spent.grown(name))
    share = spent.grown(_FALLBACK) / max(spent.run_count, 1)
    if share > limits.FALLBACK_SHARE:
        yield _breach("TRL026", share=f"{100 * share:.1f}", count=spent.grown(_FALLBACK))
