"""What a policy does to a load in a real guest, and how that is compared on a host in use."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import pytest

from schedtui.model.policy import ParameterValue
from schedtui.model.protocol import LoadArgs, Nothing, WatchArgs, WindowArgs, WindowReport
from schedtui.model.telemetry import SchedulerState, Snapshot
from schedtui.model.verdict import TokenMode
from schedtui.policy.render import render
from schedtui.policy.repository import load_repository
from schedtui.target.sandbox.target import Guest
from tests.fakes.schedulers import compiled_source, deploy_args

TRIES: Final = 3
CROWDED: Final = 0.3
"""Share of the time for which a guest's CPUs were kept waiting, above which a window says little:
turns of milliseconds are lost in pauses that are longer."""
_HELD_TWICE: Final = 2
_PATIENCE_S: Final = 10.0
"""No try begins later than that after the first one."""
_LEASE_MS: Final = 10_000
_WINDOW_S: Final = 20.0
_SAMPLE_S: Final = 10.0
_SAMPLES_PER_S: Final = 1.5
_POLICIES: Final = {policy.name: policy for policy in load_repository()}
_OBJECTS: Final[dict[str, bytes]] = {}
"""What sources were compiled to: a comparison deploys the same ones again and again."""


@asynccontextmanager
async def in_charge(guest: Guest, name: str, **values: ParameterValue) -> AsyncIterator[None]:
    """Deploy a policy of the repository with these values; it must still be there at the end."""
    source = render(_POLICIES[name], values)
    if source not in _OBJECTS:
        _OBJECTS[source] = await compiled_source(source)
    data = _OBJECTS[source]
    args = deploy_args(name, data, guest.hello, guest.link.session_key, TokenMode.TRIAL)
    patient = dataclasses.replace(args, lease_ms=_LEASE_MS)
    await guest.link.call("deploy", patient, SchedulerState)
    yield
    live = await guest.link.call("state", Nothing(), SchedulerState)
    assert (live.ops, live.ours) == (name, True), (live.ended, live.last_exit)
    await guest.link.call("rollback", Nothing(), SchedulerState)


async def measured(guest: Guest, program: str, line: str) -> dict[str, float]:
    """Return what a workload reports when it has run to its end."""
    call = WindowArgs(program, tuple(line.split()), _WINDOW_S)
    report = await guest.link.call("window", call, WindowReport, _WINDOW_S + 5)
    return dict(report.metrics)


@asynccontextmanager
async def beside(guest: Guest, program: str, line: str) -> AsyncIterator[None]:
    """Let a workload run as the load meanwhile."""
    await guest.link.call("load", LoadArgs(program, tuple(line.split())), Nothing)
    yield
    await guest.link.call("unload", Nothing(), Nothing)


async def watched(guest: Guest, program: str, line: str) -> Snapshot:
    """Return a sample of two thirds of a second with a workload as the load."""
    arrived: asyncio.Queue[Snapshot] = asyncio.Queue()
    guest.link.on_sample(arrived.put_nowait)
    async with beside(guest, program, line):
        await guest.link.tell("watch", WatchArgs(_SAMPLES_PER_S))
        for _ in range(2):  # the first one has nothing to compare with
            seen = await asyncio.wait_for(arrived.get(), _SAMPLE_S)
        await guest.link.tell("watch", WatchArgs(0.0))
    return seen


async def compared(
    guest: Guest, measure: Callable[[], Awaitable[float]], holds: Callable[[float], bool]
) -> None:
    """Measure until it comes out as it should, at most three times, and not for too long.

    While others have the host's CPUs it must come out so twice, as once may be luck. When it does
    not, and they had them each time, nothing is known: skipped then.
    """
    vcpus = await guest.vcpus()
    told: list[tuple[float, float]] = []
    held = 0
    started = time.monotonic()
    while len(told) < TRIES and time.monotonic() < started + _PATIENCE_S:
        before = vcpus.held_up()
        found = await measure()
        after = vcpus.held_up()
        lost = after.lost_since_ms(before) / 1e3 / (after.seconds - before.seconds)
        held += holds(found)
        if holds(found) and (lost <= CROWDED or held == _HELD_TWICE):
            return
        told.append((found, lost))
    sentence = "; ".join(f"{found:.3g} (kept waiting for {lost:.0%})" for found, lost in told)
    if all(lost > CROWDED for _, lost in told):
        pytest.skip(f"the host is in use: {sentence}")
    raise AssertionError(sentence)
