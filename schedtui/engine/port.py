"""What the screen and the commands may ask of the engine.

The real engine is :class:`schedtui.engine.session.Session`; ``tests/fakes`` ships another one.
Everything is asynchronous and cancellable; nothing here blocks the event loop.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from schedtui.model.deployment import Approval, ApprovalRequest, Deployment
from schedtui.model.events import Event
from schedtui.model.machine import Hello
from schedtui.model.policy import Policy
from schedtui.model.protocol import Parameters
from schedtui.model.telemetry import SchedulerState, Snapshot
from schedtui.model.trial import WorkloadSpec
from schedtui.tape.tape import Past

Approver = Callable[[ApprovalRequest], Awaitable[Approval | None]]
"""Shows a request to a person and returns the approval, or None for no."""

Progress = Callable[[str], None]
"""Receives one short sentence per step of long work."""


class EngineError(Exception):
    """Something needed is missing or broke. ``fix`` says what a person can do about it."""

    def __init__(self, sentence: str, fix: str = "", *, missing: bool = True) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.fix = fix
        self.missing = missing


class Engine(Protocol):
    """One target with everything that can be done to it."""

    async def open(self, progress: Progress) -> Hello:
        """Start or reach the node. Raises EngineError when it cannot be had."""
        ...

    def snapshots(self) -> AsyncIterator[Snapshot]:
        """Yield the newest snapshot each tick; a slow consumer misses ticks, never lags."""
        ...

    def past(self) -> Past | None:
        """Return what was recorded, when this target is a recording; None for a live one."""
        ...

    async def set_rate(self, hertz: float) -> None:
        """Sample at ``hertz`` (0.5 to 10) from now on."""
        ...

    def loads(self) -> tuple[WorkloadSpec, ...]:
        """Return the built-in loads that this target can run."""
        ...

    async def start_load(self, name: str) -> None:
        """Start a built-in load, ending the one that runs. Raises EngineError."""
        ...

    async def stop_load(self) -> None:
        """End the running load; nothing happens when none runs."""
        ...

    def policies(self) -> tuple[Policy, ...]:
        """Return the repository."""
        ...

    def pursue(self, text: str, approver: Approver) -> AsyncIterator[Event]:
        """Carry a goal from text to a watched deployment; the last event is Finished.

        Closing the iterator cancels the pursuit. A deployment that was approved stays until
        rollback, ejection, a guard, or the end of this engine.
        """
        ...

    async def state(self) -> SchedulerState:
        """Read from the kernel who schedules now."""
        ...

    def deployment(self) -> Deployment | None:
        """Return the current or last deployment of this engine."""
        ...

    async def set_live(self, parameters: Parameters) -> Parameters:
        """Set live parameters of what this engine has deployed; returns all as they are.

        Raises EngineError for what was not approved, or when nothing is deployed.
        """
        ...

    async def rollback(self) -> SchedulerState:
        """Give the kernel back to its own scheduler; returns the state read afterwards."""
        ...

    async def close(self) -> None:
        """Release the target within half a second and leave nothing behind."""
        ...
