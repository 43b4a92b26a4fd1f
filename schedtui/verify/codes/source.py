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
        "The member {operation} is set to {function}, which is no program of this source.",
        "Define the program with SCHEDTUI_OP, or remove the member from SCHEDTUI_OPS: time limits"
        " and sizes are set by the loader.",
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
    error(
        "SRC027",
        "{name} is already the name of {owner}.",
        "Give SCHEDTUI_OPS another name of lower-case letters, digits and underscores.",
        "Histories, tokens and the kernel's own report tell schedulers apart by name. Two"
        " different programs of one name would be taken for each other. A policy of the"
        " repository keeps its name as long as only values of its parameters differ.",
    ),
    error(
        "SRC043",
        "{call} is not among the functions a scheduler may call{why}.",
        "Call only what schedtui.h declares and functions of this file. Queue with queue_insert,"
        " take with queue_take, read the clock with now_ns.",
        "The kernel's verifier lets a scheduler send signals, read other processes' memory and"
        " write to logs. None of it is needed to schedule, so calls are allowed by name, and"
        " checked again in the compiled object.",
    ),
    error(
        "SRC044",
        "{operation} calls {call}, which the kernel allows in {places} only.",
        "Move the call there. Elsewhere note what should happen, kick a CPU, or set p->scx.slice.",
        "The kernel binds each of its functions to operations. Older kernels notice a call from"
        " another operation only when it happens, and then throw the scheduler out.",
    ),
    error(
        "SRC045",
        "Queue {queue} is used here, but only {made} is made.",
        "Call scx_bpf_create_dsq(id, -1) in init for every queue that is used, with the same"
        " constant; for a range of queues make them in a loop.",
        "An insert into a queue that does not exist makes the kernel throw the scheduler out, as"
        " soon as the first task takes this way.",
    ),
    error(
        "SRC046",
        "Tasks go into queue {queue}, but dispatch takes only from {taken}.",
        "Add queue_take for this queue to dispatch, or insert into a queue that is served. For a"
        " range of queues take from all of it.",
        "A queue that nobody serves is a trap: whoever is put there never runs again. A scheduler"
        " can use it to stop tasks by name or after some time without ever dropping one.",
    ),
    error(
        "SRC047",
        "Tasks are noted in {map}, but nothing takes them out again.",
        "Call bpf_map_pop_elem on the same map in dispatch, find the task with bpf_task_from_pid,"
        " insert it and release it.",
        "A note in a map is no queue that the kernel knows. What is not popped and inserted never"
        " runs again.",
    ),
    error(
        "SRC048",
        "{what} a queue that is built into the kernel.",
        "Order tasks by key only in queues of your own, made in init with a small number as id;"
        " use queue_insert for SCX_DSQ_LOCAL and SCX_DSQ_GLOBAL.",
        "The kernel's own queues are first in, first out, and exist from the start. It throws out"
        " a scheduler that orders or makes them.",
    ),
    error(
        "SRC049",
        "Queue {queue} is filled by key here and first in, first out in line {other}.",
        "Use queue_insert_ordered for all tasks of a queue, or queue_insert for all; make a second"
        " queue for the other kind.",
        "A queue is kept either as a list or as a tree. The kernel throws out a scheduler that"
        " mixes both in one queue.",
    ),
    error(
        "SRC050",
        "Queue {queue} is made twice.",
        "Make every queue once, in init; in a loop let the counter be part of the id.",
        "The second attempt fails, init returns the error, and the scheduler is never enabled.",
    ),
    error(
        "SRC051",
        "The task is inserted here although it was inserted before on every way to this line.",
        "Return after an insert, or use else. A task goes into exactly one queue.",
        "The kernel throws out a scheduler that hands it the same task twice in one operation.",
    ),
    warning(
        "SRC052",
        "Queue {queue} is served only when {first} is empty; its tasks can wait for ever.",
        "Serve the lower queue first now and then (count the turns of each CPU), or let tasks that"
        " waited long go into the higher queue, or order one queue by time plus a handicap.",
        "With strict priority a steady stream of important tasks starves all others, until the"
        " kernel's watchdog ends the scheduler.",
    ),
    warning(
        "SRC053",
        "Tasks are ordered {what}, so that some can wait for ever.",
        "Order by virtual time (p->scx.dsq_vtime, charged in stopping) or by a time such as"
        " now_ns() plus a handicap for the less important.",
        "When the order of two tasks never changes, one that asks again and again is always"
        " served before the other.",
    ),
    error(
        "SRC054",
        "The slice of this insert is 0.",
        "Give a slice in nanoseconds, such as 5 * NSEC_PER_MSEC.",
        "A slice of 0 is used up before the task begins: every tick switches tasks, and no work"
        " gets done.",
    ),
    error(
        "SRC055",
        "The slice never ends.",
        "Give a slice in nanoseconds, such as 20 * NSEC_PER_MSEC; wrap it in slice_within_round"
        " when many tasks wait.",
        "A task with an endless slice keeps its CPU until it sleeps. With more such tasks than"
        " CPUs the others starve.",
    ),
    warning(
        "SRC056",
        "The slice is {slice}; useful ones are between 50 us and 1 s.",
        "Slices are nanoseconds: multiply by NSEC_PER_USEC or NSEC_PER_MSEC.",
        "Very short slices spend the CPU on switching; very long ones let others wait until the"
        " watchdog ends the scheduler. Often a unit was forgotten.",
    ),
    error(
        "SRC057",
        "{what} never ends.",
        "Write for (u32 i = 0; i < LIMIT; i++) with a constant limit, and leave early with break.",
        "The kernel's verifier refuses a program that it cannot walk to its end, and recursion"
        " altogether.",
    ),
    error(
        "SRC058",
        "This loop runs {rounds} times; at most {limit} are taken.",
        "Look at fewer CPUs or entries per call, for instance a sample of 8, and go on where the"
        " last call ended.",
        "The verifier walks through every round of a loop, and operations run with a run-queue"
        " locked: what takes long there delays the whole machine.",
    ),
    error(
        "SRC059",
        "{call} runs {rounds} rounds; it needs a constant of at most {limit}.",
        "Give a constant number of rounds, and leave the callback early by returning 1.",
        "The kernel runs such a loop to its end with a run-queue locked. Millions of rounds in"
        " enqueue stop the machine without any error.",
    ),
    error(
        "SRC060",
        "The member {member} of a task is written.",
        "Write only p->scx.slice and p->scx.dsq_vtime. Keep everything else in a map of type"
        " BPF_MAP_TYPE_TASK_STORAGE.",
        "Tasks belong to the kernel, which lets a scheduler write nothing else; its verifier"
        " refuses the program.",
    ),
    error(
        "SRC061",
        "CPU {cpu} does not exist.",
        "Use prev_cpu, select_idle_cpu, or a CPU for which bpf_cpumask_test_cpu(cpu, p->cpus_ptr)"
        " is true.",
        "The kernel throws out a scheduler that names a CPU it does not have.",
    ),
    warning(
        "SRC062",
        "select_cpu always answers CPU {cpu}.",
        "Return select_idle_cpu(p, prev_cpu, wake_flags, slice) or prev_cpu.",
        "All tasks are gathered on one CPU while the others idle; for tasks that may not run"
        " there the kernel has to search again.",
    ),
    error(
        "SRC063",
        "select_cpu can answer with an error number here, because no CPU was idle.",
        "Keep the result in a variable and return prev_cpu when it is below 0, or use"
        " select_idle_cpu.",
        "scx_bpf_pick_idle_cpu returns a negative number when no CPU is idle. The kernel throws"
        " out a scheduler that hands it on as a CPU, which happens under load first.",
    ),
    warning(
        "SRC064",
        "{operation} interrupts a CPU every time it is called.",
        "Interrupt only for tasks that wake up and are much more urgent than what runs; else use"
        " kick_idle_cpu(p).",
        "When every arrival interrupts what runs, the machine does little but switch: tens of"
        " thousands of times a second, with no error from the kernel.",
    ),
    warning(
        "SRC065",
        "A CPU waits for another (SCX_KICK_WAIT).",
        "Use SCX_KICK_PREEMPT or SCX_KICK_IDLE without waiting.",
        "CPUs that wait for each other in a ring stand still; kernels before the fix never get"
        " out of it.",
    ),
    warning(
        "SRC066",
        "The flag {flag} is used with the value of one kernel.",
        "Write SCX_FLAG({group}_flags, {flag}), which reads the value of the running kernel.",
        "Flags have changed their values between kernels, SCX_ENQ_HEAD for one. With a wrong bit"
        " the insert is refused and the scheduler thrown out.",
    ),
    error(
        "SRC067",
        "What the queues, slices and loops of this source are takes too long to work out.",
        "Write ids of queues, slices and limits of loops as constants or short expressions; do"
        " not compute them through many functions that call each other.",
        "A rule that gives up must not let pass what it would have refused.",
    ),
    warning(
        "SRC068",
        "No constant limits how far {counter} counts; the kernel may refuse this loop.",
        "Add a constant limit: for (u32 i = 0; i < CPUS_MAX && i < nr_cpus; i++).",
        "The kernel's verifier does not know how large a variable can be, walks through round"
        " after round, and gives up after a million instructions.",
    ),
    error(
        "SRC069",
        "The live parameter {name} is not read through live().",
        "Write live(&name), with the parameter's name, wherever its value is needed.",
        "A live parameter can change at any moment. live() keeps what is read within the range that"
        " was approved; its members themselves hold whatever was written there.",
    ),
    warning(
        "SRC070",
        "The operation {operation} reads the live parameter {name} more than once.",
        "Read it once into a variable at the beginning of the operation and hand that on.",
        "It can be set between two reads. One decision would then be made by two values, for"
        " example a slice by one and the limit that it is compared with by another.",
    ),
)
