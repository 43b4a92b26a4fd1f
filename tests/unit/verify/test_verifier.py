"""The verifier: order, the first no, and gates that break."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from schedtui.model.events import Event, GateFinished, GateStarted
from schedtui.model.machine import KernelInfo
from schedtui.model.verdict import GateName, GateResult
from schedtui.verify.catalogue import finding
from schedtui.verify.compile_gate import CompileGate
from schedtui.verify.gate import Draft, Gate
from schedtui.verify.object_gate import ObjectGate
from schedtui.verify.rules_gate import RulesGate
from schedtui.verify.verifier import verify
from tests.unit.verify.sources import scheduler, with_enqueue

FIRST_THREE: list[Gate] = [RulesGate(), CompileGate(), ObjectGate()]


class BrokenGate:
    """Raises in place of an answer."""

    name = GateName.KERNEL
    doing = "breaking"

    def __init__(self, error: BaseException) -> None:
        self._error = error

    async def run(self, draft: Draft) -> GateResult:
        raise self._error


class LenientGate:
    """Says yes beside an error."""

    name = GateName.KERNEL
    doing = "being kind"

    async def run(self, draft: Draft) -> GateResult:
        return GateResult(self.name, True, 0.0, "fine", (finding("OBJ013"),))


async def test_good_source_passes_and_is_described() -> None:
    events: list[Event] = []
    draft = Draft("sample", scheduler())
    draft.kernel = KernelInfo("7.0.13", "ab", "cd", "boot")
    verdict, data = await verify(draft, FIRST_THREE, events.append)
    assert verdict.passed
    assert data is not None
    assert verdict.candidate == "sample"
    assert verdict.source_sha256 == hashlib.sha256(scheduler().encode()).hexdigest()
    assert verdict.object_sha256 == hashlib.sha256(data).hexdigest()
    assert (verdict.kernel_release, verdict.kernel_btf_sha256) == ("7.0.13", "cd")
    kinds = [type(e) for e in events]
    assert kinds == [GateStarted, GateFinished] * 3
    order = [e.gate for e in events if isinstance(e, GateStarted)]
    assert order == [GateName.RULES, GateName.COMPILE, GateName.OBJECT]


async def test_first_no_ends_it() -> None:
    events: list[Event] = []
    verdict, data = await verify(Draft("x", with_enqueue("")), FIRST_THREE, events.append)
    assert not verdict.passed
    assert data is None
    assert [g.gate for g in verdict.gates] == [GateName.RULES]
    assert len(events) == 2
    assert verdict.object_sha256 == ""


async def test_same_source_same_verdict() -> None:
    found = []
    for _ in range(2):
        verdict, _ = await verify(Draft("", scheduler()), FIRST_THREE, lambda _: None)
        found.append([(g.gate, g.passed, g.findings) for g in verdict.gates])
        assert verdict.candidate == "sample"
    assert found[0] == found[1]


@pytest.mark.parametrize("error", [RuntimeError("x"), OSError(), RecursionError(), KeyError("y")])
async def test_gate_that_raises_is_a_no(error: Exception) -> None:
    events: list[Event] = []
    gates: list[Gate] = [BrokenGate(error), LenientGate()]
    verdict, data = await verify(Draft("x", ""), gates, events.append)
    assert not verdict.passed
    assert data is None
    (result,) = verdict.gates
    assert [f.code for f in result.findings] == ["VER001"]
    assert type(error).__name__ in result.findings[0].sentence


async def test_yes_beside_an_error_is_a_no() -> None:
    verdict, data = await verify(Draft("x", ""), [LenientGate()], lambda _: None)
    assert not verdict.passed
    assert data is None


async def test_no_gates_is_a_no() -> None:
    verdict, data = await verify(Draft("x", "", object=b"bytes"), [], lambda _: None)
    assert not verdict.passed
    assert data is None
    assert verdict.gates[0].findings[0].code == "VER002"


async def test_cancel_goes_through() -> None:
    with pytest.raises(asyncio.CancelledError):
        await verify(Draft("x", ""), [BrokenGate(asyncio.CancelledError())], lambda _: None)
