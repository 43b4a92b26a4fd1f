"""Is every fault stopped where it should be, up to and with the kernel's verifier?"""

from __future__ import annotations

import sys

from schedtui.model.verdict import GateName, GateResult
from schedtui.target.sandbox.lab import prepare
from schedtui.verify.gate import Draft
from schedtui.verify.kernel_gate import KernelGate
from tests.perf.row import Row
from tests.perf.verify_tally import Tally
from tests.vm.faults.corpus import Fault, faults
from tests.vm.faults.gates import CANDIDATE, judged, static_gates
from tests.vm.faults.kernels import OneGuest, options_of

_NEED_RUNNING = (GateName.BATTERY, GateName.TRIAL)


async def stops(series: tuple[str, ...]) -> list[Row]:
    """Take all faults that need not run through the gates, on every kernel."""
    wanted = [fault for fault in faults() if fault.stops.gate not in _NEED_RUNNING]
    plain = {fault.id: await _without_kernel(fault) for fault in wanted}
    tally = Tally("faults up to the kernel gate")
    for each in series:
        print(f"  kernel {each}", file=sys.stderr)
        guest = OneGuest(await prepare(options_of(each), lambda _: None), each)
        for fault in (f for f in wanted if f.stops_on(each).gate not in _NEED_RUNNING):
            draft, result = plain[fault.id]
            tally.add(fault, each, await _with_kernel(guest, draft) if result.passed else result)
        await guest.end()
    return tally.rows()


async def _without_kernel(fault: Fault) -> tuple[Draft, GateResult]:
    # No gate but the kernel's looks at a kernel, so these are asked once for all of them.
    draft = Draft(CANDIDATE if fault.change else "", fault.source)
    return draft, await judged(draft, static_gates(fault))


async def _with_kernel(guest: OneGuest, draft: Draft) -> GateResult:
    again = Draft(draft.name, draft.source, object=draft.object, facts=draft.facts)
    return await KernelGate(guest).run(again)
