"""The two duties of a scheduler: every task is queued, every queue is served."""

from __future__ import annotations

from functools import cache
from typing import Final

from schedtui.verify.source.deeds import DONE, DONE_IF_ZERO, Deed
from schedtui.verify.source.paths import Paths
from schedtui.verify.source.unit import Unit, called, descendants, header_unit

PUSH: Final = "bpf_map_push_elem"

INSERTS: Final[dict[str, Deed]] = {
    **dict.fromkeys(
        (
            "scx_bpf_dsq_insert",
            "scx_bpf_dsq_insert_vtime",
            "scx_bpf_dispatch",
            "scx_bpf_dispatch_vtime",
            "bpf_list_push_back_impl",
            "bpf_list_push_front_impl",
            "bpf_rbtree_add_impl",
            # These end the scheduler, and the kernel runs every task again.
            "scx_bpf_error_bstr",
            "scx_bpf_exit_bstr",
        ),
        DONE,
    ),
    PUSH: DONE_IF_ZERO,
}
"""Calls after which a task is in a queue."""

TAKES: Final[dict[str, Deed]] = {
    **INSERTS,
    "scx_bpf_dsq_move_to_local": DONE,
    "scx_bpf_consume": DONE,
    "bpf_map_pop_elem": DONE,
}
"""Calls that try to take a task."""


@cache
def _header_takes() -> dict[str, Deed]:
    """Return the header's functions that take: its loops over queues are ours and trusted."""
    found = dict(TAKES)
    functions = header_unit().functions
    for _ in functions:
        for function in functions.values():
            calls = (called(n) for n in descendants(function.body, "call_expression"))
            if any(call in found for call in calls):
                found.setdefault(function.name, DONE)
    return found


def queueing(unit: Unit) -> Paths:
    """Return the analysis for "the task is in a queue"."""
    functions = {**header_unit().functions, **unit.functions}
    return Paths(functions, INSERTS, {**header_unit().constants, **unit.constants})


def serving(unit: Unit) -> Paths:
    """Return the analysis for "a queue was tried"."""
    return Paths(unit.functions, _header_takes(), unit.constants)


def reaches(unit: Unit, start: str, targets: frozenset[str]) -> str:
    """Return the first of ``targets`` that ``start`` calls, directly or through others."""
    functions = {**header_unit().functions, **unit.functions}
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in targets:
            return name
        if name in seen or name not in functions:
            continue
        seen.add(name)
        body = functions[name].body
        waiting += [called(n) for n in descendants(body, "call_expression")]
    return ""
