"""What a pursuit needs of its session."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from schedtui.engine.verification import Verification
from schedtui.model.deployment import Approval, ApprovalRequest, Deployment
from schedtui.model.events import Event
from schedtui.model.plan import Candidate, Plan
from schedtui.model.policy import Policy
from schedtui.model.telemetry import Snapshot


class Surroundings(Protocol):
    """What a pursuit needs of its session."""

    @property
    def target(self) -> str:
        """Name of the target."""
        ...

    @property
    def cpus(self) -> int:
        """Number of the target's CPUs."""
        ...

    def policies(self) -> tuple[Policy, ...]:
        """Return the repository."""
        ...

    def why_no_deploy(self) -> tuple[str, str]:
        """Return why nothing can be deployed here and the fix; empty when it can."""
        ...

    def running_load(self) -> str:
        """Return the name of the load that runs, empty when none does."""
        ...

    async def start_load(self, name: str) -> None:
        """Start a built-in load."""
        ...

    def load_held_still(self) -> AbstractAsyncContextManager[None]:
        """Pause the load for a while, so that a trial has the processors to itself."""
        ...

    async def observe(self, seconds: float) -> list[Snapshot]:
        """Return the samples of the next seconds."""
        ...

    async def verify(
        self, candidate: Candidate, plan: Plan, emit: Callable[[Event], None]
    ) -> Verification:
        """Run all gates."""
        ...

    async def deploy(
        self, request: ApprovalRequest, approval: Approval, object_bytes: bytes
    ) -> Deployment:
        """Attach the approved bytes."""
        ...

    async def settled(self) -> Deployment:
        """Wait until the deployment has left its canary."""
        ...

    def load_metric(self, metric: str, *, ours: bool, seconds: float) -> float | None:
        """Return what the load reported lately under (not) our scheduler."""
        ...

    def record(self, what: str, **facts: object) -> None:
        """Append to the audit."""
        ...
