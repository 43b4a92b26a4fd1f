"""The Execution Verifier over a lab that is prepared already."""

from __future__ import annotations

from schedtui.engine.verification import GuestVerifying
from schedtui.model.battery import Depth
from schedtui.target.sandbox.lab import Lab


def up_to_the_kernel(lab: Lab) -> GuestVerifying:
    """Return a verifier whose last gate is the kernel's."""

    async def found() -> Lab:
        return lab

    return GuestVerifying(found, "zig", battery=Depth.NONE)
