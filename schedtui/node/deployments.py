"""The one deployment a node can hold: token, lease, guards, rollback.

The rollback path is short on purpose: it never forks, starts a thread or opens a file, because
a bad policy can make all of that impossible.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from schedtui.model.protocol import DeployArgs, GuardLimits, LiveValues, Parameters, SetArgs
from schedtui.model.telemetry import ExitRecord, GuardState
from schedtui.node.admission import Admission, Refused
from schedtui.node.preparing import Admitted, ParameterError

__all__ = ["Attached", "Deployments", "Refused"]

LEASE_MIN_MS: Final = 500
LEASE_MAX_MS: Final = 10_000


class Attached(Protocol):
    """A scheduler in charge, held by its link (see node.attachment)."""

    name: str

    def detach(self) -> None:
        """Give the kernel back to its own scheduler."""
        ...

    def check(self) -> str:
        """Return why it is not in charge any more, empty while it is."""
        ...

    def set_live(self, parameters: Parameters) -> Parameters:
        """Set live parameters, all or none, and return all as they are. Raises ParameterError."""
        ...

    def exit_record(self) -> ExitRecord | None:
        """Return why the kernel ended it, None while it runs."""
        ...


Attach = Callable[[Admitted], Attached]
"""Attaches what a token admits; raises Refused."""


@dataclass
class Deployments:
    """Holds at most one attached scheduler."""

    attach: Attach
    admission: Admission
    longest_wait_ms: Callable[[], float]
    clock: Callable[[], float] = time.monotonic
    last_exit: ExitRecord | None = None
    ended: str = ""
    """Why the last deployment ended, in words."""
    _current: Attached | None = None
    _limits: GuardLimits = field(default_factory=GuardLimits)
    _lease_s: float = 0.0
    _expires: float = 0.0
    _overdue: bool = False
    _since: float = 0.0

    @property
    def live(self) -> bool:
        """Tell whether a scheduler of ours is attached."""
        return self._current is not None

    def deploy(self, args: DeployArgs) -> None:
        """Attach what the token allows. Raises Refused."""
        if self._current is not None:
            raise Refused(f"{self._current.name} is deployed; roll it back first")
        admitted = self.admission.redeem(args)
        self._limits = args.guards
        self._lease_s = min(max(args.lease_ms, LEASE_MIN_MS), LEASE_MAX_MS) / 1000
        self.last_exit, self.ended = None, ""
        attached = self.attach(admitted)
        self._since = self.clock()
        self._expires, self._overdue = self._since + self._lease_s, False
        # Last, since the watch looks at it from another thread.
        self._current = attached

    def renew(self) -> None:
        """Extend the lease by its length."""
        self._expires = self.clock() + self._lease_s

    def roll_back(self, reason: str) -> None:
        """Detach at once; nothing happens when nothing is attached."""
        current, self._current = self._current, None
        if current is None:
            return
        current.detach()
        self.last_exit = current.exit_record()
        self.ended = reason

    def set_live(self, args: SetArgs) -> LiveValues:
        """Set live parameters of what is deployed, within what was approved. Raises Refused."""
        if self._current is None:
            raise Refused("nothing is deployed whose parameters could be set")
        try:
            return LiveValues(self._current.set_live(args.parameters))
        except ParameterError as error:
            raise Refused(str(error)) from error

    def seconds_left(self) -> float:
        """Return the seconds until the lease runs out, 0 when nothing is deployed."""
        return max(0.0, self._expires - self.clock()) if self._current else 0.0

    def age_s(self) -> float:
        """Return the seconds since the attach, 0 when nothing is deployed."""
        return self.clock() - self._since if self._current else 0.0

    def watch(self) -> None:
        """Roll back when lease, kernel or guards say so. Called many times a second."""
        if self._current is None:
            return
        if self._lease_is_over():
            self.roll_back("the lease ran out: its client did not renew it")
            return
        gone = self._current.check()
        if gone:
            self.roll_back(gone)
            return
        wait = self._wait_guard()
        if wait and not wait.ok:
            self.roll_back(
                f"guard {wait.name}: {wait.value:.0f} {wait.unit}, limit {wait.limit:.0f}"
            )

    def _lease_is_over(self) -> bool:
        """Look twice: when a host goes on after a pause, a renewal may still be on its way in."""
        before, self._overdue = self._overdue, self.clock() > self._expires
        return before and self._overdue

    def guards(self) -> tuple[GuardState, ...]:
        """Return the guards with their present values, empty when nothing is deployed."""
        if self._current is None:
            return ()
        left, wait = self.seconds_left() * 1000, self._wait_guard()
        lease = GuardState("lease", left > 0, left, self._lease_s * 1000, "ms")
        return (wait, lease) if wait else (lease,)

    def _wait_guard(self) -> GuardState | None:
        """Return the guard of waits; None where none is asked for, and waits are not read then."""
        limit = self._limits.max_wait_ms
        if not limit:
            return None
        wait = self.longest_wait_ms()
        return GuardState("longest wait", wait <= limit, wait, limit, "ms")
