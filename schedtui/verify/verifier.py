"""Takes a draft through the gates, in order, up to the first no."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from schedtui.model.events import Event, GateFinished, GateStarted
from schedtui.model.verdict import GateName, GateResult, Verdict
from schedtui.verify.catalogue import finding
from schedtui.verify.gate import Draft, Gate, rejects, result_of


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
        source_sha256=source_sha256(draft.source),
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
    )


def source_sha256(source: str) -> str:
    """Return the hash by which a source is known."""
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()


async def _ask(gate: Gate, draft: Draft) -> GateResult:
    started = time.monotonic()
    try:
        result = await gate.run(draft)
    except Exception as error:  # noqa: BLE001 - whatever a gate raises must become a no
        kind = type(error).__name__
        broken = finding("VER001", gate=gate.name.value, kind=kind)
        return result_of(gate.name, started, "broke off", [broken])
    return replace(result, passed=result.passed and not rejects(result.findings))
