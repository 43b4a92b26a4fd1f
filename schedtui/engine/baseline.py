"""A bench on which a policy is the baseline: two objects take turns in one guest."""

from __future__ import annotations

from typing import Protocol

from schedtui.measure.trial import Bench, InconclusiveError, TrialError
from schedtui.model.trial import Disturbance, MachineShape, WorkloadSpec


class Attaching(Protocol):
    """One object that can be in charge of the bench's machine."""

    async def attach(self) -> None:
        """Put it in charge, proved. Raises TrialError."""
        ...

    async def require_in_charge(self) -> None:
        """Raise TrialError when it is no longer in charge."""
        ...

    async def detach(self) -> None:
        """Give the kernel its own scheduler back. Raises TrialError."""
        ...


async def window_of_baseline(
    bench: Bench, baseline: Attaching, spec: WorkloadSpec
) -> tuple[tuple[str, float], ...]:
    """Run a window under a baseline that is in charge to its end. Raises InconclusiveError."""
    try:
        metrics = await bench.window(spec)
        await baseline.require_in_charge()
    except TrialError as error:
        raise inconclusive(error) from error
    return metrics


class BaselineBench:
    """A bench with a baseline that is in charge in every window without the candidate.

    What goes wrong with the baseline says nothing of the candidate: it is inconclusive. The
    kernel's own scheduler is in charge only for the moment between the two.
    """

    def __init__(self, bench: Bench, baseline: Attaching) -> None:
        self._bench = bench
        self._baseline = baseline
        self._baseline_attached = False
        self._candidate_attached = False

    @property
    def boot_id(self) -> str:
        """See the port."""
        return self._bench.boot_id

    @property
    def machine(self) -> MachineShape:
        """See the port."""
        return self._bench.machine

    async def attach(self) -> None:
        """See the port."""
        await self._stand_down()
        await self._bench.attach()
        self._candidate_attached = True

    async def detach(self) -> None:
        """See the port."""
        self._candidate_attached = False
        await self._bench.detach()

    async def window(self, spec: WorkloadSpec) -> tuple[tuple[str, float], ...]:
        """See the port."""
        if self._candidate_attached:
            return await self._bench.window(spec)
        await self._stand_in()
        return await window_of_baseline(self._bench, self._baseline, spec)

    async def longest_wait_ms(self) -> float:
        """See the port."""
        return await self._bench.longest_wait_ms()

    async def starved(self) -> tuple[str, ...]:
        """See the port."""
        return await self._bench.starved()

    async def disturbance(self) -> Disturbance | None:
        """See the port."""
        return await self._bench.disturbance()

    async def _stand_in(self) -> None:
        if self._baseline_attached:
            return
        try:
            await self._baseline.attach()
        except TrialError as error:
            raise inconclusive(error) from error
        self._baseline_attached = True

    async def _stand_down(self) -> None:
        if not self._baseline_attached:
            return
        self._baseline_attached = False
        try:
            await self._baseline.detach()
        except TrialError as error:
            raise inconclusive(error) from error


def inconclusive(error: TrialError) -> InconclusiveError:
    """Return what trouble with the baseline means for a trial."""
    return InconclusiveError(f"of the policy that is the baseline: {error}")
