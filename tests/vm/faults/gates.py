"""Takes faults through the real gates: as the verifier does, and one gate alone."""

from __future__ import annotations

from collections.abc import Sequence

from schedtui.model.events import Event
from schedtui.model.verdict import Finding, GateResult, Severity
from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.facts import ObjectFacts, read_object
from schedtui.toolchain.bpf import compile_bpf
from schedtui.verify.compile_gate import CompileGate
from schedtui.verify.gate import Draft, Gate
from schedtui.verify.object_gate import ObjectGate
from schedtui.verify.rules_gate import RulesGate
from schedtui.verify.verifier import verify
from tests.figures import Figures
from tests.vm.faults.corpus import ChangeObject, Fault, Stop

CANDIDATE = "candidate"
"""Name that the agent gives what it proposes; the faults carry it unless the name is the fault."""


class ChangedCompileGate(CompileGate):
    """The compile gate, and somebody who changes the object before the next gate sees it."""

    def __init__(self, change: ChangeObject) -> None:
        super().__init__()
        self._change = change

    async def run(self, draft: Draft) -> GateResult:
        """Compile, then change."""
        result = await super().run(draft)
        if draft.object is not None:
            draft.object = self._change(draft.object)
        return result


def plain_gates() -> list[Gate]:
    """Return the gates that need no kernel."""
    return [RulesGate(), CompileGate(), ObjectGate()]


def static_gates(fault: Fault) -> list[Gate]:
    """Return the gates that need no kernel, for a fault."""
    compiling = ChangedCompileGate(fault.change) if fault.change else CompileGate()
    return [RulesGate(), compiling, ObjectGate()]


async def judged(draft: Draft, gates: Sequence[Gate]) -> GateResult:
    """Return the result of the last gate that was asked."""
    verdict, _ = await verify(draft, gates, _unheard)
    return verdict.gates[-1]


def _unheard(_: Event) -> None:
    """Nobody watches these verifications."""


async def compiled(fault: Fault) -> Draft:
    """Return a draft with its object and facts, whatever the gates would say of it."""
    draft = Draft(CANDIDATE, fault.source)
    draft.object = (await compile_bpf(fault.source)).object
    if draft.object is not None and fault.change is not None:
        draft.object = fault.change(draft.object)
    if draft.object is not None:
        draft.facts = _facts(draft.object)
    return draft


def _facts(data: bytes) -> ObjectFacts | None:
    try:
        return read_object(data)
    except ObjectFileError:
        return None


def errors(findings: Sequence[Finding]) -> list[str]:
    """Return the codes of what rejects."""
    return [found.code for found in findings if found.severity is Severity.ERROR]


def meets(result: GateResult, stop: Stop) -> bool:
    """Tell whether a gate's result is what a fault states of it."""
    codes = set(errors(result.findings))
    if result.gate is not stop.gate:
        return False
    return bool(codes & set(stop.codes)) if stop.codes else result.passed and not codes


def tell(figures: Figures, fault: Fault, stated: Stop, result: GateResult) -> None:
    """Say for the table at the end of the run what a gate made of a fault."""
    first = {fault.stops.gate, *(stop.gate for _, stop in fault.overrides)}
    alone = stated.gate not in first
    figures.fault(fault.id, result, as_stated=meets(result, stated), alone=alone)


def seen(result: GateResult) -> str:
    """Return what a gate said, for a failed assertion."""
    told = "; ".join(f"{f.code} line {f.line}: {f.sentence}" for f in result.findings)
    return (
        f"{result.gate.value} {'passed' if result.passed else 'refused'}: {told or result.summary}"
    )
