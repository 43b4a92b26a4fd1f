"""What the probe costs a load that does nothing but switch tasks."""

from __future__ import annotations

from statistics import median, quantiles

from schedtui.measure.catalogue import shortened, workload
from schedtui.model.protocol import WatchArgs, WindowArgs, WindowReport
from schedtui.target.sandbox.lab import LabOptions, prepare
from schedtui.target.sandbox.target import Guest, open_guest
from tests.perf.row import Row

_PAIRS = 30
_COUNTING = 0.01
"""Samples per second at which the probe counts all the time and nobody reads it."""
_WATCHED = 2.0
"""The screen's own rate in an emulated guest."""


async def _rate(guest: Guest, hertz: float) -> float:
    spec = shortened(workload("messages"), 1)
    await guest.link.tell("watch", WatchArgs(hertz))
    args = WindowArgs(spec.name, spec.arguments, 30)
    report = await guest.link.call("window", args, WindowReport, 40)
    return dict(report.metrics)["rate_per_s"]


async def _loss(guest: Guest, hertz: float, pairs: int) -> list[float]:
    """Return per pair how many per cent slower the load is with telemetry than without."""
    losses = []
    for number in range(pairs):
        order = (0.0, hertz) if number % 2 else (hertz, 0.0)
        rates = {rate: await _rate(guest, rate) for rate in order}
        losses.append(100 * (rates[0.0] / rates[hertz] - 1))
    return losses


async def probe() -> list[Row]:
    """Interleaved windows of message passing without the probe and with it."""
    lab = await prepare(LabOptions(), lambda _: None)
    guest = await open_guest(lab, throwaway=False)
    await _rate(guest, _WATCHED)
    counting = await _loss(guest, _COUNTING, _PAIRS)
    watched = await _loss(guest, _WATCHED, _PAIRS // 2)
    await guest.end()
    return [
        _row("probe overhead, message passing", counting, 3.0),
        _row("probe read twice a second (no goal)", watched, float("inf")),
    ]


def _row(name: str, losses: list[float], goal: float) -> Row:
    quarters = quantiles(losses, n=4)
    text = f"median of {len(losses)} pairs; half of them {quarters[0]:.1f} to {quarters[2]:.1f}"
    return Row(name, median(losses), "%", goal, at_most=True, detail=text, samples=tuple(losses))
