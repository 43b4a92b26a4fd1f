"""Which policies come first for a kind of load, which built-in load stands for it, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schedtui.measure.catalogue import workload
from schedtui.measure.objectives import metrics_of
from schedtui.model.goal import Family, Metric

ARMS: Final[Mapping[Family, tuple[str, ...]]] = {
    Family.SERVICE: ("fifo_rtc",),
    Family.BATCH_SKEWED: ("longest_first",),
    Family.BATCH_UNIFORM: ("longest_first",),
    Family.BUILD: ("longest_first",),
    Family.INTERACTIVE: ("vtime_fair",),
    Family.OLTP: ("cache_local", "fifo_rtc"),
    Family.OLAP: ("cache_local", "fifo_rtc"),
    Family.MICROSERVICES: ("frame_deadline", "layers", "cgroup_weight"),
    Family.SERVERLESS: ("fifo_rtc",),
    Family.LOADING: ("layers",),
    Family.BARRIER: ("fifo_rtc",),
    Family.INFERENCE: ("layers", "fifo_rtc"),
    Family.PERIODIC: ("frame_deadline", "vtime_fair"),
    Family.TENANTS: ("cgroup_weight", "layers"),
    Family.PHASES: ("phase_switch",),
    Family.ABUSE: ("cgroup_weight", "vtime_fair"),
}
"""Policies by family, first choice first; the first that the repository has is taken."""

EACH_SOONER: Final = "shortest_first"
"""The policy for the mean over all jobs, whatever the batch."""

FIRST_CHOICES: Final = frozenset({EACH_SOONER, *(name for arms in ARMS.values() for name in arms)})
"""All policies that a rule may take."""

STAND_INS: Final[Mapping[Family, tuple[str, ...]]] = {
    Family.SERVICE: ("request_service",),
    Family.BATCH_SKEWED: ("uneven_batch",),
    Family.BATCH_UNIFORM: ("uneven_batch",),
    Family.BUILD: ("uneven_batch",),
    Family.INTERACTIVE: ("game_compile",),
    Family.OLTP: ("request_service",),
    Family.OLAP: ("request_service",),
    Family.MICROSERVICES: ("service_chain",),
    Family.SERVERLESS: ("fork_storm",),
    Family.LOADING: ("barrier_steps",),
    Family.BARRIER: ("barrier_steps",),
    Family.INFERENCE: ("request_service",),
    Family.PERIODIC: ("periodic",),
    Family.TENANTS: ("request_service", "adversary"),
    Family.PHASES: ("phases",),
    Family.ABUSE: ("adversary",),
}
"""The built-in workloads whose trial stands for a family, likeliest first."""

REASONS: Final[Mapping[str, str]] = {
    "fifo_rtc": "with several tasks per CPU the default scheduler interrupts requests halfway, "
    "also while they hold a lock that others wait for; long turns in order of arrival let each "
    "one finish",
    "longest_first": "sharing the CPUs evenly leaves the longest jobs running alone at the end; "
    "started first, they run beside the short ones",
    "shortest_first": "sharing the CPUs evenly makes every job wait for all others; the shortest "
    "first, most jobs are done long before the last one",
    "vtime_fair": "a task that sleeps until its next frame should run at once when it wakes; a "
    "credit on the fair time line puts it before work that never sleeps",
    "frame_deadline": "tasks that wake often for short work get early deadlines, learnt from how "
    "they behave, so they need not queue behind those that compute",
    "cgroup_weight": "each cgroup gets CPU time by its weight however many tasks it starts, so a "
    "tenant cannot take the share of another by being busier",
    "layers": "the tasks that the others wait for are named, and run before the rest in a layer "
    "of their own; the rest ages, so it is never left out",
    "phase_switch": "what fits one phase hurts the next, so the policy follows the load",
    "cache_local": "tasks that keep their caches warm need less CPU time for the same work",
}
"""Why the first choice of a family is expected to help."""

FIRST_TRY: Final[Mapping[Family, str]] = {
    Family.PERIODIC: "a task under SCHED_FIFO or SCHED_DEADLINE runs before everything that "
    "sched_ext schedules: where you may set its class, try that first",
    Family.ABUSE: "a limit on its cgroup (cpu.max, pids.max) stops a harmful task under any "
    "scheduler: where you may set it, do that too",
    Family.TENANTS: "weights count between cgroups: tenants that share one cgroup are not told "
    "apart",
    Family.LOADING: "when the CPUs are not what the loaders wait for, but a disk or a network, no "
    "scheduler feeds the device sooner",
}
"""What a person should know before trying a policy for a family."""

SCALES_WITH_ORDER: Final = frozenset(ARMS) - {
    *(Family.BATCH_SKEWED, Family.BATCH_UNIFORM, Family.BUILD, Family.INTERACTIVE)
}
"""Families whose rate depends on who runs when, because their tasks wait for one another."""

BATCHES: Final = frozenset({Family.BATCH_SKEWED, Family.BATCH_UNIFORM, Family.BUILD})


def reported(name: str) -> frozenset[Metric]:
    """Return what the built-in workload ``name`` reports for certain; a running load may more."""
    return frozenset(map(Metric, set(metrics_of(workload(name))) & set(Metric)))


def stand_in(family: Family, metric: Metric) -> str:
    """Return the workload that stands for a family, one that reports ``metric`` if there is."""
    names = STAND_INS.get(family, ())
    return next((name for name in names if metric in reported(name)), next(iter(names), ""))
