"""Trials without machines: the real trial gate and the real statistics on a scripted bench."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from schedtui.engine.port import EngineError
from schedtui.model import events as ev
from schedtui.model.verdict import Finding, GateName, GateResult
from schedtui.policy.external.bundle import Bundle
from schedtui.verify.gate import Cost, Draft, Gate, result_of
from schedtui.verify.trial_gate import OpenBench, TrialAim, TrialGate
from schedtui.verify.verifier import verify
from tests.fakes.bench import FakeBench
from tests.fakes.samples import KERNEL


class StoppingGate:
    """Finds one thing out about every draft."""

    name = GateName.KERNEL
    cost = Cost.SECONDS
    needs = ()
    doing = "asking the kernel"

    def __init__(self, found: Finding) -> None:
        self._found = found

    async def run(self, draft: Draft) -> GateResult:
        """Find it out."""
        return result_of(self.name, time.monotonic(), "", [self._found])


@dataclass
class BenchVerifier:
    """Lets everything through the gates before the trial, which runs on ``bench``.

    Policies in ``others`` have a bench of their own, those in ``stopped`` are found out by a gate
    before the trial, and for those in ``broken`` the verifier itself breaks off.
    """

    bench: FakeBench
    others: dict[str, FakeBench] = field(default_factory=dict)
    stopped: dict[str, Finding] = field(default_factory=dict)
    broken: dict[str, EngineError] = field(default_factory=dict)
    tried: list[tuple[str, str, TrialAim]] = field(default_factory=list)
    holds: bool = False
    """What is loaded is kept from trial to trial."""

    def verify(self, name: str, source: str, load: str) -> AsyncIterator[ev.Event]:
        raise AssertionError("only trials are expected")

    async def trial(self, name: str, source: str, aim: TrialAim) -> AsyncIterator[ev.Event]:
        self.tried.append((name, source, aim))
        if name in self.broken:
            raise self.broken[name]
        events: asyncio.Queue[ev.Event] = asyncio.Queue()
        task = asyncio.create_task(self._run(name, source, aim, events))
        try:
            while not isinstance(event := await events.get(), ev.Verified):
                yield event
            yield event
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[None]:
        self.holds = True
        try:
            yield
        finally:
            self.holds = False

    async def trial_program(self, bundle: Bundle, aim: TrialAim) -> AsyncIterator[ev.Event]:
        async for event in self.trial(bundle.scheduler.name, "", aim):
            yield event

    async def _run(
        self, name: str, source: str, aim: TrialAim, events: asyncio.Queue[ev.Event]
    ) -> None:
        draft = Draft("rtc_fifo", source, object=b"object", compiler="zig 0.17.0", kernel=KERNEL)
        gate: Gate = TrialGate(self._opener(name, source, aim), aim, events.put_nowait)
        if name in self.stopped:
            gate = StoppingGate(self.stopped[name])
        else:
            draft.results = (GateResult(GateName.KERNEL, True, 0.9, "142 insns, 9 ms"),)
        verdict, _ = await verify(draft, [gate], events.put_nowait)
        events.put_nowait(ev.Verified(verdict))

    def bench_for(self, name: str, source: str, aim: TrialAim) -> FakeBench:
        """Return the machine of one trial."""
        return self.others.get(name, self.bench)

    def _opener(self, name: str, source: str, aim: TrialAim) -> OpenBench:
        @asynccontextmanager
        async def opened(_draft: Draft) -> AsyncIterator[FakeBench]:
            yield self.bench_for(name, source, aim)

        return opened
