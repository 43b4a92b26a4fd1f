"""What one telemetry sample costs the guest, by the guest's own clock."""

from __future__ import annotations

import asyncio
from statistics import median

from schedtui.model.protocol import LoadArgs, WatchArgs
from schedtui.model.telemetry import Snapshot
from schedtui.target.sandbox.lab import LabOptions, prepare
from schedtui.target.sandbox.target import Guest, open_guest
from tests.perf.row import Row

_SLOW, _FAST = 0.5, 4.0
"""Two rates in samples a second: what differs between them is the samples alone."""
_SECONDS = 10.0
_ROUNDS = 3
_NODE = "python3.11"
_LOAD = LoadArgs("request_service", ("-m", "2", "-t", "4", "-F", "64"))
_GOAL_MS = float("inf")
"""Nobody promised one: the figure is for whoever makes sampling cheaper or dearer."""


async def cost() -> list[Row]:
    """CPU time of the node per sample, with nothing running beside it and under load."""
    lab = await prepare(LabOptions(), lambda _: None)
    guest = await open_guest(lab, throwaway=False)
    idle = [await _per_sample_ms(guest) for _ in range(_ROUNDS)]
    await guest.link.tell("load", _LOAD)
    loaded = [await _per_sample_ms(guest) for _ in range(_ROUNDS)]
    await guest.end()
    return [
        _row("one sample, CPU time in the guest, idle", idle, lab.accelerator),
        _row("one sample, CPU time in the guest, loaded", loaded, lab.accelerator),
    ]


def _row(name: str, samples: list[float], where: str) -> Row:
    detail = f"min {min(samples):.1f}, max {max(samples):.1f}, {where}"
    return Row(name, median(samples), "ms", _GOAL_MS, True, detail, tuple(samples))


async def _per_sample_ms(guest: Guest) -> float:
    """Return what a sample costs beyond what the node does anyway, in milliseconds."""
    slow = await _spent_ms_per_s(guest, _SLOW)
    fast = await _spent_ms_per_s(guest, _FAST)
    rate = fast[1] - slow[1]
    return (fast[0] - slow[0]) / rate


async def _spent_ms_per_s(guest: Guest, hertz: float) -> tuple[float, float]:
    """Return the node's CPU time per second, and the rate that was really kept."""
    arrived: asyncio.Queue[Snapshot] = asyncio.Queue()
    guest.link.on_sample(arrived.put_nowait)
    await guest.link.tell("watch", WatchArgs(hertz))
    # The first interval still holds what the change of rate costs.
    await arrived.get()
    seen = [await arrived.get() for _ in range(max(2, round(_SECONDS * hertz)))]
    guest.link.on_sample(None)
    length_s = sum(one.interval_s for one in seen)
    busy_s = sum(_share(one) * one.interval_s for one in seen)
    return 1000 * busy_s / length_s, len(seen) / length_s


def _share(one: Snapshot) -> float:
    return next((each.running_share for each in one.names if each.name == _NODE), 0.0)
