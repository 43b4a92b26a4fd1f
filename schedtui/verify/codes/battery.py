"""Findings of the battery: TRL006 and later."""

from __future__ import annotations

from typing import Final

from schedtui.model.verdict import Severity
from schedtui.verify.codes.entry import Entry, error, warning

ENDINGS: Final[tuple[Entry, ...]] = (
    error(
        "TRL006",
        "It did not survive {where}: {reason}.",
        "The reason is the kernel's own. A task that was not run was forgotten, sits in a queue"
        " that is never taken, or is always overtaken; a broken rule names the queue, CPU or flag.",
        "In a throw-away machine the kernel threw the scheduler out, or it went by itself. The"
        " reason is read from its exit record; of a stall it names the task that waited longest."
        " A stall counts only when it happens again in a fresh machine or another one of the"
        " battery, because a host that pauses the machine looks the same.",
    ),
    error(
        "TRL007",
        "It did not come into charge at {where}: {reason}.",
        "init and init_task must succeed every time, also after the scheduler has been there"
        " before; create every queue once, in init.",
        "In charge means: the kernel says enabled, with our name, its counter has grown by exactly"
        " one, and no exit is recorded. The battery loads and unloads the scheduler many times.",
    ),
    Entry(
        "TRL008",
        Severity.NOTE,
        "It ends in good order when a CPU comes or goes ({where}), and must then be loaded again.",
        "To stay through such a change, add cpu_online and cpu_offline operations.",
        "The kernel ends a scheduler without operations for CPU hotplug and asks for it to be"
        " loaded again. That is safe: the default scheduler takes over at once.",
    ),
    error(
        "TRL009",
        "The kernel complained during {where}: {words}.",
        "Find out which call made the kernel complain; if it names a function of sched_ext, look"
        " at what the scheduler passes to it.",
        "Bugs, lockups, hung tasks, damaged memory and the like in the kernel log of the throw-away"
        " machine mean that the kernel itself is in trouble. Nothing that leads there may run."
        " These count at once. A kernel warns by accident too, by a race of its own or of an"
        " emulator: a few warnings count when the kernel complains again in one of three fresh"
        " machines or in another one of the battery.",
    ),
    error(
        "TRL010",
        "Nothing came out of {where}: {reason}.",
        "Most likely tasks were forgotten or new ones are not allowed to begin: look at enqueue"
        " and init_task.",
        "The exercise worked under the default scheduler and gave no result under the candidate,"
        " though the kernel had not ended it.",
    ),
    warning(
        "TRL034",
        "The kernel complained once, during {where}: {words}. Fresh machines without a complaint"
        " after that: {silent}.",
        "Nothing needs to be mended. If the warning names a function of sched_ext, look at what the"
        " scheduler passes to it.",
        "A few warnings in the kernel log of one throw-away machine are taken for an accident when"
        " three fresh machines that do the same stay silent. Whoever approves should know of it: a"
        " scheduler whose kernel warns now and then could look the same.",
    ),
    Entry(
        "TRL035",
        Severity.NOTE,
        "A throw-away machine of {shape} gave no result, and a fresh one did: {reason}.",
        "Nothing needs to be mended.",
        "A machine that is lost, or whose watchdog finds a task that was not run, may have been"
        " held up by its host or led astray by its emulator. It counts when it happens again in a"
        " fresh machine with no other beside it; here it did not. A watchdog that goes off in"
        " another machine of the battery as well counts too.",
    ),
)

HARMS: Final[tuple[Entry, ...]] = (
    error(
        "TRL011",
        "New processes could not begin during {where}: {what}.",
        "init_task must not return an error when a task is forked.",
        "A scheduler whose init_task fails keeps the machine from starting anything, while the"
        " kernel takes it for healthy. Under the default scheduler none of this failed.",
    ),
    error(
        "TRL012",
        "Control groups could not be used during {where}: {what}.",
        "The cgroup operations must not return an error.",
        "Making, entering, weighting, leaving and removing control groups must work as it does"
        " under the default scheduler: service managers and containers depend on it.",
    ),
    error(
        "TRL013",
        "CPUs could not be changed during {where}: {what}.",
        "Do not keep CPUs or tasks from moving: look at cpu_offline, set_cpumask and where bound"
        " tasks are queued.",
        "Taking CPUs offline and back, and binding threads to other CPUs, must work as it does"
        " under the default scheduler.",
    ),
    error(
        "TRL014",
        "{count} processes ended in a way they should not during {where}.",
        "Do not send signals to tasks or change what they do.",
        "The battery knows how each of its processes ends. Any other end is harm done by the"
        " scheduler: for example a signal.",
    ),
    error(
        "TRL015",
        "{count} tasks never came to begin during {where}.",
        "Every new task must be queued where some CPU takes it: look at enqueue of tasks that"
        " have just been forked.",
        "Tasks that were started did not run a single time until the exercise was over. Counted"
        " only when it is seen every time.",
    ),
    error(
        "TRL027",
        "The default scheduler was not back in time: {seconds} s, sched_ext is {state}.",
        "Keep exit, exit_task and disable short: no loops over many tasks.",
        "After the link is closed the kernel must be on its own scheduler within two seconds,"
        " or nobody could count on going back.",
    ),
    error(
        "TRL028",
        "It stayed in charge though nobody renewed its lease: sched_ext is {state}.",
        "Keep exit, exit_task and disable short, and never keep the node itself from running.",
        "The battery lets a lease run out under load, as when the loader is stopped. The node"
        " must then give the kernel back by itself.",
    ),
    error(
        "TRL029",
        "The throw-away machine ran short of memory ({where}): {what}.",
        "Delete what exit_task, quiescent or cgroup_exit make useless, or use task storage, which"
        " goes with its task.",
        "Up to 64 MiB may be taken after the warm-up. More is a map that grows with every task or"
        " wake-up, and would fill a real machine in time.",
    ),
    error(
        "TRL030",
        "The kernel log could not be read whole at {where}, so nothing is known about complaints.",
        "Try again. If it stays so, something floods the kernel log: leave out bpf_printk.",
        "Whether the kernel complained is read from its log alone. A log that was overwritten"
        " before it was read proves nothing, and counts as a complaint.",
    ),
)

LIMITS: Final[tuple[Entry, ...]] = (
    error(
        "TRL016",
        "In {where} {who} was kept from running for {wait} ms; at most {limit} ms are allowed"
        " (default scheduler: {fair} ms).",
        "Bound the wait of tasks that wake often: shorter slices, preemption on wake-up, or an"
        " order by waiting time.",
        "The victim sleeps a millisecond and works for a twentieth of one, again and again. Its"
        " longest gap may be 250 ms or five times the default scheduler's in the same boot,"
        " whichever is more. Counted only when it is seen every time.",
    ),
    error(
        "TRL017",
        "In {where} {who} took {wait} ms; at most {limit} ms are allowed (default scheduler:"
        " {fair} ms).",
        "Run waking kernel threads that are bound to one CPU at once, ahead of other tasks.",
        "Kernel threads of a CPU do work that other tasks wait for, often with a lock in hand. The"
        " limit is 100 ms, five times the default scheduler's or twice the longest wait of the"
        " victim beside them, whichever is most.",
    ),
    error(
        "TRL018",
        "In {where} {who} waited {wait} ms; at most {limit} ms are allowed (default scheduler:"
        " {fair} ms).",
        "Make sure no class of tasks can overtake another for ever: add ageing, or serve in order"
        " of arrival.",
        "The limit is a third of the kernel's watchdog or three times what the default scheduler"
        " needs in the same boot, whichever is more. A scheduler that comes this near the watchdog"
        " in a trial is thrown out on a busier machine.",
    ),
    error(
        "TRL019",
        "In {where} a task got {least} % of the mean of its equals (default scheduler: {fair} %).",
        "Give every runnable task its turn: put who has run behind who waits.",
        "Tasks of equal weight that do nothing but compute must all go ahead. A task below a"
        " twentieth of the mean for the whole exercise is starved.",
    ),
    warning(
        "TRL020",
        "In {where} tasks of equal weight were served unequally: the least got {least} % of the"
        " mean (default scheduler: {fair} %), Jain's index {jain} %.",
        "If equals should be served equally, order them by the time they have run.",
        "An order such as longest first or run to completion is unequal on purpose, so this does"
        " not reject. Whoever approves should know it.",
    ),
    error(
        "TRL021",
        "In {where} only {share} % of the default scheduler's {what} came out.",
        "Keep CPUs busy while tasks wait: take from every queue in dispatch, wake an idle CPU"
        " when a task is queued, and do not bind tasks to one CPU.",
        "Less than two fifths of the default scheduler's throughput in the same boot, every time:"
        " CPUs idle while tasks wait, or the time goes into switching.",
    ),
    warning(
        "TRL022",
        "In {where} {share} % of the default scheduler's {what} came out.",
        "Look for CPUs that idle while tasks wait, and for needless switches.",
        "Less than four fifths of the default scheduler's throughput in the same boot. Emulation"
        " makes every call of a policy dear, so this does not reject.",
    ),
    error(
        "TRL032",
        "In {where} only {busy} % of all CPU time was used though every CPU had work (default"
        " scheduler: {fair} %).",
        "Let every CPU take from the shared queue in dispatch, wake an idle CPU when a task is"
        " queued, and do not send all tasks to one CPU.",
        "More tasks wanted to compute all the time than there are CPUs. CPU time does not depend"
        " on how fast the host is, so a CPU was left idle while tasks waited for it.",
    ),
    error(
        "TRL023",
        "In {where} the scheduler's programs were called {calls} times per second and CPU; at most"
        " {limit} are allowed.",
        "Use slices of at least half a millisecond, and do not preempt or kick on every enqueue.",
        "A storm of short turns among tasks that only compute: the machine does little else than"
        " switch. Some thousands of calls per second are plenty.",
    ),
    error(
        "TRL024",
        "In {where} {share} % of all CPU time went into the scheduler's own programs; at most"
        " {limit} % are allowed.",
        "Shorten loops in enqueue, dispatch and tick, and do not search all tasks or CPUs.",
        "Measured by the kernel. The limit is 5 % where the CPU runs the programs itself, and more"
        " under software emulation, which makes them several times as dear.",
    ),
    error(
        "TRL025",
        "In {where} the kernel's counter {event} grew by {count}.",
        "Insert tasks only into queues of CPUs that are online and that the task may use, and only"
        " while the task is yours; give slices within the kernel's limits.",
        "Some of the kernel's counters move only when a scheduler did something that the kernel"
        " had to put right, or when it was bypassed for a while: DISPATCH_LOCAL_DSQ_OFFLINE,"
        " INSERT_NOT_OWNED, REENQ_LOCAL_REPEAT, SLICE_CLAMPED and BYPASS_ACTIVATE, as far as the"
        " kernel has them. Not judged while CPUs come and go.",
    ),
    warning(
        "TRL026",
        "In {where} the kernel chose another CPU than the scheduler {count} times ({share} % of"
        " its calls).",
        "select_cpu must return a CPU that the task may run on: see cpus_ptr.",
        "The task ran all the same, but not where the scheduler thinks it does.",
    ),
    warning(
        "TRL031",
        "Not covered: it holds {times}, and was in charge for {stretch} s at a time. What it does"
        " after that was not seen.",
        "Use shorter times, or none: a policy should not change with the time it has run. Or take"
        " the full battery (--battery full), which outlasts times of up to 60 s.",
        "Times found in the object's instructions and constants. A trial that is not longer than"
        " they are, and the watchdog after them, cannot show what happens afterwards. Only the"
        " quick battery of a source that is not to be deployed says this: before a deployment the"
        " full battery is taken instead.",
    ),
    error(
        "TRL036",
        "It holds {times}: what it does after that cannot be shown within a trial, which lasts for"
        " times of up to {most} s.",
        "Use shorter times, or none: a policy should not change with the time it has run.",
        "Times found in the object's instructions (whole seconds, in nanoseconds) and in constants"
        " whose name ends in a unit. The longest stretch of the battery outlasts 60 s and the"
        " watchdog after them; a policy that changes later than that cannot be tried, so it is"
        " refused. Times of more than a year are taken for 'never'.",
    ),
)
