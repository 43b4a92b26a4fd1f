"""Findings of the object gate about maps, data, the exit record, loops, names and types."""

from __future__ import annotations

from typing import Final

from schedtui.verify.codes.entry import Entry, error, warning

MORE: Final[tuple[Entry, ...]] = (
    error(
        "OBJ026",
        "The map {name} cannot be made as it is declared: {what}.",
        "Give the map a type, key, value and max_entries, as the macros of schedtui.h do."
        " Task storage has no max_entries and needs BPF_F_NO_PREALLOC.",
        "The kernel refuses such a map when the scheduler is loaded, with an error that names"
        " neither the map nor the reason.",
    ),
    error(
        "OBJ027",
        "The map {name} sets flags that are not allowed ({flags}).",
        "Leave map_flags out; only task and cgroup storage need BPF_F_NO_PREALLOC.",
        "Map flags let user space write into a map while the scheduler runs, share it with other"
        " programs, or make its hash predictable.",
    ),
    error(
        "OBJ028",
        "The map {name} has the member {member}, which schedulers do not use.",
        "Declare the map with type, key, value and max_entries only.",
        "Other members make maps of maps, place them on one memory node or give a number a"
        " second meaning.",
    ),
    error(
        "OBJ029",
        "The constants take {size} KiB; at most {limit} KiB are allowed.",
        "Compute tables in the init operation instead of writing them down.",
        "A scheduler has a few numbers. Large constants are more often a file that was put into"
        " the object while it was compiled.",
    ),
    error(
        "OBJ030",
        "The data in {section} looks like {what}.",
        "Remove it. A scheduler needs numbers only.",
        "A source can take whole files of the machine that compiles it into the object and so"
        " carry keys or password tables away. What looks like that is refused, even by mistake.",
    ),
    error(
        "OBJ031",
        "The exit record is not the one of schedtui.h: {what}.",
        "Use SCHEDTUI_OPS, which defines the record and the operation that fills it.",
        "After a scheduler has ended, the node reads from this record why. It must be where the"
        " node looks for it, empty at first, and written by nobody but the exit operation, which"
        " alone may copy the kernel's words.",
    ),
    error(
        "OBJ032",
        "The operation {operation} is not on the list for schedulers.",
        "Leave it out.",
        "The list holds the operations of a scheduler for a whole machine. Others take in"
        " schedulers of other people below this one, or exist in one kernel version only.",
    ),
    error(
        "OBJ033",
        "A loop in {section} turns up to {turns} times; at most {limit} times are allowed.",
        "Give bpf_loop or the number iterator a smaller constant, and split the work over"
        " several calls.",
        "The kernel allows millions of turns. Such a loop holds up its CPU for milliseconds, with"
        " interrupts off in some operations, and the watchdog may not even notice.",
    ),
    warning(
        "OBJ034",
        "How often a loop in {section} turns cannot be read from the instructions.",
        "Give bpf_loop or the number iterator a constant, at most 4096, or use a plain for loop"
        " with a constant bound.",
        "A loop whose bound is computed can turn millions of times. The trial will show whether"
        " it does; a constant shows it now.",
    ),
    error(
        "OBJ035",
        "The {what} has the name {name}, which is not plain enough.",
        "Use a letter and then letters, digits and underscores; at most 32 small ones for the"
        " scheduler.",
        "Names are shown to people and compared by programs. The kernel refuses a scheduler"
        " without a name or with a slash in it.",
    ),
    error(
        "OBJ036",
        "The scheduler's definition has bytes in {member} that are neither number nor reference.",
        "Set only operations and leave everything else to SCHEDTUI_OPS.",
        "What is neither a known number, the name nor a reference to a program would be handed"
        " to the kernel unjudged.",
    ),
    error(
        "OBJ037",
        "Types and symbols of the object disagree: {what}.",
        "Compile plain C with the macros of schedtui.h; name nothing twice.",
        "Loaders take some facts from the type information and some from the symbol table. Where"
        " the two differ, another thing may be loaded than was judged.",
    ),
    error(
        "OBJ038",
        "It can start work that runs later by itself ({call}).",
        "Remove the timer; use the tick, running or dispatch operation.",
        "Timers and work queues run outside of any operation, where neither the watchdog nor the"
        " counters of a scheduler see them, and may go on after it was thrown out.",
    ),
    error(
        "OBJ039",
        "A type carries the word {tag}, which schedulers do not use.",
        "Remove the attribute.",
        "Such words tell the kernel to treat memory differently, for example to share pages with"
        " user space or to jump to another function on an error.",
    ),
    error(
        "OBJ040",
        "What is declared to be set while it runs is unsound: {what}.",
        "Declare each on a line of its own: LIVE_PARAMETER name = { value, minimum, maximum };",
        "The node sets such a parameter within the range that stands beside it, and nothing else in"
        " that section. What has another shape, or begins outside of its range, was not made by"
        " schedtui.h.",
    ),
)
