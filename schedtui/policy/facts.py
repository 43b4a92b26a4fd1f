"""What slots can read of a task: the one table behind checks, scaffold and documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schedtui.model.policy import Parameter, ParameterType
from schedtui.model.slots import SlotName

_ALL: Final = frozenset(SlotName)
_BUT_CLASSIFY: Final = _ALL - {SlotName.CLASSIFY}
_ORDER: Final = frozenset({SlotName.ORDER})
_CPU: Final = frozenset({SlotName.CPU})
_PREEMPT: Final = frozenset({SlotName.PREEMPT})
_CHARGE: Final = frozenset({SlotName.CHARGE})


class Subject(StrEnum):
    """Whom a fact is about; its name in a slot."""

    TASK = "task"
    OTHER = "other"
    """The task that runs on a CPU which might be interrupted."""


class Source(StrEnum):
    """Where the scaffold takes a fact from, and so which part of the scaffold is needed."""

    GIVEN = "given"
    """It is always there."""
    KNOWN = "known"
    """The task itself and the machine."""
    GROUPS = "groups"
    """Control groups."""
    NAMED = "named"
    """The row of a table with the name of the task."""
    BEGUN = "begun"
    """The row of a table with the beginning of its name."""
    LONGEST = "longest"
    """A whole table."""
    HABITS = "habits"
    """Averages that are learnt while the policy runs."""
    WAITS = "waits"
    """The last wait, which is measured while the policy runs."""
    CLASS = "class"
    """The slot classify."""
    PLACED = "placed"
    """The moment at which a task is queued."""
    CLOCK = "clock"
    """The virtual clocks."""
    WOKEN = "woken"
    """The moment of a wake-up."""
    TURN = "turn"
    """The turn that has just ended."""
    KEY = "key"
    """The place that the task has just taken."""
    RUNNING = "running"
    """What the scaffold notes of whoever runs."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One member of what a slot can read."""

    name: str
    unit: str
    meaning: str
    source: Source
    value: str
    """In C, where the scaffold fills it in."""
    slots: frozenset[SlotName] = _ALL
    subject: Subject = Subject.TASK
    type: str = "u64"
    table: str = ""
    """Parameter that it is about."""

    @property
    def access(self) -> str:
        """How a slot writes it."""
        return f"{self.subject}->{self.name}"


FACTS: Final = (
    Fact(
        "waking",
        "",
        "it has just woken up; no more when its turn begins",
        Source.GIVEN,
        "waking",
        type="bool",
    ),
    Fact("weight", "", "by its nice value; 100 is usual", Source.KNOWN, "p->scx.weight"),
    Fact(
        "group_weight",
        "",
        "cpu.weight of its control group; 100 is usual",
        Source.GROUPS,
        "group_weight_of(p)",
    ),
    Fact("priority", "", "100 to 139; 120 is nice 0", Source.KNOWN, "p->static_prio"),
    Fact("kthread", "", "it is a kernel thread", Source.KNOWN, "is_kthread(p)", type="bool"),
    Fact("pinned", "", "it may use one CPU only", Source.KNOWN, "is_pinned(p)", type="bool"),
    Fact("ran_ns", "ns", "CPU time since its birth", Source.KNOWN, "p->se.sum_exec_runtime"),
    Fact("cpus", "", "CPUs that the machine can have", Source.KNOWN, "nr_cpus"),
    Fact(
        "burst_ns",
        "ns",
        "CPU time since it woke up",
        Source.HABITS,
        "p->se.sum_exec_runtime - memory->woken_at",
    ),
    Fact(
        "run_ns",
        "ns",
        "mean CPU time from a wake-up to the next sleep, 0 before the first",
        Source.HABITS,
        "memory->run_ns",
    ),
    Fact(
        "period_ns",
        "ns",
        "mean time between its wake-ups, 0 before the second",
        Source.HABITS,
        "memory->period_ns",
    ),
    Fact("wakes", "", "wake-ups so far", Source.HABITS, "memory->wakes"),
    Fact(
        "waited_ns", "ns", "how long it waited for its last turn", Source.WAITS, "memory->waited_ns"
    ),
    Fact("class", "", "what classify said of it", Source.CLASS, "", _BUT_CLASSIFY),
    Fact("now", "ns", "the time", Source.PLACED, "line", _ORDER),
    Fact(
        "held",
        "ns",
        "the place that it had the last time, 0 for none",
        Source.PLACED,
        "p->scx.dsq_vtime",
        _ORDER,
    ),
    Fact("clock", "ns", "its virtual clock", Source.CLOCK, "clock_of(p, task)", _ORDER),
    Fact("timeline", "ns", "the virtual time of all", Source.CLOCK, "line", _ORDER),
    Fact("previous_cpu", "", "where it ran the last time", Source.WOKEN, "prev_cpu", _CPU),
    Fact(
        "waker_cpu",
        "",
        "where the one that wakes it runs",
        Source.WOKEN,
        "bpf_get_smp_processor_id()",
        _CPU,
    ),
    Fact(
        "sync",
        "",
        "the one that wakes it is about to sleep",
        Source.WOKEN,
        "wake_flags & SCX_FLAG(wake_flags, SCX_WAKE_SYNC)",
        _CPU,
        type="bool",
    ),
    Fact("turn_ns", "ns", "CPU time of the turn that ends", Source.TURN, "ran", _CHARGE),
    Fact("key", "ns", "the place that it has just taken", Source.KEY, "key", _PREEMPT),
    Fact(
        "key",
        "ns",
        "the place that it had before its turn",
        Source.RUNNING,
        "",
        _PREEMPT,
        Subject.OTHER,
    ),
    Fact(
        "class",
        "",
        "what classify said of it",
        Source.RUNNING,
        "READ_ONCE(turn->class)",
        _PREEMPT,
        Subject.OTHER,
    ),
    Fact(
        "weight",
        "",
        "by its nice value; 100 is usual",
        Source.RUNNING,
        "READ_ONCE(turn->weight)",
        _PREEMPT,
        Subject.OTHER,
    ),
    Fact(
        "late",
        "",
        "the time line had passed its place when its turn began",
        Source.RUNNING,
        "READ_ONCE(turn->late)",
        _PREEMPT,
        Subject.OTHER,
        type="bool",
    ),
    Fact(
        "turn_ns",
        "ns",
        "how long its turn has lasted",
        Source.RUNNING,
        "now - since",
        _PREEMPT,
        Subject.OTHER,
    ),
)
"""All facts but those of tables."""


def facts_for(parameters: Iterable[Parameter]) -> tuple[Fact, ...]:
    """Return all facts that slots of a policy with these parameters can read."""
    tables = (p for p in parameters if p.type is ParameterType.NAMES)
    return (*FACTS, *(fact for table in tables for fact in table_facts(table.name)))


def table_facts(table: str) -> Iterator[Fact]:
    """Yield what a table of names says about a task."""
    rows = (
        (f"{table}_ms", f"what {table} says of its name, 0 for nothing", Source.NAMED),
        (
            f"{table}_begins_ms",
            f"what {table} says of names that begin as its own does, 0 for nothing",
            Source.BEGUN,
        ),
        (
            f"longest_{table}_ms",
            f"the greatest that {table} says of anybody, at least 1",
            Source.LONGEST,
        ),
    )
    values = {
        Source.NAMED: f"named_in({table}, p)",
        Source.BEGUN: f"begun_in({table}, {table}_beginnings, p)",
        Source.LONGEST: f"longest_{table}_ms",
    }
    for name, meaning, source in rows:
        yield Fact(name, "ms", meaning, source, values[source], table=table)
