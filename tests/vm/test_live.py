"""Live parameters in a real kernel: what is set changes what happens, and no more can be set."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from typing import Final

import pytest

from schedtui.measure.catalogue import shortened, workload
from schedtui.measure.objectives import direction_of
from schedtui.model.events import GateStarted, Verified
from schedtui.model.protocol import InspectArgs, LiveValues, Nothing, Parameters, SetArgs
from schedtui.model.telemetry import SchedulerState
from schedtui.model.verdict import GateName, InspectReport
from schedtui.policy.repository import load_repository
from schedtui.target.link import LinkError
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.target import Guest, open_guest
from schedtui.verify.trial_gate import LiveSides, TrialAim
from tests.fakes.schedulers import compiled_source
from tests.fakes.verifying import up_to_the_kernel
from tests.processes import guests
from tests.vm.comparing import above, compared
from tests.vm.effects import beside, in_charge, measured
from tests.vm.policy_effects import HOGS, PAIRS

pytestmark = pytest.mark.vm

SLICE: Final = ("slice_us", 5000)
BRIEF: Final = ("brief_us", 500)
"""The live parameters of ``partners`` as they begin."""

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
    ((("slice_us", 50_001),), "outside of 500 to 50000"),
    ((("slice_us", 499),), "outside of 500 to 50000"),
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


async def renewed(guest: Guest) -> SchedulerState:
    """Extend the lease, for a try of two parts on a busy host; returns who schedules."""
    return await guest.link.call("renew", Nothing(), SchedulerState)


async def round_trips(guest: Guest) -> float:
    """Return how often two tasks answer each other per second beside tasks that never sleep."""
    async with beside(guest, "periodic", HOGS):
        return (await measured(guest, "battery", PAIRS))["round_trips_per_s"]


async def test_a_change_takes_effect_in_the_policy_that_runs(bench: Guest) -> None:
    async def ratio() -> float:
        async with in_charge(bench, "partners"):
            before = (await renewed(bench)).enable_seq
            # Nobody is so brief that it hands its CPU over; then all who talk are.
            assert await put(bench, ("brief_us", 20)) == (SLICE, ("brief_us", 20))
            each_for_itself = await round_trips(bench)
            assert await put(bench, ("brief_us", 20_000)) == (SLICE, ("brief_us", 20_000))
            assert (await renewed(bench)).enable_seq == before
            together = await round_trips(bench)
            # It has been one load from the beginning to the end.
            assert (await renewed(bench)).enable_seq == before
        return together / max(each_for_itself, 1.0)

    await compared(bench, ratio, above(3.0))


async def test_what_was_not_approved_is_not_set(bench: Guest) -> None:
    with pytest.raises(LinkError, match="nothing is deployed"):
        await put(bench, ("slice_us", 700))
    async with in_charge(bench, "partners"):
        for parameters, reason in WRONG:
            with pytest.raises(LinkError, match=reason) as caught:
                await put(bench, *parameters)
            assert caught.value.refused
        assert await put(bench) == (SLICE, BRIEF)
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


async def test_a_setting_is_tried_against_another_in_one_load(lab: Lab) -> None:
    spec = shortened(workload("messages"), 1)
    source = next(policy.source for policy in load_repository() if policy.name == "partners")
    aim = TrialAim(
        *(spec, spec.objective, direction_of(spec.objective)),
        min_pairs=2,
        max_pairs=2,
        baseline_source=source,
        live=LiveSides((SLICE,), (("slice_us", 1000),)),
    )
    verifying = up_to_the_kernel(lab)
    async with verifying.holding():
        events = [event async for event in verifying.try_source("partners", source, aim)]
    asked = [each.gate for each in events if isinstance(each, GateStarted)]
    assert asked[-2:] == [GateName.KERNEL, GateName.TRIAL]
    last = events[-1]
    assert isinstance(last, Verified)
    assert last.verdict.trial is not None, last.verdict.gates[-1]
    assert len(last.verdict.trial.pairs) == 2
    assert not guests(os.getpid())
