"""Why a candidate is no longer in charge, from its exit record, in words."""

from __future__ import annotations

import re
from typing import Final

from schedtui.model.telemetry import ExitRecord, SchedulerState

UNREGISTERED: Final = 64
BY_KERNEL: Final = 66
STALLED: Final = 1026
_RESTART_AFTER_HOTPLUG: Final = 1 << 48 | 1 << 32
"""SCX_ECODE_ACT_RESTART with SCX_ECODE_RSN_HOTPLUG: load it again, nothing is wrong."""

_KINDS: Final = {
    65: "it ended itself (scx_bpf_exit)",
    BY_KERNEL: "the kernel ended it",
    67: "it was ended with SysRq",
    1024: "it broke a rule of the kernel",
    1025: "it reported an error of its own (scx_bpf_error)",
    STALLED: "the kernel's watchdog found a task that was not run",
    1027: "it kept queueing tasks that it did not run",
    1028: "the kernel had to rescue tasks from it",
}
_WAITER: Final = re.compile(r"(.{1,15})\[(\d{1,10})\] failed to run for (\d{1,6}(?:\.\d{1,6})?)s")


def is_stall(record: ExitRecord) -> bool:
    """Tell whether the watchdog ended it; a host that pauses the guest can do that too."""
    return record.kind == STALLED


def is_hotplug_restart(record: ExitRecord) -> bool:
    """Tell whether it went because a CPU came or went and it has no operations for that."""
    return record.kind == BY_KERNEL and record.code & _RESTART_AFTER_HOTPLUG == (
        _RESTART_AFTER_HOTPLUG
    )


def in_words(state: SchedulerState) -> str:
    """Return why it is no longer in charge."""
    record = state.last_exit
    if record is None:
        return state.ended or f"sched_ext is {state.state} and nobody said why"
    kind = _KINDS.get(record.kind, f"exit kind {record.kind}")
    return f"{kind}: {_oldest_waiter(record.message) or _said(record)}"


def _oldest_waiter(message: str) -> str:
    found = _WAITER.search(message)
    if found is None:
        return ""
    name, pid, seconds = found.groups()
    return f"{name.strip()} ({pid}) waited {float(seconds):.1f} s for a CPU"


def _said(record: ExitRecord) -> str:
    return ", ".join(filter(None, (record.reason, record.message))) or "it left no reason"
