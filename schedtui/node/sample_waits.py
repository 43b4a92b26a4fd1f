"""Long waits of single tasks, for guards and trials.

Neither idle tasks nor the node count, nor tasks that asked to come last (nice 19 or SCHED_IDLE):
the kernel's own fair class lets those wait for most of a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from schedtui.node.probe_layout import Wait
from schedtui.node.sample_live import LiveProbe

BLIND_WAIT_MS: Final = 1e9
"""Stands for every wait once a probe has failed: a guard must not take blindness for health."""
_FLOOR_MS: Final = 1.0
_FRESH_S: Final = 0.01


class Waits:
    """Answers who waits and who waited too long."""

    def __init__(self, probe: LiveProbe, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the probe; without a usable one nothing is ever seen to wait."""
        self._probe = probe
        self._clock = clock
        self._forgotten: tuple[Wait, ...] = ()
        self._oldest_ms = 0.0
        self._fresh_until = 0.0

    def oldest_ms(self) -> float:
        """Return how long the task that waits longest has been waiting now, 0 when none does.

        Asked many times in a row it looks once in 10 ms.
        """
        now = self._clock()
        if now >= self._fresh_until:
            waits = self._probe.waits(_FLOOR_MS)
            self._oldest_ms = max((wait.waiting_ns / 1e6 for wait in waits), default=0.0)
            self._fresh_until = now + _FRESH_S
        return BLIND_WAIT_MS if self._probe.failed else self._oldest_ms

    def longest_ms(self, *, reset: bool) -> float:
        """Return the longest wait since the last reset, waits still under way included.

        ``reset`` begins a new period afterwards.
        """
        waits = self._probe.waits(_FLOOR_MS)
        if reset:
            self._probe.forget_waits()
            self._forgotten = waits
        longest = max(map(_length_ms, waits), default=0.0)
        return BLIND_WAIT_MS if self._probe.failed else longest

    def starved(self, threshold_ms: float) -> tuple[str, ...]:
        """Return ``name (pid)`` of tasks that waited longer than a threshold, worst first.

        The period reaches back to the reset before the last one, so that a caller who has just
        ended a period with a reset can still ask who starved in it.
        """
        worst: dict[str, float] = {}
        for wait in (*self._forgotten, *self._probe.waits(threshold_ms)):
            who = f"{wait.name} ({wait.pid})"
            worst[who] = max(worst.get(who, 0.0), _length_ms(wait))
        beyond = [(length, who) for who, length in worst.items() if length > threshold_ms]
        return tuple(who for _, who in sorted(beyond, reverse=True))


def _length_ms(wait: Wait) -> float:
    return max(wait.waiting_ns, wait.worst_ns) / 1e6
