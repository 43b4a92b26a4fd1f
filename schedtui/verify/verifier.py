"""Takes a draft through the gates, in order, up to the first no."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from schedtui.model.events import Event, GateFinished, GateStarted
from schedtui.model.verdict import GateName, GateResult, Severity, Verdict
from schedtui.verify.basis import source_sha256
from schedtui.verify.catalogue import finding
from schedtui.verify.gate import Draft, Gate, rejects, result_of

UNDECIDED_CODES: Final = frozenset({"CMP007", "CMP008", "CMP009", "KRN011", "TRL005", "TRL033"})
"""Findings that a gate could not ask: no compiler, confinement, CPU, guest or result."""


async def verify(
    draft: Draft, gates: Sequence[Gate], emit: Callable[[Event], None]
) -> tuple[Verdict, bytes | None]:
    """Run ``gates`` on ``draft``; returns the verdict and the object if all said yes.

    The verdict is also of the gates that the draft has passed before. A gate that raises, or that
    says yes beside an error, counts as a no. Cancellation goes through. Emits GateStarted and
    GateFinished; the caller says Verified.
    """
    for gate in gates:
        emit(GateStarted(gate.name, gate.doing))
        result = await _ask(gate, draft)
        emit(GateFinished(result))
        draft.results += (result,)
        if not result.passed:
            break
    if not draft.results:
        draft.results = (result_of(GateName.RULES, time.monotonic(), "", [finding("VER002")]),)
    verdict = verdict_of(draft)
    return verdict, draft.object if verdict.passed else None


def verdict_of(draft: Draft) -> Verdict:
    """Return the verdict on a draft as far as it got; gates of a trial use it midway."""
    kernel, results = draft.kernel, draft.results
    return Verdict(
        candidate=draft.scheduler,
        passed=bool(results) and all(result.passed for result in results),
        gates=results,
        source_sha256="" if draft.bundle else source_sha256(draft.source),
        object_sha256=hashlib.sha256(draft.object).hexdigest() if draft.object else "",
        kernel_release=kernel.release if kernel else "",
        kernel_build_id=kernel.build_id if kernel else "",
        kernel_btf_sha256=kernel.btf_sha256 if kernel else "",
        programs=draft.report.programs if draft.report else (),
        trial=draft.trial,
        battery=draft.battery,
        ops_sha256=draft.report.ops_sha256 if draft.report else "",
        rodata_sha256=draft.report.rodata_sha256 if draft.report else "",
        compiler=draft.compiler,
        program_sha256=draft.bundle.program_sha256 if draft.bundle else "",
    )


async def _ask(gate: Gate, draft: Draft) -> GateResult:
    started = time.monotonic()
    try:
        result = await gate.run(draft)
    except Exception as error:  # noqa: BLE001 - whatever a gate raises must become a no
        kind = type(error).__name__
        broken = finding("VER001", gate=gate.name.value, kind=kind)
        return replace(result_of(gate.name, started, "broke off", [broken]), inconclusive=True)
    passed = result.passed and not rejects(result.findings)
    return replace(result, passed=passed, inconclusive=not passed and _undecided(result))


def _undecided(result: GateResult) -> bool:
    """Tell whether all that speaks against a candidate is that it could not be judged."""
    against = {found.code for found in result.findings if found.severity is Severity.ERROR}
    return bool(against) and against <= UNDECIDED_CODES
