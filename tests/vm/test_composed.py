"""What is composed runs on a real kernel, and the worst slots starve nobody."""

from __future__ import annotations

import dataclasses

import pytest

from schedtui.measure.catalogue import shortened, workload
from schedtui.model.protocol import Nothing, WindowArgs, WindowReport
from schedtui.model.telemetry import SchedulerState
from schedtui.policy.composing import compose
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.target import Guest
from tests.fakes.compositions import EVERY, NASTY
from tests.fakes.schedulers import compiled_source, deploy_args
from tests.vm.test_battery_gate import errors, one_exercise, tried

pytestmark = [pytest.mark.vm, pytest.mark.timeout(400)]

UNFAIR = {"TRL016", "TRL019", "TRL021"}
"""Waits too long, shares too small, too little done: bad, but nobody stands still."""


async def test_every_part_of_the_scaffold_runs(guest: Guest) -> None:
    for made in EVERY:
        # What a kernel function may be asked where shows only when it is called.
        live = await after_a_storm(guest, made.name, await compiled_source(compose(made)))
        assert (live.ops, live.ours) == (made.name, True), (live.ended, live.last_exit)


async def after_a_storm(guest: Guest, name: str, data: bytes) -> SchedulerState:
    """Return who is in charge after tasks were born, woken and interrupted for a second."""
    args = deploy_args(name, data, guest.hello, guest.link.session_key)
    await guest.link.call("deploy", dataclasses.replace(args, lease_ms=10_000), SchedulerState)
    for storm in ("fork_storm", "messages"):
        spec = shortened(workload(storm), 1)
        await guest.link.call("window", WindowArgs(storm, spec.arguments, 20), WindowReport, 25)
    live = await guest.link.call("state", Nothing(), SchedulerState)
    await guest.link.call("rollback", Nothing(), SchedulerState)
    return live


async def test_slots_that_mean_harm_are_unfair_but_starve_nobody(lab: Lab) -> None:
    data = await compiled_source(compose(NASTY))
    result = await tried(lab, data, one_exercise("saturated"))
    assert errors(result) <= UNFAIR, result.findings
