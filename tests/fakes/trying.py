"""Trials without machines: the real trial gate and the real statistics on a scripted bench."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from schedtui.model import events as ev
from schedtui.model.verdict import GateName, GateResult
from schedtui.verify.gate import Draft
from schedtui.verify.trial_gate import TrialAim, TrialGate
from schedtui.verify.verifier import verify
from tests.fakes.bench import FakeBench
from tests.fakes.samples import KERNEL


@dataclass
class BenchVerifier:
    """Lets everything through the gates before the trial, which runs on ``bench``."""

    bench: FakeBench
    tried: list[tuple[str, str, TrialAim]] = field(default_factory=list)

    def verify(self, name: str, source: str, load: str) -> AsyncIterator[ev.Event]:
        raise AssertionError("only trials are expected")

    async def trial(self, name: str, source: str, aim: TrialAim) -> AsyncIterator[ev.Event]:
        self.tried.append((name, source, aim))
        events: asyncio.Queue[ev.Event] = asyncio.Queue()
        task = asyncio.create_task(self._run(source, aim, events))
        try:
            while not isinstance(event := await events.get(), ev.Verified):
                yield event
            yield event
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self, source: str, aim: TrialAim, events: asyncio.Queue[ev.Event]) -> None:
        draft = Draft("rtc_fifo", source, object=b"object", compiler="zig 0.17.0", kernel=KERNEL)
        draft.results = (GateResult(GateName.KERNEL, True, 0.9, "142 insns, 9 ms"),)
        gate = TrialGate(self._opened, aim, events.put_nowait)
        verdict, _ = await verify(draft, [gate], events.put_nowait)
        events.put_nowait(ev.Verified(verdict))

    @asynccontextmanager
    async def _opened(self, _draft: Draft) -> AsyncIterator[FakeBench]:
        yield self.bench
