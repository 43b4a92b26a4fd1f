"""The slots: what each one decides, in which unit, and within which bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schedtui.model.slots import SlotName


@dataclass(frozen=True, slots=True)
class Slot:
    """One decision that the scaffold leaves open."""

    name: SlotName
    meaning: str
    """What it decides; one sentence."""
    unit: str
    bound: str
    """What the scaffold makes of any answer; one sentence."""
    unfilled: str
    """What the scaffold does without it; one sentence."""
    default: str = ""
    """The filling that stands for none, in C; empty where the scaffold leaves the part out."""


SLOTS: Final = (
    Slot(
        SlotName.CLASSIFY,
        "The class of a task, which the other slots can read.",
        "a number from 0 to 7",
        "A greater number is 7. Express tasks get turns of 10 ms at most, and no more than half of "
        "the CPU time while others wait.",
        "There are no classes.",
    ),
    Slot(
        SlotName.ORDER,
        "The place of a task in the queue: who has the earliest goes first.",
        "ns, on the time line that the slot reads: the time, or virtual time",
        "A place lies at most 500 ms before the time and 2 s after it; on virtual time, between "
        "the greatest credit and 40 ms ahead, and that time line moves with all work. So after "
        "about 2.5 s, who waits is before everybody that comes later, whatever the slots say.",
        "First in, first out. Who is interrupted goes on with the rest of the turn, and kernel "
        "threads that begin to work go first.",
    ),
    Slot(
        SlotName.SLICE,
        "The longest turn of a task.",
        "ns",
        "At least 100 us, at most 1 s, and in a full queue so short that everybody gets a turn "
        "within 600 ms.",
        "Turns of 5 ms.",
        default="5 * NSEC_PER_MSEC",
    ),
    Slot(
        SlotName.CPU,
        "Which CPU a waking task should use.",
        "the number of a CPU, or ANY_CPU",
        "Taken only when that CPU is idle and the task may use it.",
        "The kernel's own search for an idle CPU.",
    ),
    Slot(
        SlotName.PREEMPT,
        "What is gained when a running task is interrupted for a waking one.",
        "any; 0: it goes on",
        "Where most is gained, one is interrupted, but never a kernel thread. A turn of less than "
        "100 us does not cost anybody his place in the queue.",
        "No turn is interrupted.",
    ),
    Slot(
        SlotName.CREDIT,
        "How far behind the time line the virtual clock of a task may begin.",
        "ns of virtual time",
        "At most 500 ms.",
        "Not at all.",
    ),
    Slot(
        SlotName.CHARGE,
        "What a turn costs on the virtual clock of a task.",
        "ns of virtual time",
        "At most 1 s. The time line moves by a part of all work, whatever it says.",
        "The CPU time of the turn, divided by the weight of the task over 100.",
    ),
)
"""All slots, in the order in which a composed source has them."""

FUNCTIONS: Final = {
    "before": (2, "is the first time before the second? Right even when time wraps"),
    "time_within": (3, "a time, but not before the second nor after the third"),
    "MIN": (2, "the smaller of two numbers"),
    "MAX": (2, "the greater of two numbers"),
}
"""What a slot may call: number of arguments, and what it is good for."""

CONSTANTS: Final = {
    "NSEC_PER_USEC": "1000",
    "NSEC_PER_MSEC": "1000000",
    "NSEC_PER_SEC": "1000000000",
    "true": "1",
    "false": "0",
}
"""Words that every slot may use."""

SLOT_CONSTANTS: Final = {
    SlotName.CLASSIFY: {
        "EXPRESS": "class 0, which waits in a queue of its own and is served first"
    },
    SlotName.CPU: {"ANY_CPU": "the kernel's own search"},
}
"""Words that one slot gives a meaning. EXPRESS can be read wherever the class can."""


def slot_of(name: SlotName) -> Slot:
    """Return the slot of a name."""
    return next(slot for slot in SLOTS if slot.name is name)
