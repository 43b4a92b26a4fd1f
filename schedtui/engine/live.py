"""Trials of settings within one load: the policy stays in charge, and its parameters change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Protocol

from schedtui.engine.baseline import Attaching, inconclusive, window_of_baseline
from schedtui.measure.trial import Bench, TrialError
from schedtui.model.events import Event
from schedtui.model.parcel import Parcel
from schedtui.model.protocol import Parameters
from schedtui.model.trial import Disturbance, MachineShape, WorkloadSpec
from schedtui.model.verdict import Verdict
from schedtui.verify.gate import Draft
from schedtui.verify.trial_gate import LiveSides, TrialAim, TrialGate
from schedtui.verify.verifier import verify


class Loaded(Bench, Attaching, Protocol):
    """A bench whose candidate has live parameters."""

    async def set_live(self, parameters: Parameters) -> None:
        """Set some of them while it is in charge. Raises TrialError."""
        ...


class LiveBench:
    """A bench on which both sides are one policy, attached all the time, with other parameters.

    What goes wrong with the baseline's says nothing of the candidate: it is inconclusive.
    """

    def __init__(self, bench: Loaded, sides: LiveSides) -> None:
        """Take a bench whose candidate is in charge with the parameters of the baseline."""
        self._bench = bench
        self._sides = sides
        self._candidate = False

    @property
    def boot_id(self) -> str:
        """See the port."""
        return self._bench.boot_id

    @property
    def machine(self) -> MachineShape:
        """See the port."""
        return self._bench.machine

    async def attach(self) -> None:
        """See the port."""
        await self._bench.set_live(self._sides.candidate)
        self._candidate = True

    async def detach(self) -> None:
        """See the port."""
        self._candidate = False
        await self._bench.require_in_charge()
        await self._bench.set_live(self._sides.baseline)

    async def window(self, spec: WorkloadSpec) -> tuple[tuple[str, float], ...]:
        """See the port."""
        if self._candidate:
            return await self._bench.window(spec)
        return await window_of_baseline(self._bench, self._bench, spec)

    async def longest_wait_ms(self) -> float:
        """See the port."""
        return await self._bench.longest_wait_ms()

    async def starved(self) -> tuple[str, ...]:
        """See the port."""
        return await self._bench.starved()

    async def disturbance(self) -> Disturbance | None:
        """See the port."""
        return await self._bench.disturbance()


OpenLoaded = Callable[[Draft, Parcel], AbstractAsyncContextManager[Loaded]]
"""Opens a bench in a pristine guest."""


class HeldBench:
    """One guest with one load, kept from one trial to the next of the same object and files.

    A trial that did not end well takes the guest with it: the next one begins in a fresh one.
    """

    def __init__(self, open_loaded: OpenLoaded) -> None:
        self._open = open_loaded
        self._stack = AsyncExitStack()
        self._bench: Loaded | None = None
        self._of: tuple[bytes | None, Parcel] | None = None

    @asynccontextmanager
    async def bench(self, draft: Draft, parcel: Parcel, sides: LiveSides) -> AsyncIterator[Bench]:
        """A bench for one trial of live parameters. Raises TrialError."""
        try:
            yield LiveBench(await self._begun(draft, parcel, sides), sides)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Throw the guest away, if there is one."""
        self._bench = self._of = None
        await self._stack.aclose()

    async def _begun(self, draft: Draft, parcel: Parcel, sides: LiveSides) -> Loaded:
        try:
            loaded = await self._loaded(draft, parcel)
            await loaded.set_live(sides.baseline)
        except TrialError as error:
            raise inconclusive(error) from error
        return loaded

    async def _loaded(self, draft: Draft, parcel: Parcel) -> Loaded:
        wanted = draft.object, parcel
        if self._bench is None or self._of != wanted:
            await self.close()
            bench = await self._stack.enter_async_context(self._open(draft, parcel))
            await bench.attach()
            self._bench, self._of = bench, wanted
        return self._bench


Judge = Callable[[Draft, Callable[[Event], None]], Awaitable[tuple[Verdict, bytes]]]
"""Takes a draft through every gate before the trial."""


class LiveTrials:
    """Judges a source once, and then tries settings of its live parameters in one load."""

    def __init__(self, open_loaded: OpenLoaded, judge: Judge) -> None:
        self._open = open_loaded
        self._judge = judge
        self._judged: dict[str, Draft] = {}
        self._held: HeldBench | None = None

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[None]:
        """Keep guest and load from one trial to the next, until the end."""
        self._held = HeldBench(self._open)
        try:
            yield
        finally:
            held, self._held = self._held, None
            await held.close()

    async def run(
        self, draft: Draft, aim: TrialAim, sides: LiveSides, emit: Callable[[Event], None]
    ) -> tuple[Verdict, bytes]:
        """Run one trial; what the gates before it say is asked at the first one of a source."""
        if draft.source not in self._judged:
            verdict, data = await self._judge(draft, emit)
            if not verdict.passed:
                return verdict, data
            self._judged[draft.source] = draft
        held = self._held or HeldBench(self._open)

        def open_bench(draft: Draft) -> AbstractAsyncContextManager[Bench]:
            return held.bench(draft, aim.parcel, sides)

        try:
            judged = replace(self._judged[draft.source])
            said, tried = await verify(judged, [TrialGate(open_bench, aim, emit)], emit)
        finally:
            if held is not self._held:
                await held.close()
        return said, tried or b""
