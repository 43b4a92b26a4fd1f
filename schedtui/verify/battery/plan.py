"""Which exercises run in which guests, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schedtui.measure.battery import ExerciseSpec, exercise, exercises_for
from schedtui.model.battery import Depth

LONG_EXERCISE: Final = "saturated"
"""What the long stretch ends with: all CPUs busy, so that whoever is forgotten is missed."""
_FIRST_EXERCISE: Final = "hotplug"
"""A policy without operations for it is ended by it, so it must not cut the stretch in two."""

QUICK_EXERCISES: Final = ("forks", "pinned", "nice", "wakeups")
"""The exercises that catch most faults per second; the long one comes on top."""

QUICK_STEP_S: Final = 0.6
QUICK_STRETCH_S: Final = 8.0
"""In charge without a break: longer than a bomb of 3 s and the watchdog's 3 to 4.5 s together."""
FULL_STRETCH_S: Final = 20.0
OTHER_FACTOR: Final = 0.7
OTHER_STRETCH_S: Final = 15.0
"""The guests of 1 and 4 CPUs are there for what only their shape shows; all guests together must
be done within two minutes where two of them share two CPUs of the host."""
RELOADS: Final = 10
OTHER_RELOADS: Final = 3
"""What coming and going leaves behind does not depend on the shape: ten times in one guest are
enough."""
LONG_STEP_S: Final = 4.0
"""The long exercise by itself is longer than the watchdog, whatever came before it."""

STRETCH_FACTOR: Final = 3.0
"""The longest stretch lasts so many times the largest time constant of the object."""
LONGEST_STRETCH_S: Final = 66.0
"""Longer than the longest constant that is tried, 60 s, and the watchdog after it."""
WATCHDOG_LATEST_S: Final = 4.5
"""The watchdog of 3 s sees a stall after 1 to 1.5 times its limit."""

UPTIME_S: Final = 6 * 3600
"""A policy may wait for hours before it shows itself; nobody can wait that long with it."""

_BASELINE_SHARED_S: Final = 1.0
"""How the default scheduler shares a CPU among those who always want it shows within a second;
candidates get longer where their watchdog is to have its time."""
_ATTACH_S: Final = 0.6
_START_S: Final = 0.3
_OPEN_S: Final = 1.0
_LEASE_S: Final = 3.5


@dataclass(frozen=True, slots=True)
class Step:
    """One exercise of a guest, with its length under each of the two schedulers."""

    spec: ExerciseSpec
    baseline_s: float
    candidate_s: float


@dataclass(frozen=True, slots=True)
class GuestPlan:
    """What one guest does."""

    cpus: int
    steps: tuple[Step, ...]
    """In the order in which they run; the candidate stays in charge all through them."""
    reloads: int
    names: str = ""
    """How the names of its tasks begin; empty leaves that to chance."""
    lease_pause: bool = False
    """Also let a lease run out under load."""
    uptime_s: int = 0
    """How long its kernel shall believe to have been up, where guests can be made to."""

    @property
    def shape(self) -> str:
        """The guest's shape for people."""
        cpus = "1 CPU" if self.cpus == 1 else f"{self.cpus} CPUs"
        return f"{cpus}, up for hours" if self.uptime_s else cpus

    @property
    def parts(self) -> int:
        """Number of parts that progress is counted in."""
        return 2 * len(self.steps) + self.reloads + self.lease_pause

    @property
    def cost_s(self) -> float:
        """Seconds that it is expected to take."""
        runs = sum(step.baseline_s + step.candidate_s + 2 * _START_S for step in self.steps)
        return _OPEN_S + runs + self.reloads * _ATTACH_S + self.lease_pause * _LEASE_S

    @property
    def stretch_s(self) -> float:
        """Seconds that the candidate is in charge without a break, at least."""
        unbroken = (step for step in self.steps if step.spec.name != _FIRST_EXERCISE)
        return sum(step.candidate_s for step in unbroken)


def guest_plans(depth: Depth, longest_constant_s: float) -> tuple[GuestPlan, ...]:
    """Return the guests of a depth, the one that catches most first.

    Args:
        depth: None gives no guest.
        longest_constant_s: Largest time constant of the object, 0 when there is none.
    """
    if depth is Depth.NONE:
        return ()
    if depth is Depth.QUICK:
        return (GuestPlan(2, _quick_steps(), reloads=3),)
    outlasting = longest_constant_s + 2 * WATCHDOG_LATEST_S
    wanted = min(max(STRETCH_FACTOR * longest_constant_s, outlasting), LONGEST_STRETCH_S)
    return (
        GuestPlan(2, _full_steps(2, 1.0, max(FULL_STRETCH_S, wanted)), RELOADS, lease_pause=True),
        # Not only names that mean nothing: some policies look for those that mean something.
        GuestPlan(
            4,
            _full_steps(4, OTHER_FACTOR, OTHER_STRETCH_S),
            OTHER_RELOADS,
            names="service",
            uptime_s=UPTIME_S,
        ),
        GuestPlan(1, _full_steps(1, OTHER_FACTOR, OTHER_STRETCH_S), OTHER_RELOADS),
    )


def _quick_steps() -> tuple[Step, ...]:
    short = [Step(exercise(name), QUICK_STEP_S, QUICK_STEP_S) for name in QUICK_EXERCISES]
    return (*short, _long_step(short, QUICK_STRETCH_S))


def _full_steps(cpus: int, factor: float, stretch_s: float) -> tuple[Step, ...]:
    """Return all exercises, each for its own time by a factor."""
    specs = sorted(exercises_for(cpus), key=lambda spec: spec.name != _FIRST_EXERCISE)
    lengths = ((spec, factor * spec.seconds) for spec in specs if spec.name != LONG_EXERCISE)
    short = [Step(spec, _baseline_s(spec, seconds), seconds) for spec, seconds in lengths]
    return (*short, _long_step(short, stretch_s))


def _baseline_s(spec: ExerciseSpec, seconds: float) -> float:
    return min(seconds, _BASELINE_SHARED_S) if spec.judged else seconds


def _long_step(short: Sequence[Step], stretch_s: float) -> Step:
    before = sum(step.candidate_s for step in short if step.spec.name != _FIRST_EXERCISE)
    return Step(exercise(LONG_EXERCISE), _BASELINE_SHARED_S, max(LONG_STEP_S, stretch_s - before))
