"""Guests of the battery without machines: a sound candidate, and one change at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from schedtui.measure.battery import exercise
from schedtui.measure.trial import InconclusiveError, TrialError
from schedtui.model.battery import Evidence, HeldUp
from schedtui.model.protocol import WindowReport
from schedtui.model.telemetry import ExitRecord, SchedulerState
from schedtui.verify.battery.plan import GuestPlan
from schedtui.verify.battery.reading import Reading
from schedtui.verify.gate import Draft

LEFT_IN_ORDER = ExitRecord(64, 0, "unregistered from user space", "")
DISABLED = SchedulerState("disabled")

SOUND = {
    "victim_gap_ms": 30.0,
    "forks_failed": 0.0,
    "execs_failed": 0.0,
    "tasks_missing": 0.0,
    "children_lost": 0.0,
    "kthread_delay_ms": 10.0,
    "least_progress_pct": 95.0,
    "jain_pct": 99.0,
    "busy_pct": 95.0,
}


@dataclass
class FakeBattery:
    """One guest. Every field but the first is a way in which the candidate misbehaves."""

    plan: GuestPlan
    changes: dict[str, dict[str, float]] = field(default_factory=dict)
    """Figures under the candidate by exercise; ``*`` stands for every exercise."""
    changed_runs: int = 1_000_000
    """Runs under the candidate in which ``changes`` show; afterwards all is sound."""
    baseline: dict[str, float] = field(default_factory=dict)
    """Figures that differ under the default scheduler."""
    held_up: tuple[HeldUp, ...] = ()
    """What the host says under the candidate."""
    longest_wait_ms: float = 20.0
    starved: tuple[str, ...] = ()
    ends: dict[str, ExitRecord] = field(default_factory=dict)
    """The kernel ends the candidate during this exercise."""
    vanishes_in: str = ""
    """The candidate is not in charge any more and nobody says why."""
    refuses: dict[str, str] = field(default_factory=dict)
    """The node has no result of this exercise under the candidate."""
    refuses_baseline: str = ""
    lost_in: str = ""
    """The guest is lost during this exercise under the candidate."""
    last_words: tuple[str, ...] = ()
    """What its console shows then."""
    complaints: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What the kernel writes into its log during this exercise under the candidate."""
    complaints_at_load: dict[int, tuple[str, ...]] = field(default_factory=dict)
    complaints_at_end: tuple[str, ...] = ()
    """What it writes when the candidate leaves."""
    complaints_before: tuple[str, ...] = ()
    """What it writes before the candidate has ever come."""
    unread_in: str = ""
    events: dict[str, int] = field(default_factory=dict)
    """Growth of the kernel's counters in each exercise under the candidate."""
    calls_per_s: float = 5000.0
    run_ms_per_s: float = 20.0
    leak_kb: int = 0
    """Memory that is gone after every exercise under the candidate."""
    reload_leak_kb: int = 0
    attach_error_at: int = 0
    """Load at which attaching fails; 0 never."""
    skips_seq: bool = False
    state_after: str = "disabled"
    back_s: float = 0.0
    end_record: ExitRecord = LEFT_IN_ORDER
    ignores_lease: bool = False
    breaks_in_dump: ExitRecord | None = None
    window_s: float = 0.0
    on_run: Callable[[str], object] = lambda _name: None
    running: bool = False
    emulated: bool = True
    oversubscribed: bool = False
    calls: list[str] = field(default_factory=list)
    idle_s: list[float] = field(default_factory=list)
    """Time between the newest evidence and each exercise under the candidate."""

    def __post_init__(self) -> None:
        self._state = DISABLED
        self._seq = 0
        self._runs = 0
        self._uptime = 5.0
        self._spent = (0, 0)
        self._free_kb = 300_000
        self._counters: dict[str, int] = {}
        self._last = ""
        self._log: tuple[str, ...] = ()
        self._lease_ms = 0
        self._asked = time.monotonic()

    async def attach(self, lease_ms: int = 0) -> SchedulerState:
        assert self._state.state == "disabled"
        self.calls.append("attach")
        if self._seq + 1 == self.attach_error_at:
            raise TrialError("the kernel did not enable the scheduler")
        self._seq += 1 + self.skips_seq
        self._log += self.complaints_at_load.get(self._seq, ())
        self._spent, self._counters, self._lease_ms = (0, 0), {}, lease_ms
        self._state = SchedulerState("enabled", "mine", self._seq, ours=True)
        return self._state

    async def run(self, name: str, seconds: float) -> Reading:
        attached = self._state.ours
        self.calls.append(f"{'B' if attached else 'A'} {name}")
        self.idle_s += [time.monotonic() - self._asked] if attached else []
        self.running = True
        self.on_run(name)
        await asyncio.sleep(self.window_s)
        self.running = False
        self._last, self._uptime = name, self._uptime + seconds
        if not attached:
            self._log += () if self._seq else self.complaints_before
            if name == self.refuses_baseline:
                raise TrialError("it ended without a result")
            return _reading(self._sound(name, self.baseline))
        self._work(seconds)
        self._misbehave(name)
        return self._report(name)

    def _work(self, seconds: float) -> None:
        spent_ns, count = self._spent
        self._spent = (
            spent_ns + int(self.run_ms_per_s * 1e6 * seconds),
            count + int(self.calls_per_s * seconds),
        )
        for event, grown in self.events.items():
            self._counters[event] = self._counters.get(event, 0) + grown
        self._free_kb -= self.leak_kb

    def _misbehave(self, name: str) -> None:
        self._log += self.complaints.get(name, ())
        if name == self.lost_in:
            raise InconclusiveError("the guest's kernel panicked", last_words=self.last_words)
        if self._lease_ms and not self.ignores_lease:
            self._leave(LEFT_IN_ORDER, "the lease ran out")
        if name in self.ends:
            self._leave(self.ends[name], "the kernel ended it")
        if name == self.vanishes_in:
            self._state = replace(DISABLED, enable_seq=self._seq)
        if name in self.refuses:
            raise TrialError(self.refuses[name])

    def _leave(self, record: ExitRecord, words: str) -> None:
        self._state = replace(DISABLED, enable_seq=self._seq, last_exit=record, ended=words)

    def _report(self, name: str) -> Reading:
        self._runs += 1
        if self._runs > self.changed_runs:
            return _reading(self._sound(name, {}))
        changed = {**self.changes.get("*", {}), **self.changes.get(name, {})}
        figures = self._sound(name, changed)
        return _reading(figures, self.longest_wait_ms, self.starved, self.held_up)

    def _sound(self, name: str, changed: dict[str, float]) -> dict[str, float]:
        spec = exercise(name)
        own = dict.fromkeys(spec.never, 0.0)
        if spec.rate:
            own[spec.rate] = 1000.0
        if spec.longest:
            own[spec.longest] = 40.0
        return {**SOUND, **own, **changed}

    async def state(self) -> SchedulerState:
        return replace(self._state, enable_seq=self._seq)

    async def evidence(self) -> Evidence:
        attached, self._asked = self._state.ours, time.monotonic()
        self._uptime += 0.001
        news, self._log = self._log, ()
        return Evidence(
            events=tuple(self._counters.items()) if attached else (),
            splats=news,
            log_read=self._last != self.unread_in or not self.unread_in,
            run_ns=self._spent[0] if attached else 0,
            run_count=self._spent[1] if attached else 0,
            memory_free_kb=self._free_kb,
            enable_seq=self._seq,
            uptime_s=self._uptime,
        )

    async def detach(self) -> SchedulerState:
        self.calls.append("detach")
        await asyncio.sleep(self.back_s)
        if self._state.ours:
            self._log += self.complaints_at_end
            self._leave(self.end_record, "rolled back by the client")
            self._state = replace(self._state, state=self.state_after)
            self._free_kb -= self.reload_leak_kb
        return self._state

    async def dump(self) -> bool:
        self.calls.append("dump")
        if self.breaks_in_dump is not None:
            self._leave(self.breaks_in_dump, "the kernel ended it")
        return True


def _reading(
    figures: dict[str, float],
    longest_wait_ms: float = 20.0,
    starved: tuple[str, ...] = (),
    held_up: tuple[HeldUp, ...] = (),
) -> Reading:
    report = WindowReport(tuple(figures.items()), longest_wait_ms, starved)
    return Reading(report, held_up=held_up)


Misbehave = Callable[[FakeBattery, int], None]
"""Changes a guest; the number counts the guests opened before it."""


@dataclass
class FakeGuests:
    """Opens fake guests and counts them."""

    misbehave: Misbehave = lambda _bench, _number: None
    opened: list[FakeBattery] = field(default_factory=list)
    open_now: int = 0
    most_open: int = 0

    @property
    def running(self) -> int:
        """Guests in which an exercise is under way."""
        return sum(bench.running for bench in self.opened)

    @asynccontextmanager
    async def __call__(self, _draft: Draft, plan: GuestPlan) -> AsyncIterator[FakeBattery]:
        bench = FakeBattery(plan)
        self.misbehave(bench, len(self.opened))
        self.opened.append(bench)
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            yield bench
        finally:
            self.open_now -= 1
