"""A throw-away guest in which an external scheduler is started once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from schedtui.engine.throwaway import Holder
from schedtui.measure.trial import InconclusiveError, TrialError
from schedtui.model.verdict import Verdict
from schedtui.target.link import LinkError
from schedtui.target.port import TargetError
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.target import Guest, open_guest
from schedtui.verify.gate import Draft


class GuestStarting:
    """A guest in which an external scheduler is started once."""

    def __init__(self, guest: Guest, draft: Draft) -> None:
        self._guest = guest
        self._draft = draft
        self.kernel = guest.hello.kernel

    async def started_and_ended(self, verdict_so_far: Verdict) -> str:
        """See the port."""
        draft = self._draft
        holder = Holder(self._guest, draft.object or b"", verdict_so_far, draft.bundle)
        try:
            state = await holder.attach()
            after = await holder.detach()
        except LinkError as error:
            if error.refused:
                raise TrialError(error.sentence) from error
            raise InconclusiveError(self._guest.why_lost(error)) from error
        finally:
            await holder.close()
        if after.state != "disabled":
            raise TrialError("the default scheduler did not come back after it")
        return state.ops


@asynccontextmanager
async def guest_starting(lab: Lab, draft: Draft) -> AsyncIterator[GuestStarting]:
    """A pristine guest, thrown away at the end. Raises InconclusiveError when there is none."""
    try:
        guest = await open_guest(lab, throwaway=True)
    except TargetError as error:
        raise InconclusiveError(error.sentence) from error
    try:
        yield GuestStarting(guest, draft)
    finally:
        await guest.end()
