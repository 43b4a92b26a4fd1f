"""What the MCP server may reach for. The verb brings it, tests bring another one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from schedtui.engine.control import Answer, Approvals
from schedtui.engine.port import Engine
from schedtui.engine.trying import Tried
from schedtui.model.deployment import ApprovalRequest
from schedtui.model.events import Event
from schedtui.model.exchange import Manifest
from schedtui.model.external import Listed
from schedtui.model.policy import Policy
from schedtui.model.results import ResultRow, StoredRow
from schedtui.model.telemetry import Snapshot
from schedtui.model.trial import WorkloadSpec

Tell = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class VerifyWish:
    """A source to be taken through the gates."""

    name: str
    source: str
    load: str
    """Built-in load of the trial gate; empty for no trial."""
    battery: str
    """``none``, ``quick`` or ``full``."""


@dataclass(frozen=True, slots=True)
class TrialWish:
    """A policy of the repository to be measured. No metric and no seconds mean the usual."""

    policy: str
    load: str
    metric: str
    pairs: int
    seconds: int
    """Length of one window."""
    settings: tuple[str, ...]
    """Parameters as ``NAME=VALUE``."""


class Desk(Protocol):
    """One target, the repository and the results of one user. All calls may raise EngineError."""

    @property
    def target(self) -> str:
        """Name of the target."""
        ...

    def user(self) -> str:
        """Return who this user is, for an approval."""
        ...

    def engine(self, approvals: Approvals) -> Engine:
        """Return a new engine for the target, which other terminals can reach while open.

        There a person can answer what waits in ``approvals``.
        """
        ...

    async def session(self, call: str) -> Answer | None:
        """Ask the session of another process on the target; None when nobody runs one."""
        ...

    def samples(self) -> AsyncIterator[Snapshot]:
        """Yield the snapshots of that session; none when nobody runs one."""
        ...

    def policies(self) -> tuple[Listed, ...]:
        """Return the repository and the external schedulers."""
        ...

    def manifest(self, policy: Policy) -> Manifest:
        """Return the manifest that the policy would travel with."""
        ...

    def loads(self) -> tuple[WorkloadSpec, ...]:
        """Return the built-in loads."""
        ...

    def rows(self) -> tuple[StoredRow, ...]:
        """Return the results of trials, oldest first."""
        ...

    def evidence(self, row: ResultRow) -> tuple[str, ...]:
        """Return all that was measured in a trial and what may be claimed from it."""
        ...

    def verify(self, wish: VerifyWish) -> AsyncIterator[Event]:
        """Yield the gates' events; the last one is Verified. Closing it cancels."""
        ...

    async def trial(self, wish: TrialWish, tell: Tell) -> Tried:
        """Measure a policy in throw-away guests and keep the row."""
        ...

    def story(self) -> Callable[[Event], tuple[str, ...]]:
        """Return what turns the events of one piece of work into lines for people."""
        ...

    def question(self, request: ApprovalRequest) -> tuple[str, ...]:
        """Return what a person must know before saying yes, one fact a line."""
        ...
