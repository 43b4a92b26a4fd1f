"""Only what may sleep is declared so, and only there sleeping calls are made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.duties import reaches

# Kernel: bpf_scx_check_member().
_MAY_SLEEP: Final = {
    *("init", "exit", "init_task", "cgroup_init", "cgroup_exit", "cgroup_prep_move"),
    *("cpu_online", "cpu_offline"),
}
_SLEEPING_CALLS: Final = frozenset({"scx_bpf_create_dsq"})


def sleeping(subject: Subject) -> Iterator[Finding]:
    """SRC038 and SRC039."""
    unit = subject.unit
    for scheduler in unit.schedulers:
        for operation, name in scheduler.operations.items():
            function = unit.functions.get(name)
            if function is None:
                continue
            if function.sleepable and operation not in _MAY_SLEEP:
                yield finding("SRC038", function.line, operation=operation)
            call = reaches(subject.flow, name, _SLEEPING_CALLS)
            if call and not function.sleepable:
                yield finding("SRC039", function.line, call=call)


RULES: Final = (Rule("sleeping only where allowed", ("SRC038", "SRC039"), sleeping),)
