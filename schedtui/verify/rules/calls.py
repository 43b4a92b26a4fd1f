"""Only functions that a scheduler needs are called, and only where the kernel allows them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.lists import Capability
from schedtui.verify.object_helpers import HELPERS, REFUSED_HELPERS
from schedtui.verify.object_kfuncs import ALLOWED, capability_of
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.lexer import Kind
from schedtui.verify.source.unit import called, descendants, header_unit, line_of, text_of

_ALLOWED: Final = ALLOWED | {name for table in HELPERS.values() for name in table.values()}
_BUILTINS: Final = frozenset({"__builtin_memset", "__builtin_memcpy", "__builtin_memcmp"})
_KERNELS: Final = ("bpf_", "scx_bpf_", "__scx_bpf_")
_KERNEL_MACROS: Final = ("bpf_core_", "bpf_ksym_")

INSERTING_IN: Final = frozenset({"select_cpu", "enqueue", "dispatch"})
_ONLY_IN: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(
        (
            *("scx_bpf_dsq_insert", "scx_bpf_dsq_insert___v2", "scx_bpf_dsq_insert_vtime"),
            *("scx_bpf_dispatch", "scx_bpf_dispatch_vtime", "__scx_bpf_dsq_insert_vtime"),
        ),
        INSERTING_IN,
    ),
    **dict.fromkeys(("scx_bpf_select_cpu_dfl",), frozenset({"select_cpu", "enqueue"})),
    **dict.fromkeys(
        ("scx_bpf_dispatch_nr_slots", "scx_bpf_dispatch_cancel"), frozenset({"dispatch"})
    ),
    "scx_bpf_reenqueue_local": frozenset({"cpu_release"}),
}
"""Kernel: scx_kfunc_ids_select_cpu, _enqueue_dispatch, _dispatch, _cpu_release."""


def allowed(subject: Subject) -> Iterator[Finding]:
    """SRC043: every called or named function is ours, the candidate's, or on the lists."""
    known = subject.unit.functions.keys() | _ALLOWED | _BUILTINS | _ours()
    for node in descendants(subject.unit.root, "call_expression"):
        name = called(node)
        if name and name not in known:
            yield finding("SRC043", line_of(node), call=name, why=_why(name))
    for node in descendants(subject.unit.root, "identifier"):
        name = text_of(node)
        if node.role != "function" and name.startswith(_KERNELS) and name not in known:
            yield finding("SRC043", line_of(node), call=name, why=_why(name))


def _why(name: str) -> str:
    if not name.startswith(_KERNELS):
        return ", nor is it defined here"
    helpers = ((c, name in names.values()) for c, names in REFUSED_HELPERS.items())
    refused = next((c for c, found in helpers if found), capability_of(name))
    return f" (it is about {refused.value})" if refused is not Capability.UNKNOWN else ""


def in_their_place(subject: Subject) -> Iterator[Finding]:
    """SRC044: calls that the kernel allows in some operations only."""
    for operation, name in subject.flow.operations.items():
        for reached in subject.flow.reached_from(name):
            for call in subject.flow.calls_in(reached):
                places = _ONLY_IN.get(call.name)
                if places is not None and operation not in places:
                    line = subject.unit.functions[name].line if call.ours else line_of(call.node)
                    words = {"call": call.name, "places": " and ".join(sorted(places))}
                    yield finding("SRC044", line, operation=operation, **words)


@cache
def _ours() -> frozenset[str]:
    """Return functions and macros of the public headers that lead to allowed functions only."""
    unit = header_unit()
    bodies = {m.name: {x.text for x in m.body if x.kind is Kind.WORD} for m in unit.macros}
    return frozenset({n for n in bodies if not _leads_astray(n, bodies)} | set(unit.functions))


def _leads_astray(name: str, bodies: dict[str, set[str]]) -> bool:
    seen, waiting = set[str](), [name]
    while waiting:
        word = waiting.pop()
        if word in seen:
            continue
        seen.add(word)
        is_kernels = word.startswith(_KERNELS) and not word.startswith(_KERNEL_MACROS)
        if is_kernels and word not in _ALLOWED:
            return True
        waiting += bodies.get(word, ())
    return False


RULES: Final = (
    Rule("only known functions are called", ("SRC043",), allowed),
    Rule("calls are in their place", ("SRC044",), in_their_place),
)
