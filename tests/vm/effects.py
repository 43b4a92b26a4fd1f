"""What a policy does to a load in a real guest."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from schedtui.model.policy import ParameterValue
from schedtui.model.protocol import LoadArgs, Nothing, WatchArgs, WindowArgs, WindowReport
from schedtui.model.telemetry import SchedulerState, Snapshot
from schedtui.model.verdict import TokenMode
from schedtui.policy.render import render
from schedtui.policy.repository import load_repository
from schedtui.target.sandbox.target import Guest
from tests.fakes.schedulers import compiled_source, deploy_args

_LEASE_MS: Final = 10_000
_WINDOW_S: Final = 20.0
_SAMPLE_S: Final = 10.0
_SAMPLES_PER_S: Final = 1.5
_POLICIES: Final = {policy.name: policy for policy in load_repository()}
_OBJECTS: Final[dict[str, bytes]] = {}
"""What sources were compiled to: a comparison deploys the same ones again and again."""


@asynccontextmanager
async def in_charge(guest: Guest, name: str, **values: ParameterValue) -> AsyncIterator[None]:
    """Deploy a policy of the repository with these values; it must still be there at the end.

    Nobody renews its lease: this is for one try, not for several.
    """
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
