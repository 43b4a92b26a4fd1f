"""Findings about what a source does: SRC020 and up."""

from __future__ import annotations

from typing import Final

from schedtui.verify.codes.entry import Entry, error, warning

ENTRIES: Final[tuple[Entry, ...]] = (
    error(
        "SRC020",
        "The source defines {count} schedulers; exactly one is needed.",
        "End the file with exactly one SCHEDTUI_OPS(name, .enqueue = OP(enqueue), ...);",
        "The kernel takes one scheduler, and what was approved must be the one that is attached."
        " A second definition would ride along unseen.",
    ),
    error(
        "SRC021",
        "{name} is not a name the kernel and schedtui accept.",
        "Use 1 to 30 lower-case letters, digits and underscores, beginning with a letter.",
        "The name appears in sysfs, logs and file names. Anything else could be a path, an escape"
        " or a look-alike of another scheduler.",
    ),
    error(
        "SRC022",
        "The source calls its scheduler {found}, but the candidate is {wanted}.",
        "Give SCHEDTUI_OPS the candidate's name as its first argument.",
        "After an attach the kernel's own name for the scheduler is compared with the candidate's:"
        " it is one of the proofs that the right one is in charge.",
    ),
    error(
        "SRC023",
        "The operation {operation} names {function}, which is not defined here.",
        "Define it with SCHEDTUI_OP, or remove it from SCHEDTUI_OPS.",
        "An operation must be a program of this very source; everything else would be judged by"
        " nobody.",
    ),
    error(
        "SRC024",
        "The section {section} is not allowed here.",
        'Use SEC only as SEC(".maps"). SCHEDTUI_OP and SCHEDTUI_OPS place programs, license and'
        " scheduler by themselves.",
        "A section name decides what the loader makes of the code: kprobe, lsm or xdp programs"
        " would be loaded beside the scheduler, and a legacy .struct_ops outlives its loader.",
    ),
    error(
        "SRC025",
        "{what} cannot be followed by the rules.",
        "Write plain if, for, while, switch and return statements, without statements inside of"
        " expressions and without pointers to functions.",
        "The rules must know every way through the program. What they cannot follow, they refuse.",
    ),
    error(
        "SRC026",
        "A number is turned into a pointer.",
        "Call the helpers that schedtui.h declares; never write an address or a helper's number.",
        "A number as a function pointer calls any kernel helper by its id, with nothing in the"
        " text to tell which.",
    ),
    error(
        "SRC030",
        "enqueue can end here without putting the task into a queue.",
        "Make every path of enqueue call queue_insert, queue_insert_ordered or push the task into"
        " a queue map before it returns. End with an unconditional queue_insert(p, queue, slice,"
        " enq_flags).",
        "A task that enqueue forgets never runs again until the kernel's watchdog throws the"
        " scheduler out, which can take longer than a person waits. A loop that may not run and"
        " a call that may fail do not count.",
    ),
    error(
        "SRC031",
        "enqueue can forget a task depending on {what}.",
        "Never decide by name, pid, CPU count or time whether a task is queued at all; let such"
        " things only choose the queue, the slice or the order.",
        "A scheduler that drops tasks only above two CPUs, or after four seconds, passes any"
        " sandbox that is smaller or shorter, and starves a victim on the real machine.",
    ),
    warning(
        "SRC032",
        "The result of the push into a queue map is not looked at; a full queue loses the task.",
        "If bpf_map_push_elem returns anything but 0, insert the task into a dispatch queue"
        " instead.",
        "Queue maps have a fixed size. When it is reached, the push fails and the task is"
        " forgotten.",
    ),
    warning(
        "SRC033",
        "dispatch can end here without having tried to take a task.",
        "Try every queue that enqueue fills, e.g. queue_take(HIGH) || queue_take(LOW).",
        "A CPU that takes nothing goes idle or keeps its current task, while others wait.",
    ),
    error(
        "SRC034",
        "dispatch takes no task depending on {what}.",
        "Let name, pid, CPU count and time choose which queue comes first, never whether a queue"
        " is tried at all.",
        "It is the other half of dropping tasks by condition: they are queued but never taken.",
    ),
    error(
        "SRC035",
        "{operation} can refuse a task or cgroup here.",
        "Return 0. If memory for a task cannot be had, note it and fall back in enqueue.",
        "An error from init_task makes fork fail for the whole machine while the scheduler counts"
        " as healthy; an error from a cgroup operation blocks its creation or a move.",
    ),
    error(
        "SRC036",
        "Tasks go into a queue of its own, but no queue is ever made.",
        "Call scx_bpf_create_dsq(id, -1) in init, with s32 SCHEDTUI_SLEEPABLE_OP(init), for every"
        " queue that is used; or use SCX_DSQ_LOCAL or SCX_DSQ_GLOBAL.",
        "An insert into a queue that does not exist makes the kernel throw the scheduler out.",
    ),
    error(
        "SRC037",
        "Tasks go into a queue of its own, but no dispatch takes them out.",
        "Add void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev) that calls queue_take"
        " for every such queue, and name it in SCHEDTUI_OPS.",
        "Without a dispatch operation the kernel serves only the global and local queues.",
    ),
    error(
        "SRC038",
        "{operation} must not be able to sleep.",
        "Use SCHEDTUI_OP for it; only init, exit, init_task and cgroup set-up may sleep.",
        "The kernel calls most operations with a run-queue locked, where sleeping is impossible.",
    ),
    error(
        "SRC039",
        "{call} is called where it cannot sleep.",
        "Make queues in init, declared with SCHEDTUI_SLEEPABLE_OP(init).",
        "Making a queue allocates memory, which the kernel allows only in sleepable operations.",
    ),
    warning(
        "SRC040",
        "cgroup weights are ignored{also}.",
        "State it among the policy's limits, or read p->scx.weight and cgroup_set_weight.",
        "cpu.weight and nice are advice to a sched_ext scheduler. One that ignores them lets a"
        " background group take as much as anything else.",
    ),
    warning(
        "SRC041",
        "A task is sent to a particular CPU without asking whether it may run there.",
        "Test bpf_cpumask_test_cpu(cpu, p->cpus_ptr) before SCX_DSQ_LOCAL_ON | cpu.",
        "A task on a CPU outside of its affinity makes the kernel throw the scheduler out.",
    ),
    error(
        "SRC042",
        "{operation} takes a task out of a queue ({call}), which only dispatch may do.",
        "Call queue_take and its like in dispatch only; elsewhere insert tasks or kick a CPU.",
        "Some kernels notice this only when it happens, and then throw the scheduler out.",
    ),
)
