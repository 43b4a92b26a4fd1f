"""A guest that stands still is given up, said so, and ended."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from schedtui.engine.port import EngineError
from schedtui.engine.session import Session
from schedtui.engine.verification import GuestVerifying
from schedtui.model.telemetry import Snapshot
from schedtui.store.audit import Audit
from schedtui.target.sandbox.lab import Lab, LabOptions
from schedtui.target.sandbox.target import SandboxTarget

pytestmark = pytest.mark.vm


async def first_and_rest(samples: AsyncIterator[Snapshot], first: asyncio.Event) -> None:
    """Read all samples; the first one sets ``first``."""
    async for _ in samples:
        first.set()


async def test_a_guest_that_stands_still_is_given_up_and_ended(lab: Lab, tmp_path: Path) -> None:
    target = SandboxTarget(LabOptions())

    async def the_lab() -> Lab:
        return lab

    audit = Audit(tmp_path / "audit.jsonl")
    session = Session(target, GuestVerifying(the_lab, "zig"), audit, 2.0, hang_s=3.0)
    await session.open(lambda _: None)
    arrived = asyncio.Event()
    reading = asyncio.create_task(first_and_rest(session.snapshots(), arrived))
    await asyncio.wait_for(arrived.wait(), 20)
    pid = target.pid
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(EngineError, match="no sign of life for 3 s"):
        await asyncio.wait_for(reading, 15)
    await session.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
