"""Is every fault that only running shows stopped by the battery, and does it do what is stated?"""

from __future__ import annotations

import sys
import time

from schedtui.model.battery import Depth
from schedtui.model.verdict import GateName
from schedtui.target.sandbox.lab import prepare
from schedtui.verify.gate import Draft
from tests.perf.row import Row
from tests.perf.verify_tally import Tally
from tests.vm.faults.corpus import Fault, faults
from tests.vm.faults.gates import judged, seen
from tests.vm.faults.kernels import options_of
from tests.vm.faults.running.proof import Proof, Stage, agrees, battery_gates, proofs

_SHOWN = 6


async def battery(series: tuple[str, ...]) -> list[Row]:
    """Take every fault that needs the battery through all gates, on every kernel."""
    depths = {proof.fault.id: proof.depth for proof in proofs()}
    tally = Tally("faults up to the battery gate")
    for each in series:
        for fault in (f for f in faults() if f.stops_on(each).gate is GateName.BATTERY):
            await _one(tally, fault, each, depths.get(fault.id, Depth.QUICK))
    return tally.rows()


async def _one(tally: Tally, fault: Fault, series: str, depth: Depth) -> None:
    started = time.monotonic()
    lab = await prepare(options_of(series), lambda _: None)
    result = await judged(Draft("", fault.source), battery_gates(lab, depth))
    took = time.monotonic() - started
    print(f"  {series} {fault.id} {took:.0f} s: {seen(result)[:160]}", file=sys.stderr)
    tally.add(fault, series, result)


async def fates(series: tuple[str, ...]) -> list[Row]:
    """Attach every running fault with no gate before it and read what the kernel does."""
    wrong: list[str] = []
    for each in series:
        for cpus in (2, 4):
            stage = Stage(await prepare(options_of(each), lambda _: None, cpus), cpus)
            for proof in (p for p in proofs() if p.attached and p.cpus == cpus):
                wrong += await _fate(stage, proof, each)
            await stage.end()
    count = sum(bool(proof.attached) for proof in proofs())
    detail = "; ".join([f"{count} faults on {', '.join(series)}", *wrong[:_SHOWN]])
    title = "faults that do not what is stated, gates off"
    return [Row(title, len(wrong), "", 0, at_most=True, detail=detail)]


async def _fate(stage: Stage, proof: Proof, series: str) -> list[str]:
    said = await stage.fate(proof)
    if agrees(proof, said, series):
        return []
    stated = proof.attached_on(series)
    print(f"  {series} {proof.fault.id}: {stated} expected: {said}", file=sys.stderr)
    return [f"{proof.fault.id} on {series}: {said[:80]}"]
