"""What the battery needs of a throw-away guest."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from schedtui.model.battery import Evidence
from schedtui.model.telemetry import SchedulerState
from schedtui.verify.battery.plan import GuestPlan
from schedtui.verify.battery.reading import Reading
from schedtui.verify.gate import Draft

WATCHDOG_MS: Final = 3000
"""The kernel's watchdog while a candidate is tried: shorter than any stretch of a trial."""


class BatteryBench(Protocol):
    """One throw-away guest in which exercises run; its candidate is given already.

    Every call raises :class:`schedtui.measure.trial.InconclusiveError` when the guest is lost, and
    :class:`schedtui.measure.trial.TrialError` when the node says no.
    """

    @property
    def emulated(self) -> bool:
        """Tell whether software runs the guest's instructions, which makes programs dear."""
        ...

    @property
    def oversubscribed(self) -> bool:
        """Tell whether the guest has more CPUs than the host, so that they wait for each other."""
        ...

    async def attach(self, lease_ms: int = 0) -> SchedulerState:
        """Put the candidate in charge and return what the kernel says then.

        With ``lease_ms`` the lease is that long and nobody renews it; otherwise it is renewed.
        """
        ...

    async def run(self, exercise: str, seconds: float) -> Reading:
        """Run one exercise to its end and return what it shows; nothing is said of costs."""
        ...

    async def state(self) -> SchedulerState:
        """Read from the kernel who schedules."""
        ...

    async def evidence(self) -> Evidence:
        """Return what the guest's kernel says about itself."""
        ...

    async def detach(self) -> SchedulerState:
        """Give the kernel its own scheduler back and return what it says then."""
        ...

    async def dump(self) -> bool:
        """Have the kernel dump the scheduler's state; False where that is not possible."""
        ...


OpenBattery = Callable[[Draft, GuestPlan], AbstractAsyncContextManager[BatteryBench]]
"""Opens a pristine guest for a draft, and throws it away at the end."""
