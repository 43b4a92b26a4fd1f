"""Limits of the battery, each with its reason. Times in milliseconds unless a name says more.

Software-emulated guests on a busy host stand still for some tens of milliseconds now and then, so
whatever depends on time is judged against the default scheduler in the same boot, and a breach
counts only when it is seen every time (see :mod:`schedtui.verify.battery.sitting`).
"""

from __future__ import annotations

from typing import Final

from schedtui.verify.battery.bench import WATCHDOG_MS

GAP_FLOOR_MS: Final = 250.0
"""People notice a quarter of a second; shorter gaps are also seen under the default scheduler."""
GAP_FACTOR: Final = 5.0
"""A gap is too long beyond both the floor and so many times the default's."""

WAIT_LIMIT_MS: Final = WATCHDOG_MS / 3
"""A third of the watchdog: on a machine a few times as loaded it would be thrown out."""
WAIT_FACTOR: Final = 3.0
"""Hundreds of threads on few CPUs wait for seconds under any scheduler: then this decides."""

KTHREAD_FLOOR_MS: Final = 100.0
KTHREAD_FACTOR: Final = 5.0
"""Work queued for a CPU's own kernel thread: others wait for it, often with a lock in hand."""
KTHREAD_GAP_FACTOR: Final = 2.0
"""Now and then such work needs another thread first, so it may wait twice as long as the victim,
whose own wait is limited: a plain queue treats kernel threads as everybody else and is sound."""

STARVED_PCT: Final = 5.0
"""A task of equal weight that gets less than a twentieth of the mean is starved. Orderings such
as run to completion let some wait for several slices and still stay far above this in a second."""
UNFAIR_PCT: Final = 50.0
UNFAIR_JAIN_PCT: Final = 90.0
"""Below these the sharing is remarked on, not refused: an order is what such policies are for."""

BUSY_FACTOR: Final = 0.7
"""CPU time of tasks that always want to run, as a share of what the default scheduler gave them.
It does not depend on how fast the host is, so more than this is not noise: CPUs are left idle."""

SLOW_FACTOR: Final = 0.8
"""Less throughput than this share of the default's is remarked on."""
STANDSTILL_FACTOR: Final = 0.4
"""Less than this share is refused. Emulation makes each call of a policy several times as dear as
on a real CPU, so exercises that do nothing but switch lose a third without any fault."""

CALLS_PER_CPU_S: Final = 20_000.0
"""Calls of the policy's programs per second and CPU while tasks only compute: nobody gives the
policy a reason to switch. Seen with slices of 5 ms beside the victim: one to three thousand. Where
tasks keep waking each other the number is theirs, so there it is not judged."""
RUN_SHARE: Final = 0.05
RUN_SHARE_EMULATED: Final = 0.25
"""Share of CPU time spent in the policy's own programs; the second holds under emulation."""

GROWTH_KB: Final = 64 << 10
"""Kernel memory that a policy may take after its warm-up and keep, or leave behind."""

BACK_S: Final = 2.0
"""The default scheduler must be back within so many seconds after the link is closed."""

FALLBACK_SHARE: Final = 0.01
"""Share of program calls after which the kernel had to choose another CPU than the policy's."""
