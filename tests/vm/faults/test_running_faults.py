"""Faults that the kernel's verifier accepts and that go wrong when they run.

Each is stopped by the earliest gate that properly can. Of each recipe it is also
shown what one does when no gate stops it. All of them on all kernels, and those that only running
shows in the battery, are in ``make bench-verify``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from schedtui.model.verdict import GateName
from schedtui.target.sandbox.lab import LabOptions, prepare
from schedtui.verify.gate import Draft
from tests.figures import Figures
from tests.vm.faults.corpus import Fault, group
from tests.vm.faults.gates import judged, meets, plain_gates, seen, tell
from tests.vm.faults.running.proof import STAYS, Proof, Stage, agrees, proofs

pytestmark = [pytest.mark.vm, pytest.mark.asyncio(loop_scope="module")]

CHEAP = (GateName.RULES, GateName.COMPILE, GateName.OBJECT)
EARLY = [f for f in (*group("running"), *group("harm")) if f.stops.gate in CHEAP]
LATE = [f for f in (*group("running"), *group("harm")) if f.stops.gate not in CHEAP]
THROWN_OUT = [p for p in proofs() if p.attached not in {"", STAYS}]
CPUS = 2
ONE_OF_EACH = {p.fault.id[:3]: p for p in reversed(THROWN_OUT) if p.cpus == CPUS}.values()
"""Of the variants of a recipe, which end alike, the first; all of them, those that need more CPUs
too, in ``make bench-verify``."""


@pytest.mark.parametrize("fault", EARLY, ids=lambda fault: fault.id)
async def test_stopped_before_any_kernel_sees_it(fault: Fault, figures: Figures) -> None:
    draft = Draft("", fault.source)
    last = await judged(draft, plain_gates())
    tell(figures, fault, fault.stops, last)
    figures.gates(*draft.results)
    assert meets(last, fault.stops), f"{fault.stops} expected: {seen(last)}"


@pytest.mark.parametrize("fault", LATE, ids=lambda fault: fault.id)
async def test_no_cheap_gate_is_in_the_way(fault: Fault) -> None:
    last = await judged(Draft("", fault.source), plain_gates())
    assert last.passed, seen(last)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def staged() -> AsyncIterator[Stage]:
    """A guest that serves until one of them takes it along."""
    opened = Stage(await prepare(LabOptions(), print, CPUS), CPUS)
    yield opened
    await opened.end()


@pytest.mark.parametrize("proof", ONE_OF_EACH, ids=lambda proof: proof.fault.id)
async def test_the_kernel_throws_it_out_when_no_gate_stops_it(staged: Stage, proof: Proof) -> None:
    said = await staged.fate(proof)
    assert agrees(proof, said), f"{proof.attached!r} expected: {said}"
