"""Findings of the kernel gate: KRN."""

from __future__ import annotations

from typing import Final

from schedtui.verify.codes.entry import Entry, error

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
)
