"""The Execution Verifier with its throw-away guests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from schedtui.engine.battery import GuestBattery, battery_bench
from schedtui.engine.live import LiveTrials
from schedtui.engine.port import EngineError
from schedtui.engine.starting import guest_starting
from schedtui.engine.throwaway import GuestBench, GuestInspector, Object, guest_bench, trial_bench
from schedtui.engine.trying import no_result, rejections
from schedtui.measure.catalogue import named, workload
from schedtui.measure.objectives import direction_of
from schedtui.measure.trial import Bench
from schedtui.model.battery import Depth
from schedtui.model.events import Event, Verified
from schedtui.model.parcel import Parcel
from schedtui.model.plan import Candidate, Plan
from schedtui.model.trial import WorkloadSpec
from schedtui.model.verdict import Verdict
from schedtui.policy.external.bundle import Bundle
from schedtui.target.link import LinkError
from schedtui.target.port import TargetError
from schedtui.target.sandbox.compiling import GuestConfinement
from schedtui.target.sandbox.lab import Lab
from schedtui.toolchain.confinement import CONFINEMENTS, Confinement
from schedtui.verify.battery.bench import OpenBattery
from schedtui.verify.battery.plan import GuestPlan
from schedtui.verify.battery_gate import BatteryGate
from schedtui.verify.compile_gate import CompileGate
from schedtui.verify.gate import Draft, Gate
from schedtui.verify.kernel_gate import KernelGate
from schedtui.verify.object_gate import ObjectGate
from schedtui.verify.program_gate import ProgramGate, Starting
from schedtui.verify.rules_gate import RulesGate
from schedtui.verify.trial_gate import OpenBench, TrialAim, TrialGate
from schedtui.verify.verifier import verdict_of, verify

Emit = Callable[[Event], None]
FindLab = Callable[[], Awaitable[Lab]]


@dataclass(frozen=True, slots=True)
class Verification:
    """A verdict with the bytes it is about."""

    verdict: Verdict
    object_bytes: bytes


class Verifying(Protocol):
    """What a session needs of the verifier."""

    async def verify(self, candidate: Candidate, plan: Plan, emit: Emit) -> Verification:
        """Run all gates on a candidate of a plan."""
        ...


class GuestVerifying:
    """Runs the gates; kernel, battery and trial gates each get pristine guests."""

    def __init__(
        self,
        find_lab: FindLab,
        compiler: str,
        cpus: int = 2,
        battery: Depth = Depth.QUICK,
        confinements: Sequence[Confinement] = CONFINEMENTS,
    ) -> None:
        """Take what prepares the sandbox, the compiler, and this machine's ways to confine it."""
        self._find_lab = find_lab
        # Where this machine offers none, the sandbox does.
        self._confinements = (*confinements, GuestConfinement(find_lab))
        self._compiler = compiler
        self._cpus = cpus
        self._battery = battery
        self._baselines: dict[str, Object] = {}
        self._live = LiveTrials(self._open_loaded, self._untried)

    async def verify(self, candidate: Candidate, plan: Plan, emit: Emit) -> Verification:
        """Run all gates on a candidate of a plan."""
        draft, aim = Draft.of(candidate), aim_of(plan)
        verdict, data = await self._run(draft, aim, emit, deploying=True)
        return Verification(verdict, data)

    def verify_source(self, name: str, source: str, load: str) -> AsyncGenerator[Event]:
        """Yield the gates' events for a source file; the last one is Verified."""
        return self.try_source(name, source, _default_aim(workload(load)) if load else None)

    async def try_source(
        self, name: str, source: str, aim: TrialAim | None
    ) -> AsyncGenerator[Event]:
        """Yield the gates' events for a source, tried as ``aim`` says; the last is Verified."""
        draft = Draft(name="", source=source, policy=name)

        def run(emit: Emit) -> Coroutine[None, None, tuple[Verdict, bytes]]:
            if aim is not None and aim.live is not None:
                return self._live.run(draft, aim, aim.live, emit)
            return self._run(draft, aim, emit)

        async with aclosing(_told(run)) as events:
            async for event in events:
                yield event

    async def try_program(self, bundle: Bundle, aim: TrialAim) -> AsyncGenerator[Event]:
        """Yield the gates' events for an external scheduler; the last is Verified."""
        scheduler = bundle.scheduler
        draft = Draft(scheduler.kernel_name, "", scheduler.name, bundle.object, bundle=bundle)
        async with aclosing(_told(lambda emit: self._run_program(draft, aim, emit))) as events:
            async for event in events:
                yield event

    async def _run_program(self, draft: Draft, aim: TrialAim, emit: Emit) -> tuple[Verdict, bytes]:
        lab = await self._find_lab()

        def open_starting(draft: Draft) -> AbstractAsyncContextManager[Starting]:
            return guest_starting(lab, draft)

        gates = [ProgramGate(open_starting), *self._tried_gates(lab, aim, None, emit)]
        verdict, data = await verify(draft, gates, emit)
        return verdict, data or b""

    def holding(self) -> AbstractAsyncContextManager[None]:
        """Keep guest and load from trial to trial of live parameters, until the end."""
        return self._live.holding()

    @asynccontextmanager
    async def _open_loaded(self, draft: Draft, parcel: Parcel) -> AsyncIterator[GuestBench]:
        async with guest_bench(await self._find_lab(), draft, self._cpus, parcel) as bench:
            yield bench

    async def _untried(self, draft: Draft, emit: Emit) -> tuple[Verdict, bytes]:
        return await self._run(draft, None, emit)

    async def _run(
        self, draft: Draft, aim: TrialAim | None, emit: Emit, *, deploying: bool = False
    ) -> tuple[Verdict, bytes]:
        verdict, data = await verify(draft, [RulesGate()], emit)
        if verdict.passed:
            async with self._opened_ahead() as opened:
                # Without a sandbox, what needs none to be refused is refused all the same.
                verdict, data = await verify(draft, self._object_gates(), emit)
                if verdict.passed:
                    lab, inspector = await opened
                    baseline = await self._baseline(aim, inspector)
                    gates = self._guest_gates(
                        lab, inspector, aim, baseline, emit, deploying=deploying
                    )
                    verdict, data = await verify(draft, gates, emit)
        return verdict, data or b""

    @asynccontextmanager
    async def _opened_ahead(self) -> AsyncIterator[asyncio.Task[tuple[Lab, GuestInspector]]]:
        """Open the kernel gate's guest while the gates before it are at work."""
        opening = asyncio.create_task(self._open(), name="sandbox opened ahead")
        try:
            yield opening
        finally:
            opening.cancel()
            (opened,) = await asyncio.gather(opening, return_exceptions=True)
            if isinstance(opened, tuple):
                await opened[1].close()

    async def _baseline(self, aim: TrialAim | None, inspector: GuestInspector) -> Object | None:
        """Take a policy that is the baseline through the gates, once for all its trials."""
        source = aim.baseline_source if aim else ""
        if not source:
            return None
        if source not in self._baselines:
            gates = [RulesGate(), *self._object_gates(), KernelGate(inspector)]
            verdict, data = await verify(Draft("", source), gates, lambda _: None)
            if data is None:
                raise _baseline_refused(verdict)
            self._baselines[source] = data, verdict
        return self._baselines[source]

    async def _open(self) -> tuple[Lab, GuestInspector]:
        lab = await self._find_lab()
        inspector = GuestInspector(lab)
        inspector.open_ahead()
        return lab, inspector

    def _object_gates(self) -> list[Gate]:
        return [CompileGate(self._compiler, self._confinements), ObjectGate()]

    def _guest_gates(
        self,
        lab: Lab,
        inspector: GuestInspector,
        aim: TrialAim | None,
        baseline: Object | None,
        emit: Emit,
        *,
        deploying: bool,
    ) -> list[Gate]:
        tried = self._tried_gates(lab, aim, baseline, emit, deploying=deploying)
        return [KernelGate(inspector), *tried]

    def _tried_gates(
        self,
        lab: Lab,
        aim: TrialAim | None,
        baseline: Object | None,
        emit: Emit,
        *,
        deploying: bool = False,
    ) -> list[Gate]:
        gates: list[Gate] = []
        if self._battery is not Depth.NONE:
            # What is to run somewhere is tried for as long as its own times ask for.
            opener = _battery_opener(lab)
            gates.append(BatteryGate(opener, self._battery, emit, deepen=deploying))
        if aim is not None:
            gates.append(TrialGate(self._bench_opener(lab, baseline, aim.parcel), aim, emit))
        return gates

    def _bench_opener(self, lab: Lab, baseline: Object | None, parcel: Parcel) -> OpenBench:
        def open_bench(draft: Draft) -> AbstractAsyncContextManager[Bench]:
            return trial_bench(lab, draft, self._cpus, baseline, parcel)

        return open_bench


async def _told(
    run: Callable[[Emit], Coroutine[None, None, tuple[Verdict, bytes]]],
) -> AsyncGenerator[Event]:
    """Yield what a run emits, then Verified. Closing it cancels the run. Raises EngineError."""
    events: asyncio.Queue[Event] = asyncio.Queue()
    task = asyncio.create_task(run(events.put_nowait))
    try:
        while not task.done() or not events.empty():
            getter = asyncio.ensure_future(events.get())
            await asyncio.wait({getter, task}, return_when=asyncio.FIRST_COMPLETED)
            if getter.done():
                yield getter.result()
            else:
                getter.cancel()
        yield Verified((await task)[0])
    except (TargetError, LinkError) as error:
        fix = error.fix if isinstance(error, TargetError) else ""
        raise EngineError(error.sentence, fix) from error
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task


def _baseline_refused(verdict: Verdict) -> EngineError:
    who = "the policy that is the baseline"
    against = rejections(verdict.gates)
    if against:
        fix = "mend the policy: schedtui verify names the lines"
        return EngineError(f"{who} does not pass the gates: {against[0]}", fix)
    reason = no_result(verdict.gates) or "a gate said no"
    return EngineError(f"{who} could not be checked: {reason}", "run it again")


def _battery_opener(lab: Lab) -> OpenBattery:
    def open_bench(draft: Draft, plan: GuestPlan) -> AbstractAsyncContextManager[GuestBattery]:
        return battery_bench(lab, draft.object or b"", verdict_of(draft), plan, draft.bundle)

    return open_bench


def aim_of(plan: Plan) -> TrialAim:
    """Return what the trial of a plan is about. One that goes by names finds them there too."""
    spec = workload(plan.workload)
    by_names = any(isinstance(value, tuple) and value for _, value in plan.parameters)
    return TrialAim(
        workload=named(spec) if by_names else spec,
        metric=plan.goal.objective.value,
        direction=plan.goal.direction,
        guardrails=plan.goal.guardrails,
    )


def _default_aim(spec: WorkloadSpec) -> TrialAim:
    return TrialAim(spec, spec.objective, direction_of(spec.objective))
