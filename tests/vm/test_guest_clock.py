"""A guest's clock keeps time, and can be made to when the kernel misjudged the counter."""

from __future__ import annotations

import asyncio
import time

import pytest

from schedtui.model.battery import Evidence
from schedtui.model.protocol import Nothing
from schedtui.target.link import NodeLink
from schedtui.target.sandbox.aging import counter_khz
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.saved import boot, restore

pytestmark = [pytest.mark.vm, pytest.mark.timeout(300)]


async def rate(link: NodeLink) -> float:
    """Return how fast the guest's clock runs, 1 when it keeps time."""
    await link.hello("sandbox", throwaway=True)
    began = (await link.call("evidence", Nothing(), Evidence)).uptime_s
    ours = time.monotonic()
    await asyncio.sleep(2)
    passed = (await link.call("evidence", Nothing(), Evidence)).uptime_s - began
    return passed / (time.monotonic() - ours)


async def test_the_saved_guest_keeps_time(lab: Lab) -> None:
    machine = await restore(lab.files, lab.shape())
    try:
        assert await rate(machine.link) == pytest.approx(1.0, abs=0.15)
    finally:
        await machine.end()


async def test_a_kernel_believes_what_it_is_told_of_the_counter(lab: Lab) -> None:
    factor = 3
    with lab.files.saved(lab.shape()).open("rb") as state:
        khz = counter_khz(state.fileno())
    machine = await boot(lab.files, lab.shape(), khz // factor)
    try:
        assert await rate(machine.link) == pytest.approx(factor, rel=0.15)
    finally:
        await machine.end()
