"""What schedulers may use, and the words for what calls let them do.

The calls themselves are in ``object_helpers`` and ``object_kfuncs``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Capability(StrEnum):
    """What a call lets a scheduler do, in words for people."""

    QUEUES = "queues"
    CPUS = "CPU selection"
    STORAGE = "storage"
    LOCKS = "locks"
    LOOPS = "loops"
    TIME = "time"
    CHANCE = "random numbers"
    IDENTITY = "identity of tasks"
    CGROUPS = "cgroups"
    SPEED = "CPU speed"
    ENDING = "ending itself"
    EXIT_RECORD = "exit record"

    SIGNAL = "signals"
    MEMORY = "memory of others"
    OUTPUT = "output"
    TAIL_CALL = "tail calls"
    TIMER = "timers"
    NETWORK = "network"
    TRACING = "tracing"
    FILES = "files"
    OTHER_SCHEDULERS = "other schedulers"
    UNKNOWN = "nothing we know"


OPERATIONS: Final = frozenset(
    {
        *("select_cpu", "enqueue", "dequeue", "dispatch", "tick", "runnable", "running"),
        *("stopping", "quiescent", "yield", "core_sched_before", "set_weight", "set_cpumask"),
        *("update_idle", "cpu_acquire", "cpu_release", "init_task", "exit_task", "enable"),
        *("disable", "dump", "dump_cpu", "dump_task", "cgroup_init", "cgroup_exit"),
        *("cgroup_prep_move", "cgroup_move", "cgroup_cancel_move", "cgroup_set_weight"),
        *("cgroup_set_bandwidth", "cgroup_set_idle", "cpu_online", "cpu_offline", "init", "exit"),
    }
)
"""Operations of a scheduler for a whole machine. Those for schedulers below it are not here."""

MAP_KINDS: Final = frozenset(
    {
        *("hash", "array", "percpu_hash", "percpu_array", "lru_hash", "lru_percpu_hash"),
        *("queue", "stack", "task_storage", "cgrp_storage"),
    }
)

NO_PREALLOC: Final = 1
MAP_FLAGS: Final = NO_PREALLOC
"""Flags a map may carry: kernel include/uapi/linux/bpf.h, ``BPF_F_``. All others share the map
with user space or other programs, freeze it, or change how it hashes."""

TAGS: Final = frozenset(
    {
        *("kptr", "kptr_untrusted", "percpu_kptr", "percpu", "rcu"),
        *("arg:nullable", "arg:nonnull", "arg:trusted", "arg:ctx"),
    }
)
"""Words on types that say how the kernel's verifier shall treat a pointer of the scheduler."""

GPL_LICENSES: Final = frozenset(
    {
        *("GPL", "GPL v2", "GPL and additional rights"),
        *("Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"),
    }
)
"""Kernel include/linux/license.h."""
