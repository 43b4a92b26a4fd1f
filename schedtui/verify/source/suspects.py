"""Which names carry a task's identity, the machine's shape, or the time.

Deciding by these whether a task runs at all is how a scheduler hides from a sandbox or picks a
victim. What is computed from them is followed through variables, members, maps and functions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from schedtui.verify.source.flow import CALL, Call, Flow, plain, target_and_value
from schedtui.verify.source.guards import conditions
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import called, text_of

TIME: Final = "the time"
IDENTITY: Final = ("the process name", "the process id", "the cgroup")
SUSPECTS: Final = {
    **dict.fromkeys(("comm", "bpf_get_current_comm"), IDENTITY[0]),
    **dict.fromkeys(("pid", "tgid", "bpf_get_current_pid_tgid"), IDENTITY[1]),
    **dict.fromkeys(("start_time", "start_boottime", "now_ns", "scx_bpf_now"), TIME),
    **dict.fromkeys(("bpf_ktime_get_ns", "bpf_ktime_get_boot_ns", "bpf_jiffies64"), TIME),
    **dict.fromkeys(("bpf_ktime_get_tai_ns", "bpf_ktime_get_coarse_ns"), TIME),
    **dict.fromkeys(("nr_cpus", "nr_cpu_ids", "scx_bpf_nr_cpu_ids"), "the number of CPUs"),
    **dict.fromkeys(("nr_nodes", "scx_bpf_nr_node_ids"), "the number of memory nodes"),
    **dict.fromkeys(
        ("scx_bpf_get_online_cpumask", "scx_bpf_get_possible_cpumask", "bpf_cpumask_weight"),
        "the number of CPUs",
    ),
    **dict.fromkeys(("cgroups", "dfl_cgrp", "kn", "scx_bpf_task_cgroup"), IDENTITY[2]),
    **dict.fromkeys(("bpf_get_current_cgroup_id", "bpf_task_under_cgroup"), IDENTITY[2]),
    "bpf_get_prandom_u32": "chance",
    "bpf_get_smp_processor_id": "the CPU number",
}

_WORDS: Final = ("identifier", "field_identifier")
_COPIES: Final = {"__builtin_memcpy": (0, 1), "bpf_map_update_elem": (0, 2)}
"""Functions that copy, with the places of target and origin."""

_Name = tuple[str, str]
"""A function and one of its local names; the function is empty for all other names."""


MOVING: Final = "what changes while tasks wait"


def moving(flow: Flow) -> dict[str, str]:
    """Return names that change while tasks wait, so that an order by them lets all take turns."""
    times = [name for name, meaning in SUSPECTS.items() if meaning == TIME]
    task = ("dsq_vtime", "sum_exec_runtime", "slice", "nvcsw", "nivcsw", "bpf_get_prandom_u32")
    once = {"start_time", "start_boottime"}
    members = (
        text_of(target.child_by_field_name("field"))
        for function in flow.unit.functions.values()
        for node in function.body.below("assignment_expression", "update_expression")
        for target in node.below("field_expression")
    )
    written = (name for n in flow.unit.functions for name in flow.changed_in(n))
    return dict.fromkeys({*times, *task, *members, *written} - once, MOVING)


class Suspects:
    """Names of one source that carry something of ``seeds``, directly or computed."""

    def __init__(self, flow: Flow, seeds: Mapping[str, str] = SUSPECTS) -> None:
        self._flow = flow
        self._seeds = seeds
        self._into: dict[_Name, list[_Name]] = defaultdict(list)
        for owner in (*flow.unit.functions, ""):
            self._follow(owner)
        self._meaning: dict[_Name, str] = {}
        for meaning in sorted(set(seeds.values())):
            self._spread(meaning)

    def meaning(self, node: Node, owner: str) -> str:
        """Return in words what suspect thing an expression depends on, empty for none."""
        return min(self.meanings(node, owner), default="")

    def meanings(self, node: Node, owner: str) -> set[str]:
        """Return all suspect things an expression depends on."""
        names = self._names(node, owner)
        return {self._meaning[name] for name in names if name in self._meaning}

    def in_conditions(self, functions: Iterable[str]) -> str:
        """Return what suspect thing any condition of functions depends on."""
        found = {
            meaning
            for name in functions
            for condition in conditions(self._flow.functions[name].body)
            for meaning in self.meanings(condition, name)
        }
        return min(found, default="")

    def _spread(self, meaning: str) -> None:
        waiting = [("", name) for name, carried in self._seeds.items() if carried == meaning]
        while waiting:
            name = waiting.pop()
            if name not in self._meaning:
                self._meaning[name] = meaning
                waiting += self._into.get(name, [])

    # -- what flows into what -------------------------------------------------------------

    def _follow(self, owner: str) -> None:
        function = self._flow.functions.get(owner)
        if function is None:
            for node in self._flow.unit.root.children:
                if node.type == "declaration":
                    self._assignments(node, owner)
            return
        self._assignments(function.body, owner)
        self._connect(self._names(function.body, owner), ("", owner))
        for call in self._flow.calls_in(owner):
            self._arguments(call)

    def _assignments(self, body: Node, owner: str) -> None:
        for node in body.below("init_declarator", "assignment_expression"):
            target, value = target_and_value(node)
            if target is None or value is None:
                continue
            names = self._names(value, owner)
            for name in self._targets(target, owner):
                self._connect(names, name)

    def _targets(self, target: Node, owner: str) -> Iterator[_Name]:
        """Yield what a write changes: a variable, a member, or the map that a pointer is of."""
        target = plain(target)
        if target.type == "field_expression":
            yield "", text_of(target.child_by_field_name("field"))
            return
        root = next(target.below("identifier"), None)
        if root is None:
            return
        yield self._scoped(text_of(root), owner)
        if target.type in {"pointer_expression", "subscript_expression"}:
            yield from self._maps_behind(text_of(root), owner)

    def _maps_behind(self, pointer: str, owner: str) -> Iterator[_Name]:
        for write in self._flow.writes_in(owner).get(pointer, []):
            for call in write.value.below(CALL) if write.value is not None else ():
                arguments = call.child_by_field_name("arguments")
                first = arguments.named_children[:1] if arguments is not None else []
                if "lookup" in called(call) or "storage_get" in called(call):
                    yield from (n for a in first for n in self._names(a, owner))

    def _arguments(self, call: Call) -> None:
        if call.name in _COPIES:
            target, origin = (call.argument(place) for place in _COPIES[call.name])
            if target is not None and origin is not None:
                for name in self._names(target, call.owner):
                    self._connect(self._names(origin, call.owner), name)
        function = self._flow.unit.functions.get(call.name)
        if function is None:
            return
        for parameter, argument in zip(function.parameters, call.arguments, strict=False):
            inside = (call.name, parameter)
            self._connect(self._names(argument, call.owner), inside)
            if text_of(argument).startswith("&"):
                for name in self._names(argument, call.owner):
                    self._connect({inside}, name)

    def _connect(self, origins: Iterable[_Name], target: _Name) -> None:
        for origin in origins:
            self._into[origin].append(target)

    def _names(self, node: Node, owner: str) -> set[_Name]:
        found = set()
        for word in node.below(*_WORDS):
            is_member = word.type == "field_identifier"
            found.add(("", text_of(word)) if is_member else self._scoped(text_of(word), owner))
        return found

    def _scoped(self, name: str, owner: str) -> _Name:
        return (owner if name in self._flow.locals.get(owner, ()) else "", name)
