"""The kernel gate of an external scheduler: it is started once in a throw-away machine.

It loads and attaches itself, so all that can be asked is whether the kernel takes it, under which
name, and whether it lets go again. What nobody can verify is said with the answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import ClassVar, Protocol

from schedtui.measure.trial import InconclusiveError, TrialError
from schedtui.model.machine import KernelInfo
from schedtui.model.verdict import GateName, GateResult, Verdict
from schedtui.verify.catalogue import finding
from schedtui.verify.gate import Cost, Draft, result_of
from schedtui.verify.verifier import verdict_of


class Starting(Protocol):
    """A pristine machine in which an external scheduler can be started once."""

    @property
    def kernel(self) -> KernelInfo:
        """Its kernel."""
        ...

    async def started_and_ended(self, verdict_so_far: Verdict) -> str:
        """Return the name that the kernel showed meanwhile. Raises TrialError."""
        ...


OpenStarting = Callable[[Draft], AbstractAsyncContextManager[Starting]]


class ProgramGate:
    """Starts an external scheduler and ends it again."""

    name = GateName.KERNEL
    cost: ClassVar[Cost] = Cost.SECONDS
    needs: ClassVar[tuple[str, ...]] = ("a throw-away guest",)
    doing = "starting it once in a throw-away machine: the kernel's verifier reads it"

    def __init__(self, open_starting: OpenStarting) -> None:
        self._open = open_starting

    async def run(self, draft: Draft) -> GateResult:
        """Start it; the name that the kernel shows and the kernel stay in the draft."""
        started = time.monotonic()
        unverified = draft.bundle.scheduler.unverified if draft.bundle else ()
        remarks = [finding("KRN024", what=each) for each in unverified]
        try:
            async with self._open(draft) as machine:
                draft.kernel = machine.kernel
                draft.name = await machine.started_and_ended(verdict_of(draft))
        except InconclusiveError as error:
            return result_of(self.name, started, "no answer", [finding("KRN011", reason=error)])
        except TrialError as error:
            refused = finding("KRN023", reason=error)
            return result_of(self.name, started, "not in charge", [refused, *remarks])
        return result_of(self.name, started, f"in charge as {draft.name}, and ended", remarks)
