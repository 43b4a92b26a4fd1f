"""The four kernels of the corpus, and one guest per kernel that is asked again and again."""

from __future__ import annotations

import base64
from typing import Final

from schedtui.model.machine import KernelInfo
from schedtui.model.protocol import InspectArgs
from schedtui.model.verdict import InspectReport, Tool
from schedtui.target.link import LinkError
from schedtui.target.sandbox.lab import Lab, LabOptions
from schedtui.target.sandbox.target import Guest, open_guest
from schedtui.verify.kernel_gate import InspectError

_INSPECT_SECONDS: Final = 90.0
_ELSEWHERE: Final = {"7.2": "sid"}
"""Backports' builds of 7.2 lack the second names of kfuncs; sid's have them."""


def options_of(series: str) -> LabOptions:
    """Return the sandbox options for the newest kernel of a series."""
    return LabOptions(series=series, expired_suite=_ELSEWHERE.get(series, ""))


class OneGuest:
    """Asks one guest about many objects; a fresh guest each time would cost minutes."""

    kernel: KernelInfo | None = None

    def __init__(self, lab: Lab, series: str) -> None:
        self.lab = lab
        self.series = series
        self._guest: Guest | None = None

    @property
    def guest(self) -> tuple[Tool, ...]:
        """What the kernel runs in."""
        return (Tool("accelerator", self.lab.accelerator),)

    async def inspect(self, object_bytes: bytes) -> InspectReport:
        """Load without attaching. Raises InspectError; the next call gets a fresh guest then."""
        guest = await self.opened()
        args = InspectArgs(base64.b64encode(object_bytes).decode())
        try:
            return await guest.link.call("inspect", args, InspectReport, _INSPECT_SECONDS)
        except LinkError as error:
            await self.end()
            raise InspectError(guest.why_lost(error)) from error
        except BaseException:
            # Given up by the gate: this guest may be busy with the old question for long.
            await self.end()
            raise

    async def opened(self) -> Guest:
        """Return the guest, a fresh one if there is none."""
        if self._guest is None:
            self._guest = await open_guest(self.lab, throwaway=True)
            self.kernel = self._guest.hello.kernel
        return self._guest

    async def end(self) -> None:
        """Throw the guest away."""
        guest, self._guest = self._guest, None
        if guest is not None:
            await guest.end()
