"""The battery: short exercises that a candidate must survive beside the default scheduler."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Depth(StrEnum):
    """How much of the battery is run."""

    NONE = "none"
    QUICK = "quick"
    """The worst exercises in one guest: seconds."""
    FULL = "full"
    """Every exercise in guests of 1, 2 and 4 CPUs: one to two minutes."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the kernel of a guest says about itself.

    Read from the kernel, never from text that a policy could have written.
    """

    events: tuple[tuple[str, int], ...]
    """Counters of ``root/events``; empty while nothing is attached."""
    splats: tuple[str, ...]
    """Lines of the kernel log since the last call that no healthy kernel writes, sanitised."""
    log_read: bool
    """False when the kernel log could not be read whole: then nothing is known about splats."""
    run_ns: int
    """Time spent in the attached scheduler's programs, in nanoseconds; 0 when none."""
    run_count: int
    """Calls of the attached scheduler's programs; 0 when none."""
    memory_free_kb: int
    enable_seq: int
    uptime_s: float


@dataclass(frozen=True, slots=True)
class HeldUp:
    """For how long the host has kept a guest waiting, counted from a time that nobody knows."""

    seconds: float
    """When it was read, on the host's clock."""
    delays_ms: tuple[float, ...]
    """For each CPU of the guest, how long it was ready to run and the host ran something else."""
    stolen_ms: tuple[float, ...]
    """For each CPU of the host, how long its own host ran something else; empty when unknown."""

    def lost_since_ms(self, before: HeldUp) -> float:
        """Return what the CPU that lost most has lost since an earlier reading."""
        return _grown(before.delays_ms, self.delays_ms) + _grown(before.stolen_ms, self.stolen_ms)


def _grown(before: tuple[float, ...], after: tuple[float, ...]) -> float:
    # CPUs of the host may come and go.
    return max((new - old for old, new in zip(before, after, strict=False)), default=0.0)


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise, done under both schedulers in the same boot."""

    name: str
    title: str
    cpus: int
    baseline: tuple[tuple[str, float], ...]
    candidate: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class BatteryResult:
    """What a battery saw."""

    depth: Depth
    cpus: tuple[int, ...]
    """Guest shapes that were tried."""
    exercises: tuple[Exercise, ...]
    reloads: int
    """Attach and detach cycles that went well."""
    worst_gap_ms: float
    """Longest time the victim was kept from running by the candidate, in milliseconds."""
    worst_exercise: str
    seconds: float
