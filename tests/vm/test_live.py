"""Live parameters in a real kernel: what is set changes what happens, and no more can be set."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Final

import pytest

from schedtui.model.protocol import (
    InspectArgs,
    LiveValues,
    Nothing,
    Parameters,
    SetArgs,
)
from schedtui.model.telemetry import SchedulerState
from schedtui.model.verdict import InspectReport
from schedtui.target.link import LinkError
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.target import Guest, open_guest
from tests.fakes.schedulers import compiled_source
from tests.vm.comparing import above, compared
from tests.vm.effects import in_charge, watched
from tests.vm.test_policy_effects import HOGS

pytestmark = pytest.mark.vm

LONG, SHORT = 50_000, 500
BRIEF = ("brief_us", 500)
"""What the other live parameter of the policy is all the time."""

WRITES: Final = """/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <schedtui.h>

LIVE_PARAMETER slice_us = { 5000, 500, 50000 };

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	*(volatile u64 *)&slice_us.value = 1;
	queue_insert(p, SCX_DSQ_GLOBAL, live(&slice_us) * NSEC_PER_USEC, enq_flags);
}

SCHEDTUI_OPS(writes, .enqueue = OP(enqueue));
"""

WRONG: Final[tuple[tuple[Parameters, str], ...]] = (
    ((("slice_us", LONG + 1),), "outside of 500 to 50000"),
    ((("slice_us", SHORT - 1),), "outside of 500 to 50000"),
    ((("slice_us", 600), ("slice_us", 700)), "given twice"),
    ((("slice_us", 600), ("window_us", 1)), "no live parameter window_us"),
)


@pytest.fixture
async def bench(lab: Lab) -> AsyncIterator[Guest]:
    """A guest in which policies take turns."""
    opened = await open_guest(lab, throwaway=True)
    yield opened
    await opened.end()


async def put(guest: Guest, *parameters: tuple[str, int]) -> Parameters:
    """Set live parameters; returns what all of them are then."""
    return (await guest.link.call("set", SetArgs(parameters), LiveValues)).parameters


async def state(guest: Guest) -> SchedulerState:
    """Return who schedules."""
    return await guest.link.call("state", Nothing(), SchedulerState)


async def switches(guest: Guest) -> float:
    """Return how often tasks that never sleep take turns, per second on all CPUs."""
    cpus = (await watched(guest, "periodic", HOGS)).cpus
    return sum(cpu.switches_per_s or 0.0 for cpu in cpus)


async def test_a_change_takes_effect_in_the_policy_that_runs(bench: Guest) -> None:
    async def ratio() -> float:
        async with in_charge(bench, "partners"):
            before = (await state(bench)).enable_seq
            assert await put(bench, ("slice_us", LONG)) == (("slice_us", LONG), BRIEF)
            long = await switches(bench)
            assert await put(bench, ("slice_us", SHORT)) == (("slice_us", SHORT), BRIEF)
            short = await switches(bench)
            # It has been one load from the beginning to the end.
            assert (await state(bench)).enable_seq == before
        return short / long

    await compared(bench, ratio, above(3.0))


async def test_what_was_not_approved_is_not_set(bench: Guest) -> None:
    with pytest.raises(LinkError, match="nothing is deployed"):
        await put(bench, ("slice_us", SHORT))
    async with in_charge(bench, "partners"):
        for parameters, reason in WRONG:
            with pytest.raises(LinkError, match=reason) as caught:
                await put(bench, *parameters)
            assert caught.value.refused
        assert await put(bench) == (("slice_us", 5000), BRIEF)
    async with in_charge(bench, "fifo_rtc"):
        with pytest.raises(LinkError, match="no live parameters"):
            await put(bench, ("slice_us", 20_000))


async def test_a_policy_cannot_write_its_own_live_parameters(guest: Guest) -> None:
    sound = WRITES.replace("	*(volatile u64 *)&slice_us.value = 1;\n", "")
    for source, ok in ((sound, True), (WRITES, False)):
        encoded = base64.b64encode(await compiled_source(source)).decode()
        report = await guest.link.call("inspect", InspectArgs(encoded), InspectReport, 90)
        assert report.ok is ok, report
    assert "write into map forbidden" in report.error
