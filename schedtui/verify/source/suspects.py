"""Which names carry a task's identity, the machine's shape, or the time.

Deciding by these whether a task runs at all is how a scheduler hides from a sandbox or picks a
victim. What is computed from them is followed through variables and functions by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import Function, descendants, text_of, words_of

SUSPECTS: Final = {
    "comm": "the process name",
    "pid": "the process id",
    "tgid": "the process id",
    "start_time": "the time",
    "start_boottime": "the time",
    "nr_cpu_ids": "the number of CPUs",
    "scx_bpf_nr_cpu_ids": "the number of CPUs",
    "bpf_ktime_get_ns": "the time",
    "bpf_ktime_get_boot_ns": "the time",
    "scx_bpf_now": "the time",
    "now_ns": "the time",
    "bpf_get_prandom_u32": "chance",
    "bpf_get_smp_processor_id": "the CPU number",
}


class Suspects:
    """Names of one source that carry something of SUSPECTS, directly or computed."""

    def __init__(self, root: Node, functions: Mapping[str, Function]) -> None:
        self._meaning = dict(SUSPECTS)
        flows = [*_assignments(root), *_results(functions)]
        changed = True
        while changed:
            changed = False
            for name, source in flows:
                meaning = self.meaning(source)
                if meaning and name not in self._meaning:
                    self._meaning[name] = meaning
                    changed = True

    def meaning(self, node: Node) -> str:
        """Return in words what suspect thing an expression depends on, empty for none."""
        found = {self._meaning[w] for w in words_of(node) if w in self._meaning}
        return min(found, default="")

    def in_conditions(self, body: Node) -> str:
        """Return what suspect thing any condition of a function depends on."""
        kinds = ("if_statement", "while_statement", "switch_statement", "conditional_expression")
        conditions = (n.child_by_field_name("condition") for n in descendants(body, *kinds))
        meanings = {self.meaning(c) for c in conditions if c is not None} - {""}
        return min(meanings, default="")


def _assignments(root: Node) -> list[tuple[str, Node]]:
    found = []
    for node in descendants(root, "init_declarator", "assignment_expression"):
        target = node.child_by_field_name("declarator") or node.child_by_field_name("left")
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        if target is not None and value is not None:
            names = list(descendants(target, "identifier", "field_identifier"))
            found += [(text_of(names[-1]), value)] if names else []
    return found


def _results(functions: Mapping[str, Function]) -> list[tuple[str, Node]]:
    return [(name, function.body) for name, function in functions.items()]
