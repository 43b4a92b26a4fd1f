"""What one run of an exercise showed, in figures that can be compared."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass

from schedtui.measure.battery import awake_of
from schedtui.model.battery import Evidence, HeldUp
from schedtui.model.protocol import WindowReport


@dataclass(frozen=True, slots=True)
class Spent:
    """What the candidate's programs did between two pieces of evidence."""

    seconds: float
    run_ns: int
    run_count: int
    events: tuple[tuple[str, int], ...]
    """Growth of the kernel's counters."""

    def grown(self, event: str) -> int:
        """Return how much a counter grew; 0 when this kernel does not have it."""
        return dict(self.events).get(event, 0)


def spent_between(before: Evidence, after: Evidence) -> Spent:
    """Return the difference of two pieces of evidence of one attachment."""
    old = dict(before.events)
    grown = tuple((name, count - old.get(name, 0)) for name, count in after.events)
    return Spent(
        seconds=max(after.uptime_s - before.uptime_s, 1e-3),
        run_ns=max(after.run_ns - before.run_ns, 0),
        run_count=max(after.run_count - before.run_count, 0),
        events=grown,
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """One exercise under one scheduler."""

    report: WindowReport
    spent: Spent | None = None
    """None under the default scheduler, or when the candidate was thrown out in between."""
    held_up: tuple[HeldUp, ...] = ()
    """What the host says, again and again; empty where it does not."""

    def metric(self, name: str) -> float | None:
        """Return a figure of the exercise, None when it does not report it."""
        return dict(self.report.metrics).get(name)

    def wait_ms(self, name: str) -> float | None:
        """Return the longest wait without what the host is to blame for, None when not reported.

        In the guest nobody can tell a host that runs something else from programs of a policy
        that run for long, so the host must confirm what the guest excuses itself with: at most
        what it kept a CPU of the guest waiting within a span as long as the wait.
        """
        wait, awake = self.metric(name), self.metric(awake_of(name))
        if wait is None or awake is None:
            return wait
        return max(awake, wait - self.held_up_ms(wait))

    def held_up_ms(self, within_ms: float = math.inf) -> float:
        """Return how long the host kept one CPU of the guest waiting, within any such span."""
        times = [each.seconds for each in self.held_up]
        most = 0.0
        for before in self.held_up:
            # What was lost only grows, so the end of a span tells all of it.
            end = bisect_left(times, before.seconds + within_ms / 1000)
            after = self.held_up[min(end, len(times) - 1)]
            most = max(most, after.lost_since_ms(before))
        return most

    @property
    def figures(self) -> tuple[tuple[str, float], ...]:
        """Everything for the record: what the exercise reported, waits, cost of the programs."""
        waits = (
            ("longest_wait_ms", self.report.longest_wait_ms),
            ("held_up_ms", self.held_up_ms()),
        )
        spent = self.spent
        if spent is None:
            return (*self.report.metrics, *waits)
        costs = (
            ("program_calls_per_s", spent.run_count / spent.seconds),
            ("program_ms_per_s", spent.run_ns / 1e6 / spent.seconds),
        )
        return (*self.report.metrics, *waits, *costs)

    def count(self, name: str) -> int:
        """Return a counter of the exercise, 0 when it does not report it."""
        return int(self.metric(name) or 0)
