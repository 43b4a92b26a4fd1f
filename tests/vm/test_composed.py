"""What is composed runs on a real kernel, and the worst slots starve nobody."""

from __future__ import annotations

import pytest

from schedtui.engine.throwaway import GuestInspector
from schedtui.model.composition import Composition
from schedtui.objfile.facts import read_object
from schedtui.policy.composing import compose
from schedtui.target.sandbox.lab import Lab
from schedtui.verify.gate import Draft
from schedtui.verify.kernel_gate import KernelGate
from tests.fakes.compositions import EVERY, MEAN, NASTY
from tests.fakes.schedulers import compiled_source
from tests.vm.test_battery_gate import errors, one_exercise, tried

pytestmark = [pytest.mark.vm, pytest.mark.timeout(400)]

UNFAIR = {"TRL016", "TRL019", "TRL021"}
"""Waits too long, shares too small, too little done: bad, but nobody stands still."""


@pytest.mark.parametrize("made", EVERY, ids=[made.name for made in EVERY])
async def test_every_part_of_the_scaffold_runs(lab: Lab, made: Composition) -> None:
    source = compose(made)
    data = await compiled_source(source)
    draft = Draft(made.name, source, object=data, facts=read_object(data))
    result = await KernelGate(GuestInspector(lab)).run(draft)
    assert result.passed, result.findings
    # What a kernel function may be asked in which operation shows only when it is called.
    result = await tried(lab, data, one_exercise("wakeups", seconds=1.0))
    assert errors(result) <= UNFAIR, result.findings


@pytest.mark.parametrize("made", [NASTY, MEAN], ids=["nasty", "mean"])
async def test_slots_that_mean_harm_are_unfair_but_starve_nobody(
    lab: Lab, made: Composition
) -> None:
    data = await compiled_source(compose(made))
    result = await tried(lab, data, one_exercise("saturated"))
    assert errors(result) <= UNFAIR, result.findings
