"""Findings of the kernel gate: KRN."""

from __future__ import annotations

from typing import Final

from schedtui.verify.codes.entry import Entry, error, warning

ENTRIES: Final[tuple[Entry, ...]] = (
    error(
        "KRN001",
        "The kernel refuses {program}: {reason}.",
        "Change the source line that is named so that the kernel can prove it safe.",
        "The kernel's BPF verifier follows every path of a program. These are its words, with the"
        " source line it was at.",
    ),
    error(
        "KRN002",
        "The kernel refuses {program}: a pointer that may be NULL is used without a test.",
        "Test the pointer: if (!ptr) return ...; Results of map look-ups, task storage and"
        " bpf_task_from_pid, and prev in dispatch, may be NULL.",
        "Look-ups can fail. The kernel wants to see the test on every path before the first use.",
    ),
    error(
        "KRN003",
        "The kernel refuses {program}: an index or size may leave its object.",
        "Compare the index with the array's size first: if (i >= SIZE) return ...; or mask it.",
        "The kernel must know the bounds of every memory access before it lets a program run.",
    ),
    error(
        "KRN004",
        "The kernel refuses {program}: a loop may never end, or has too many steps.",
        "Give every loop a small constant bound.",
        "Schedulers run with locks held. The kernel accepts only what provably ends soon.",
    ),
    error(
        "KRN005",
        "The kernel refuses {program}: something that was acquired is not released.",
        "Release tasks with bpf_task_release and masks with bpf_cpumask_release on every path.",
        "A forgotten reference keeps kernel memory alive for ever.",
    ),
    error(
        "KRN006",
        "The kernel refuses {program}: {function} may not be called there.",
        "Call it in an operation that may sleep or that the kernel allows for it: queues are made"
        " in init, tasks are inserted in select_cpu, enqueue and dispatch, taken in dispatch.",
        "Each kernel function is allowed in certain operations only.",
    ),
    error(
        "KRN007",
        "The kernel refuses {program}: it writes where it may not.",
        "Of a task, only scx.slice and scx.dsq_vtime can be written.",
        "Kernel structures are read-only for schedulers, but for few members.",
    ),
    error(
        "KRN008",
        "This kernel lacks {what}, which the scheduler needs.",
        "Use the wrappers of schedtui.h, which choose what the kernel has.",
        "Kernels differ in the functions and members they offer to schedulers. An object is"
        " verified for exactly one kernel.",
    ),
    error(
        "KRN009",
        "The kernel's verifier took {insns} steps for {program}; at most {limit} are allowed.",
        "Simplify: fewer branches inside of loops, smaller bounds, smaller functions.",
        "The kernel's own limit is a million steps, which on some kernels takes two minutes of a"
        " CPU before the scheduler starts.",
    ),
    error(
        "KRN010",
        "The kernel took more than {limit} s to check it.",
        "Simplify: fewer branches inside of loops, smaller bounds, smaller functions.",
        "A load that takes this long blocks the one who waits, and every roll-forward later.",
    ),
    error(
        "KRN011",
        "The kernel could not be asked: {reason}.",
        "This cannot be repaired in the source.",
        "Without the kernel's answer nothing is known, and what is not known does not pass.",
    ),
    error(
        "KRN012",
        "The kernel's answer does not match the object: {what}.",
        "Try again. This cannot be repaired in the source.",
        "The kernel must have checked exactly the programs that the object gate has seen.",
    ),
    error(
        "KRN013",
        "The kernel refuses {program}: it uses more than 512 bytes of stack.",
        "Move large variables into a map or a global variable.",
        "BPF programs have a stack of 512 bytes, called functions included.",
    ),
    error(
        "KRN014",
        "The kernel comes to {call} in {program}, which the object gate did not find there.",
        "Call functions by their names, in plain C.",
        "Two readers must agree on what a program calls: ours, on which the lists of allowed calls"
        " rest, and the kernel's, which decides what runs. A difference means that something was"
        " hidden from us.",
    ),
    error(
        "KRN015",
        "The kernel's trace of {program} is too long to see what it calls.",
        "Simplify: fewer branches inside of loops, smaller bounds, smaller functions.",
        "The calls that the kernel comes to are compared with those that were read from the"
        " object. A trace that had to be cut proves nothing. The programs of an object share 320"
        " MiB of trace, at most 128 for one: room for all of the 200 000 instructions that one or"
        " two programs may take, and for some 75 000 in each of eight.",
    ),
    error(
        "KRN016",
        "The kernel must remember {states} states for {program}; at most {limit} are allowed.",
        "Simplify: fewer branches inside of loops, smaller bounds, smaller functions.",
        "Each state takes kernel memory while the program is checked, and the number of states is"
        " what makes checks slow.",
    ),
    error(
        "KRN017",
        "The kernel refuses {program}: the operation {member} may not be written like that.",
        "Only init, exit, init_task, cpu_online, cpu_offline, cgroup_init, cgroup_exit and"
        " cgroup_prep_move may be sleepable; write others with SCHEDTUI_OP.",
        "Most operations run with locks held, where nothing may sleep, and not every kernel has"
        " every operation.",
    ),
    error(
        "KRN018",
        "The kernel refuses {program}: a function gets something else than it asks for.",
        "Give kernel functions the very pointers that the operation was given or that a look-up"
        " returned, not copies with an offset, numbers or NULL.",
        "The kernel follows where each pointer comes from. Functions take only those that are"
        " known to be alive and of the right kind.",
    ),
    error(
        "KRN019",
        "The kernel refuses {program}: a variable is used before it has a value.",
        "Give the variable a value where it is declared.",
        "What was left in a register or on the stack must not reach a decision, or leak.",
    ),
    error(
        "KRN020",
        "The kernel refuses {program}: it uses something as an address that is none.",
        "Reach memory only through the pointers that operations and look-ups give; do no"
        " arithmetic with them but array indexing.",
        "A number or a changed pointer could lead anywhere in the kernel's memory.",
    ),
    error(
        "KRN021",
        "The kernel refuses {program}: its result may be one that is not allowed.",
        "Return 0, or what the operation's description allows.",
        "The kernel acts on results without looking again, so it must know their range.",
    ),
    error(
        "KRN022",
        "The loader refuses the object: {reason}.",
        "Use SCHEDTUI_OPS and set nothing in it but operations.",
        "Before the kernel sees an object, the loader sets its data members and parameters. It"
        " takes only what it knows, and only one scheduler that ends with its loader.",
    ),
    error(
        "KRN023",
        "The external scheduler did not come into charge: {reason}.",
        "This cannot be repaired in a source. Try another version of the program or other options.",
        "It is started once where nothing can be harmed. In charge means that the kernel says so,"
        " by its state, the name it shows and its count of enables; and it must let go again.",
    ),
    warning(
        "KRN024",
        "Not verified: {what}",
        "This cannot be repaired. Weigh it against what the trial shows.",
        "Of a program that somebody else installed, less can be known than of a source. What is not"
        " known is said, so that whoever decides can weigh it.",
    ),
)
