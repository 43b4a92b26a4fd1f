"""Four kernels refuse what only a kernel can refuse, in words; their gate needs no other gate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schedtui.model.protocol import Nothing
from schedtui.model.telemetry import SchedulerState
from schedtui.model.verdict import GateName, TokenMode
from schedtui.target.link import LinkError
from schedtui.verify.gate import Draft
from schedtui.verify.kernel_gate import SECONDS_LIMIT, KernelGate
from tests.fakes.schedulers import deploy_args
from tests.figures import Figures
from tests.vm.faults.corpus import DEFAULT, SERIES, Fault, Stop, faults, group
from tests.vm.faults.gates import CANDIDATE, compiled, judged, meets, seen, static_gates, tell
from tests.vm.faults.kernels import OneGuest

pytestmark = [pytest.mark.vm, pytest.mark.asyncio(loop_scope="module")]

SHORT_PATIENCE_S = 2.0
"""For faults that are slow to check: the gate's own limit is longer, but that they are given up
shows as well after a while that costs the tests less."""
REACHING = [f for f in faults() if f.stops.gate is GateName.KERNEL or f.group == "enable"]
STATING = [f for f in faults() if f.stops.gate is GateName.KERNEL or f.alone_on(GateName.KERNEL)]


def slow(fault: Fault) -> bool:
    """Tell whether a kernel is asked in vain for as long as patience lasts."""
    return any("KRN010" in fault.stops_on(series).codes for series in SERIES)


def first_of_recipe(fault: Fault) -> bool:
    """Tell whether no variant of its recipe comes before it."""
    recipe = fault.id[:3]
    return fault is next(each for each in STATING if each.id[:3] == recipe)


ASKED = [
    pytest.param(series, fault, id=f"{series}-{fault.id}")
    for series in SERIES
    for fault in STATING
    if (fault.stops.gate is GateName.KERNEL and not slow(fault))
    or (series == DEFAULT and (slow(fault) or first_of_recipe(fault)))
]
"""Of what an earlier gate stops, one variant of each recipe is put to the default kernel here, and
so is what is slow to check; all of it to all four of them in ``make bench-verify``."""

_drafts: dict[str, Draft] = {}


async def draft_of(fault: Fault) -> Draft:
    """Return a fault's draft with its object, made once for all kernels."""
    if fault.id not in _drafts:
        _drafts[fault.id] = await compiled(fault)
    made = _drafts[fault.id]
    return Draft(made.name, made.source, object=made.object, facts=made.facts)


def stated(fault: Fault, series: str) -> Stop:
    """Return what a kernel must say of a fault."""
    stop = fault.alone_on(GateName.KERNEL, series) or fault.stops_on(series)
    assert stop.gate is GateName.KERNEL, fault.id
    return stop


@pytest.mark.parametrize("fault", REACHING, ids=lambda fault: fault.id)
async def test_no_earlier_gate_stops_it(fault: Fault) -> None:
    last = await judged(Draft("", fault.source), static_gates(fault))
    assert last.passed, seen(last)
    assert last.gate is GateName.OBJECT


@pytest.mark.parametrize(("asked", "fault"), ASKED, indirect=["asked"])
async def test_the_kernel_says_what_it_should(
    asked: OneGuest, fault: Fault, figures: Figures
) -> None:
    draft = await draft_of(fault)
    assert draft.object is not None
    assert draft.facts is not None, "our own reader refuses it, so no kernel will be asked"
    expected = stated(fault, asked.series)
    patience = SHORT_PATIENCE_S if "KRN010" in expected.codes else SECONDS_LIMIT
    result = await KernelGate(asked, seconds_limit=patience).run(draft)
    tell(figures, fault, expected, result)
    figures.gates(result)
    assert meets(result, expected), f"{asked.series}: {expected} expected: {seen(result)}"


TWICE = ("F16c", "F17a", "F18a", "F38a", "F64a")
"""Refused by the kernel in several ways, and accepted."""


@pytest.mark.parametrize("asked", [DEFAULT], indirect=True)
async def test_the_same_source_gets_the_same_answer_in_another_guest(asked: OneGuest) -> None:
    asked_twice = [fault for fault in faults() if fault.id in TWICE]
    assert len(asked_twice) == len(TWICE)
    for fault in asked_twice:
        answers = []
        for _ in range(2):
            draft = await compiled(fault)
            result = await KernelGate(asked).run(draft)
            # Two guests that were lost would give the same answer as well.
            assert "KRN011" not in {found.code for found in result.findings}, seen(result)
            programs = draft.report.programs if draft.report else ()
            same = [replace(program, seconds=0.0) for program in programs]
            answers.append((draft.object, result.passed, result.findings, result.basis, same))
            await asked.end()
        assert answers[0] == answers[1], fault.id


@pytest.mark.parametrize("fault", group("enable"), ids=lambda fault: fault.id)
async def test_it_never_comes_into_charge(asked: OneGuest, fault: Fault) -> None:
    guest = await asked.opened()
    data = (await draft_of(fault)).object
    assert data is not None
    args = deploy_args(
        CANDIDATE, data, guest.hello, guest.link.session_key, mode=TokenMode.TRIAL, timeout_ms=3000
    )
    # The attach itself succeeds; only the kernel's state and exit record tell the truth.
    with pytest.raises(LinkError) as caught:
        await guest.link.call("deploy", args, SchedulerState)
    assert caught.value.refused
    assert (await guest.link.call("state", Nothing(), SchedulerState)).state == "disabled"
