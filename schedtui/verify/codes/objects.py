"""Findings of the object gate: OBJ. Those from OBJ026 on are in another file."""

from __future__ import annotations

from typing import Final

from schedtui.verify.codes.entry import Entry, error
from schedtui.verify.codes.object_shape import MORE

ENTRIES: Final[tuple[Entry, ...]] = (
    error(
        "OBJ001",
        "The object cannot be read: {reason}.",
        "Use plain C and the macros of schedtui.h.",
        "The object is read by a strict reader of our own before anything else sees it. What it"
        " does not understand completely, it refuses.",
    ),
    error(
        "OBJ002",
        "The object defines {count} schedulers of struct_ops kind; exactly one is needed.",
        "Use exactly one SCHEDTUI_OPS.",
        "Loaders attach whatever they find. Only one thing is approved, so only one may be there.",
    ),
    error(
        "OBJ003",
        "The struct_ops variable {variable} has type {type}, not sched_ext_ops.",
        "Define only a sched_ext_ops, with SCHEDTUI_OPS.",
        "struct_ops also replaces TCP congestion control, HID drivers and other kernel parts.",
    ),
    error(
        "OBJ004",
        "The scheduler is in section {section}: it would stay in charge when its loader dies.",
        "Use SCHEDTUI_OPS, which places it in .struct_ops.link.",
        "Only a .struct_ops.link scheduler hangs on a link that the kernel cuts by itself when the"
        " process that holds it ends. That is what makes every deployment reversible.",
    ),
    error(
        "OBJ005",
        "The object brings a program in section {section}, which is no part of a scheduler.",
        "Use SCHEDTUI_OP for operations and static functions for the rest.",
        "Tracing, network and security programs load beside a scheduler without any complaint"
        " from the kernel, and act as soon as something attaches them.",
    ),
    error(
        "OBJ006",
        "The object has a section {section} that schedulers do not use.",
        'Use plain variables and SEC(".maps") for maps.',
        "Unknown sections may mean something to another loader.",
    ),
    error(
        "OBJ007",
        "It calls the helper {call} ({capability}), which is not on the list for schedulers.",
        "Use map, queue, time, random and task storage functions of schedtui.h only.",
        "The kernel offers every BPF program far more than a scheduler needs. The list holds what"
        " scheduling takes, everything else is refused.",
    ),
    error(
        "OBJ008",
        "It can send signals to processes ({call}).",
        "Remove the call. A scheduler never needs to signal a process.",
        "A scheduler that the kernel's verifier accepts can kill any process through this call,"
        " and the kernel still reports it as healthy.",
    ),
    error(
        "OBJ009",
        "It can read or write the memory of other processes or the kernel ({call}).",
        "Remove the call; read task fields directly, such as p->pid.",
        "These calls copy secrets of other processes into maps, or change their memory, without"
        " any sign that the scheduler misbehaves.",
    ),
    error(
        "OBJ010",
        "It can send data out of the scheduler or to the log ({call}).",
        "Remove it. Count in global variables; the node reads them.",
        "Ring buffers, perf output and trace messages are ways out for what a scheduler sees, and"
        " a message per event floods the log.",
    ),
    error(
        "OBJ011",
        "It calls another program by number ({call}), so what runs cannot be known.",
        "Call static functions instead.",
        "Tail calls and calls through pointers run code that is not in the object when it is"
        " judged.",
    ),
    error(
        "OBJ012",
        "It calls the kernel function {call} ({capability}), which is not on the list for"
        " schedulers.",
        "Use the functions that schedtui.h declares.",
        "Kernel functions are named in the object, so each is compared with a list of those that"
        " schedulers use.",
    ),
    error(
        "OBJ013",
        "It calls a kernel function by number, which hides its name.",
        "Call kernel functions by the names that schedtui.h declares.",
        "No compiler writes such calls; they exist only to pass lists of names.",
    ),
    error(
        "OBJ014",
        "It refers to the kernel variable {name}.",
        "Use the functions of schedtui.h to learn about CPUs and tasks.",
        "Kernel variables give a view of everything; schedulers have functions for what they need.",
    ),
    error(
        "OBJ015",
        "The map {name} is of kind {kind}, which is not on the list for schedulers.",
        "Use array, hash, LRU hash, queue, their per-CPU forms, or task and cgroup storage.",
        "Other kinds hold programs, other maps, shared memory or channels to user space.",
    ),
    error(
        "OBJ016",
        "Maps and variables can take {size} MiB; at most {limit} MiB are allowed.",
        "Lower max_entries, or keep per-task data in task storage.",
        "Map memory is kernel memory. Per-CPU maps are counted for 512 CPUs.",
    ),
    error(
        "OBJ017",
        "The map {name} asks to be pinned.",
        "Remove the pinning member.",
        "What is pinned outlives the process that loaded it, and so escapes the roll-back.",
    ),
    error(
        "OBJ018",
        "The licence {license} does not allow the kernel to load a scheduler.",
        "Use SCHEDTUI_OPS, which sets the licence to GPL.",
        "The kernel accepts schedulers only under a licence that is compatible with the GPL.",
    ),
    error(
        "OBJ019",
        "The scheduler's {member} is {value}, outside of {low} to {high}.",
        "Leave this member to SCHEDTUI_OPS and the loader.",
        "These members are handed to the kernel unchecked: a huge dispatch_max_batch or"
        " exit_dump_len is an allocation that can bring the machine down, and timeout_ms is the"
        " watchdog. A scheduler does not choose its own watchdog.",
    ),
    error(
        "OBJ020",
        "The scheduler sets flags that are not allowed ({flags}).",
        "Leave .flags out.",
        "Flags change who is scheduled and when the kernel asks. The loader sets what is needed.",
    ),
    error(
        "OBJ021",
        "The scheduler does not have the operation {operation}.",
        "Use SCHEDTUI_OPS, which adds it.",
        "Without an exit operation nobody learns why the kernel ended the scheduler.",
    ),
    error(
        "OBJ022",
        "The object's scheduler is called {found}, the candidate {wanted}.",
        "Give SCHEDTUI_OPS the candidate's name.",
        "The name is one of the proofs that the approved scheduler is the one in charge.",
    ),
    error(
        "OBJ023",
        "The object has {insns} instructions; at most {limit} are allowed.",
        "Simplify: fewer unrolled loops, fewer inlined functions.",
        "The kernel walks every path through all instructions before it accepts a program.",
    ),
    error(
        "OBJ024",
        "The object contains instructions that no compiler writes.",
        "Use plain C.",
        "Ready-made references to maps, programs or kernel data in the code bypass every check"
        " by name.",
    ),
    error(
        "OBJ025",
        "The program {program} is not an operation of the scheduler.",
        "Name it in SCHEDTUI_OPS or make it a static function.",
        "A program that no operation refers to has no reason to be in the object.",
    ),
    *MORE,
)
