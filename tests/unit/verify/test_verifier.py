"""The verifier: order, the first no, and gates that break."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from dataclasses import replace

import pytest

from schedtui.model.events import Event, GateFinished, GateStarted
from schedtui.model.machine import KernelInfo
from schedtui.model.verdict import Finding, GateName, GateResult, Verdict
from schedtui.model.wire import from_json, to_json
from schedtui.toolchain.bpf import headers_sha256
from schedtui.verify.catalogue import finding
from schedtui.verify.compile_gate import CompileGate
from schedtui.verify.gate import Cost, Draft, Gate, result_of, worst_first
from schedtui.verify.gates import PLACES
from schedtui.verify.object_gate import ObjectGate
from schedtui.verify.rules_gate import RulesGate
from schedtui.verify.tokens import verdict_chain
from schedtui.verify.verifier import verify
from tests.unit.verify.sources import scheduler, with_enqueue

FIRST_THREE: list[Gate] = [RulesGate(), CompileGate(), ObjectGate()]


class BrokenGate:
    """Raises in place of an answer."""

    name = GateName.KERNEL
    cost = Cost.INSTANT
    needs = ()
    doing = "breaking"

    def __init__(self, error: BaseException) -> None:
        self._error = error

    async def run(self, draft: Draft) -> GateResult:
        raise self._error


class LenientGate:
    """Says yes beside an error."""

    name = GateName.KERNEL
    cost = Cost.INSTANT
    needs = ()
    doing = "being kind"

    async def run(self, draft: Draft) -> GateResult:
        return GateResult(self.name, True, 0.0, "fine", (finding("OBJ013"),))


class RefusingGate:
    """Says no for a list of reasons."""

    name = GateName.KERNEL
    cost = Cost.INSTANT
    needs = ()
    doing = "refusing"

    def __init__(self, *findings: Finding) -> None:
        self._findings = findings

    async def run(self, draft: Draft) -> GateResult:
        return result_of(self.name, 0.0, "", self._findings)


async def test_a_gate_that_could_not_decide_says_so() -> None:
    guest, lost = finding("KRN011", reason="no guest"), finding("OBJ013")
    for gate, undecided in (
        (RefusingGate(guest), True),
        (RefusingGate(guest, lost), False),
        (RefusingGate(lost), False),
        (RefusingGate(), False),
        (BrokenGate(ValueError("x")), True),
    ):
        verdict, _ = await verify(Draft("sample", ""), [gate], lambda _: None)
        assert verdict.gates[-1].inconclusive is undecided
        assert from_json(Verdict, to_json(verdict)) == verdict
    old = to_json(GateResult(GateName.RULES, True, 0.0, ""))
    assert isinstance(old, dict)
    del old["inconclusive"], old["basis"]
    assert not from_json(GateResult, old).inconclusive


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
    source, made = verdict.source_sha256, verdict.object_sha256
    read = [{each.name: each.sha256 for each in gate.basis.read} for gate in verdict.gates]
    headers = headers_sha256()
    assert read == [
        {"source": source, "headers": headers},
        {"source": source, "headers": headers},
        {"object": made},
    ]
    used = [{tool.name: tool.version for tool in gate.basis.used} for gate in verdict.gates]
    assert [list(each) for each in used] == [
        ["schedtui", "tree-sitter", "tree-sitter-c"],
        ["schedtui", "compiler", "confinement"],
        ["schedtui"],
    ]
    assert used[1]["compiler"] == verdict.compiler
    assert all(version for each in used for version in each.values())
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


SOURCES = {
    "good": scheduler(),
    "many findings": with_enqueue("".join(f'asm("{i}"); goto out{i};\n' for i in range(40))),
    "one finding of the object": scheduler(before="u8 waste[80 << 20];\n").replace(
        "queue_insert(p, 0,", "waste[enq_flags & 3] = 1; queue_insert(p, 0,"
    ),
    "several of the object": scheduler(
        before="".join(
            f"struct {{ __uint(type, 2); __uint(max_entries, 0); __uint(map_extra, {i + 1});"
            f' __uint(pinning, 1); __type(key, u64); __type(value, u64); }} m{i} SEC(".maps");\n'
            for i in range(5)
        )
    ),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
async def test_same_source_same_answer(source: str) -> None:
    """Everything but the time it took, and so everything a repair loop reads."""
    answers, chains = [], []
    for _ in range(2):
        verdict, _ = await verify(Draft("", source), FIRST_THREE, lambda _: None)
        gates = tuple(_timeless(gate) for gate in verdict.gates)
        answers.append(json.dumps(to_json(replace(verdict, gates=gates))))
        chains.append(verdict_chain(verdict))
        assert verdict.passed is (source == SOURCES["good"])
        assert from_json(Verdict, json.loads(json.dumps(to_json(verdict)))) == verdict
    assert answers[0] == answers[1]
    assert chains[0] == chains[1]


def _timeless(result: GateResult) -> GateResult:
    summary = re.sub(r"[0-9.]+ m?s\b", "", result.summary)
    return replace(result, seconds=0.0, summary=summary)


def test_findings_have_one_order_and_errors_are_never_cut_off() -> None:
    warnings = [finding("SRC040", line=i, also="") for i in range(1, 50)]
    error = finding("OBJ013")
    for given in ([*warnings, error, error], [error, *reversed(warnings)]):
        kept = worst_first(given, 30)
        assert kept[0] == error
        assert [f.line for f in kept[1:]] == list(range(1, 30))


def test_cheap_gates_come_first() -> None:
    assert [place.name for place in PLACES] == list(GateName)
    # The object gate costs nothing, but needs what the compiler gate made.
    others = [place for place in PLACES if place.name is not GateName.OBJECT]
    costs = [list(Cost).index(place.costs[0]) for place in others]
    assert costs == sorted(costs)
    for gate in FIRST_THREE:
        (place,) = [p for p in PLACES if p.name is gate.name]
        assert (place.costs, place.needs) == ((gate.cost,), gate.needs)


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
