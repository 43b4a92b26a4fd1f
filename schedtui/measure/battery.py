"""The exercises of the battery: what each does, how long it takes and what it reports.

All are run by one workload program, ``battery``, which measures a victim beside each exercise's
own load. A run takes its seconds plus at most one for beginning and tidying up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schedtui.model.protocol import WindowArgs

PROGRAM: Final = "battery"
"""Name of the workload program."""

COMMON_METRICS: Final = (
    "victim_gap_ms",
    "victim_gap_awake_ms",
    "victim_p99_ms",
    "victim_steps",
    "forks",
    "forks_failed",
    "execs",
    "execs_failed",
    "tasks_missing",
    "children_lost",
    "kthread_delay_ms",
    "kthread_delay_awake_ms",
    "seconds",
)
"""Reported by every exercise; those of kernel threads where the kernel offers it."""

SPINNER_METRICS: Final = ("least_progress_pct", "jain_pct", "busy_pct")
"""Reported by exercises with at least two spinners of equal weight; the last is the share of all
CPU time that went to spinners, which a slow or busy host does not change."""

NEVER: Final = ("forks_failed", "execs_failed", "tasks_missing", "children_lost")
"""Common metrics that are 0 under every sound scheduler."""

_SETTLING_S: Final = 1.0
_START_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class ExerciseSpec:
    """One exercise.

    Attributes:
        name: What the program calls it.
        title: What it does, for people.
        seconds: How long it is measured.
        needs_cpus: CPUs that a guest must have.
        judged: True when equal-weight spinners are compared (``SPINNER_METRICS``).
        rate: Metric of throughput, more is better; empty where there is none.
        longest: Metric of its own longest wait in ms, less is better; empty where there is none.
        never: Own metrics that are 0 under every sound scheduler.
        told: Further own metrics, for people.
        in_battery: False for one whose figures depend on what a policy is for, which a battery
            does not judge.
    """

    name: str
    title: str
    seconds: float = 1.0
    needs_cpus: int = 1
    judged: bool = False
    rate: str = ""
    longest: str = ""
    never: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    in_battery: bool = True

    @property
    def metrics(self) -> tuple[str, ...]:
        """All metrics beyond ``COMMON_METRICS``."""
        judged = SPINNER_METRICS if self.judged else ()
        rate = (self.rate,) if self.rate else ()
        longest = (self.longest, awake_of(self.longest)) if self.longest else ()
        return (*judged, *rate, *longest, *self.never, *self.told)


EXERCISES: Final = (
    ExerciseSpec("idle", "Nothing beside the victim"),
    ExerciseSpec(
        "saturated",
        "Three spinners for each CPU, and births beside them",
        judged=True,
        rate="work",
        longest="newborn_ms",
    ),
    ExerciseSpec("forks", "A storm of short children", rate="forks_per_s"),
    ExerciseSpec("execs", "A storm of programs", rate="execs_per_s"),
    ExerciseSpec(
        "pinned",
        "A spinner and two sleepers bound to each CPU",
        judged=True,
        rate="work",
        longest="pinned_gap_ms",
    ),
    ExerciseSpec(
        "nice",
        "Spinners of nice -20, 0 and 19",
        judged=True,
        rate="work",
        told=("nice_high_ms", "nice_zero_ms", "nice_low_ms"),
    ),
    ExerciseSpec("rt_hog", "A real-time task takes most of each CPU", judged=True, rate="work"),
    ExerciseSpec(
        "ping_pong",
        "Pairs that talk through pipes",
        rate="round_trips_per_s",
        longest="round_trip_ms",
    ),
    ExerciseSpec("convoy", "A queue before one lock", rate="locks_per_s", longest="lock_wait_ms"),
    ExerciseSpec(
        "cgroups",
        "Control groups made, entered, weighted, left and removed",
        rate="work",
        never=("cgroups_failed",),
        told=("cgroups",),
    ),
    ExerciseSpec(
        "lowly",
        "Light tasks, and tasks of a group, beside tasks of no group",
        # Longer than it takes the watchdog to see who is never served.
        seconds=5.0,
        judged=True,
        rate="work",
        told=("light_ms", "grouped_ms"),
    ),
    ExerciseSpec(
        "weights",
        "Two control groups, one of three times the weight of the other",
        rate="work",
        never=("weights_failed",),
        told=("heavier_ms", "lighter_ms"),
        in_battery=False,
    ),
    ExerciseSpec(
        "hotplug",
        "CPUs taken offline and back",
        needs_cpus=2,
        rate="work",
        never=("hotplugs_failed",),
        told=("hotplugs",),
    ),
    ExerciseSpec(
        "memory",
        "Memory taken until little is left, given back and taken again",
        seconds=2.0,
        never=("memory_failed",),
        told=("memory_rounds", "memory_least_mb"),
    ),
    ExerciseSpec("wakeups", "A herd of 96 woken at once", rate="wakeups_per_s", longest="herd_ms"),
    ExerciseSpec(
        "pins512",
        "512 threads that keep changing their CPU",
        rate="moves_per_s",
        longest="pin_late_ms",
        never=("moves_failed",),
    ),
    ExerciseSpec(
        "yield_storm",
        "Tasks that only yield, beside spinners",
        rate="work",
        told=("yields_per_s",),
    ),
)


def awake_of(wait: str) -> str:
    """Return the metric of the same waits without the time for which a CPU stood still."""
    return wait.removesuffix("_ms") + "_awake_ms"


def exercise(name: str) -> ExerciseSpec:
    """Return the exercise called ``name``; raises KeyError when there is none."""
    for spec in EXERCISES:
        if spec.name == name:
            return spec
    raise KeyError(name)


def exercises_for(cpus: int) -> tuple[ExerciseSpec, ...]:
    """Return the exercises of a battery that a guest of ``cpus`` CPUs can do."""
    return tuple(spec for spec in EXERCISES if spec.in_battery and spec.needs_cpus <= cpus)


def window(spec: ExerciseSpec, *, seed: int, names: str, seconds: float = 0.0) -> WindowArgs:
    """Return the call that does ``spec`` once.

    Args:
        spec: What to do.
        seed: Seed of names, orders and pauses, from 1 on.
        names: How task names begin: a letter, then up to ten letters, digits or hyphens.
        seconds: How long to measure; 0 takes the exercise's own length.
    """
    length = seconds or spec.seconds
    arguments = (spec.name, "--seconds", f"{length:.1f}", "--seed", str(seed), "--names", names)
    return WindowArgs(PROGRAM, arguments, length + _SETTLING_S + _START_S)
