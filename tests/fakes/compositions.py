"""Compositions that together need every part of the scaffold."""

from __future__ import annotations

from typing import Final

from schedtui.model.composition import Composition
from schedtui.model.policy import Parameter, ParameterType, ParameterValue
from schedtui.model.slots import SlotFilling, SlotName

SLICE: Final = Parameter("slice_us", ParameterType.INTEGER, 5000, "us", "Longest turn.", 100, 10**6)
HINTS: Final = Parameter("hints", ParameterType.NAMES, (), "ms", "Expected run times.", 1, 10**6)


def composition(
    name: str = "mine", parameters: tuple[Parameter, ...] = (SLICE,), **slots: str
) -> Composition:
    """Return a composition with these slots."""
    fillings = tuple(SlotFilling(SlotName(slot), code) for slot, code in slots.items())
    return Composition(name, f"{name}: for tests.", parameters, fillings)


def number(name: str, default: ParameterValue) -> Parameter:
    """Return an integer parameter."""
    return Parameter(name, ParameterType.INTEGER, default, "", "A number.", 0, 10**9)


TURN: Final = "slice_us * NSEC_PER_USEC"

FRAMES: Final = composition(
    "frames",
    (SLICE, number("frame_us", 16667), number("favour", 4)),
    classify="""
const u64 frame = frame_us * NSEC_PER_USEC;
const u64 run = MAX(task->run_ns, task->burst_ns);

if (task->wakes < 4)
	return 3;
if (run <= frame / 4 && run * 2 <= task->period_ns)
	return 1;
return run <= frame && run * 4 <= task->period_ns * 3 ? 2 : 3;
""",
    order="""
/* An earliest deadline: the clock, and what the task is about to ask for. */
u64 request = slice_us * NSEC_PER_USEC;

if (task->class != 3)
	request = MAX(task->run_ns, 200 * NSEC_PER_USEC);
return task->clock + request * 100 / MAX(task->weight, 1ULL);
""",
    slice="task->class == 3 ? slice_us * NSEC_PER_USEC : frame_us * NSEC_PER_USEC / 2",
    credit="task->class == 3 ? 0 : frame_us * NSEC_PER_USEC / task->class",
    charge="""
const u64 cost = task->turn_ns * 100 / MAX(task->weight, 1ULL);

return task->class == 3 ? cost : cost / MAX(favour, 1ULL);
""",
    preempt="""
const u64 late = other->key + other->turn_ns;

if (other->late || task->class == 3 || !before(task->key + 500 * NSEC_PER_USEC, late))
	return 0;
return late - task->key;
""",
)
"""Virtual clocks beside places, habits, classes, credit, charge and interruptions."""

NAMED: Final = composition(
    "named",
    (SLICE, HINTS),
    classify="task->hints_ms || task->hints_begins_ms ? 1 : EXPRESS",
    order="""
const u64 ageing = NSEC_PER_SEC;
const u64 rank = task->hints_ms * 1024 / task->longest_hints_ms;
const u64 fresh = task->now + ageing - ageing / 1024 * rank;

if (!task->waking && before(task->held, fresh))
	return task->held;
return fresh;
""",
    slice="task->class == EXPRESS ? 4 * NSEC_PER_MSEC : slice_us * NSEC_PER_USEC",
)
"""A table of names and the express queue."""

LAYERED: Final = composition(
    "steps",
    classify="""
if (task->kthread || task->priority < 120)
	return 1;
return task->priority == 120 ? 2 : 3;
""",
    order="task->now + task->class * 100 * NSEC_PER_MSEC",
    slice=TURN,
    preempt="other->class > task->class ? other->class - task->class : 0",
)
"""Places in time, classes of those who run, interruptions."""

HINTED: Final = composition(
    "hinted",
    slice=f"""
const u64 turn = {TURN};

return task->waited_ns > 100 * NSEC_PER_MSEC ? 2 * turn : turn;
""",
    cpu="""
if (task->pinned)
	return ANY_CPU;
return task->sync && task->cpus > 1 ? task->waker_cpu : task->previous_cpu;
""",
)
"""A hint for a CPU, and waits."""

BRIEF: Final = composition(
    "brief",
    classify="task->ran_ns < 10 * NSEC_PER_MSEC && task->weight >= 100 ? EXPRESS : 1",
    slice=TURN,
)
"""The express queue beside one that is first in, first out."""

SUDDEN: Final = composition(
    "sudden",
    classify="task->waking ? EXPRESS : 1",
    order="task->timeline + 1",
    slice="slice_us * NSEC_PER_USEC * task->group_weight / 100",
    preempt="task->class == EXPRESS && !other->late ? other->weight : 0",
)
"""The express queue with interruptions, places on virtual time without a clock, groups."""

CONSTANT: Final = composition(
    "constant", (), classify="9", order="task->clock", slice="1", credit="NSEC_PER_SEC", charge="0"
)
"""Every slot has one answer, which a compiler knows as well."""

EVERY: Final = (FRAMES, NAMED, LAYERED, HINTED, BRIEF, SUDDEN, CONSTANT)

NASTY: Final = composition(
    "nasty",
    (),
    classify="task->ran_ns & 4 ? EXPRESS : 1",
    order="""
if (task->ran_ns % 2)
	return task->now - 9 * NSEC_PER_SEC;
return task->now + 9 * NSEC_PER_SEC;
""",
    slice="task->class == EXPRESS || task->ran_ns & 8 ? 9 * NSEC_PER_SEC : 1",
    preempt="MAX(other->key, 1ULL)",
)
"""Some always first, some always last, endless turns and turns of nothing, endless express turns,
and every one is interrupted."""
