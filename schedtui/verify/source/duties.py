"""The two duties of a scheduler: every task is queued, every queue is served."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from schedtui.verify.source.deeds import DONE, DONE_IF_ZERO, Deed
from schedtui.verify.source.flow import Flow
from schedtui.verify.source.paths import Paths
from schedtui.verify.source.queue_use import QueueUse
from schedtui.verify.source.spans import Span, holds
from schedtui.verify.source.unit import Unit, called, descendants, header_unit

_DONE_IF_TRUE: Final = Deed(always=False, if_true=True, if_false=False)
PUSH: Final = "bpf_map_push_elem"
POP: Final = frozenset({"bpf_map_pop_elem"})

_HANDING_OVER: Final = (
    "scx_bpf_dsq_insert",
    "scx_bpf_dsq_insert___v2",
    "scx_bpf_dsq_insert_vtime",
    "scx_bpf_dispatch",
    "scx_bpf_dispatch_vtime",
)
INSERTS: Final[dict[str, Deed]] = {
    **dict.fromkeys(
        (
            *_HANDING_OVER,
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

_KEPT: Final = tuple(INSERTS.items())
_HANDED: Final = tuple((name, DONE) for name in _HANDING_OVER)

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
    return Paths(unit.functions, _with_header(_KEPT), _constants(unit))


def inserting(unit: Unit) -> Paths:
    """Return the analysis for "the kernel was handed the task"."""
    return Paths(unit.functions, _with_header(_HANDED), _constants(unit))


def _constants(unit: Unit) -> dict[str, int]:
    return {**header_unit().constants, **unit.constants}


@cache
def _with_header(deeds: tuple[tuple[str, Deed], ...]) -> Mapping[str, Deed]:
    """Return deeds together with what the functions of our header do by them."""
    header = header_unit()
    return Paths(header.functions, dict(deeds), header.constants).deeds


def serving(unit: Unit) -> Paths:
    """Return the analysis for "a queue was tried"."""
    return Paths(unit.functions, _header_takes(), unit.constants)


def serving_one(queues: QueueUse, span: Span, otherwise: Deed = _DONE_IF_TRUE) -> Paths:
    """Return the analysis for "this queue was tried, or a task was found in another".

    With ``otherwise`` NOT_DONE it is "this queue was tried".
    """
    tries = queues.tries
    at = {n.index: DONE if holds(taken, span) else otherwise for n, _, taken in tries}
    return Paths(queues.dispatching, {}, queues.unit.constants, at)


def trying_any(queues: QueueUse) -> Paths:
    """Return the analysis for "any queue was tried"."""
    at = {node.index: DONE for node, _, _ in queues.tries}
    return Paths(queues.dispatching, {}, queues.unit.constants, at)


def reaches(flow: Flow, start: str, targets: frozenset[str]) -> str:
    """Return the first of ``targets`` that ``start`` calls, directly or through others."""
    for name in flow.reached_from(start):
        for call in flow.calls_in(name):
            if call.name in targets:
                return call.name
    return ""
