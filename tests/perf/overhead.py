"""What the probe costs a load that does nothing but switch tasks."""

from __future__ import annotations

from schedtui.measure.catalogue import shortened, workload
from schedtui.model.protocol import WatchArgs, WindowArgs, WindowReport
from schedtui.target.sandbox.lab import LabOptions, prepare
from schedtui.target.sandbox.target import Guest, open_guest
from tests.perf.row import Row

_PAIRS = 24
_HERTZ = 2.0
"""The screen's own rate in an emulated guest."""


async def _rate(guest: Guest, *, watched: bool) -> float:
    spec = shortened(workload("messages"), 1)
    await guest.link.tell("watch", WatchArgs(_HERTZ if watched else 0.0))
    args = WindowArgs(spec.name, spec.arguments, 30)
    report = await guest.link.call("window", args, WindowReport, 40)
    return dict(report.metrics)["rate_per_s"]


async def probe() -> list[Row]:
    """Interleaved windows of message passing with and without telemetry."""
    lab = await prepare(LabOptions(), lambda _: None)
    guest = await open_guest(lab, throwaway=False)
    await _rate(guest, watched=True)
    ratios = []
    for number in range(_PAIRS):
        order = (False, True) if number % 2 else (True, False)
        rates = {watched: await _rate(guest, watched=watched) for watched in order}
        ratios.append(100 * (rates[False] / rates[True] - 1))
    await guest.end()
    middle = sorted(ratios)[len(ratios) // 2]
    text = f"median of {_PAIRS} pairs; {min(ratios):.1f} to {max(ratios):.1f}"
    return [Row("probe overhead, message passing", middle, "%", 3.0, True, text, tuple(ratios))]
