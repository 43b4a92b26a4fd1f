"""An engine without a target: seeded figures and scripted goals behind the real port."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from schedtui.engine.port import Approver, EngineError, Progress
from schedtui.model import events as ev
from schedtui.model.deployment import Approval, Deployment, Stage
from schedtui.model.goal import Clarification, Refusal
from schedtui.model.machine import Hello
from schedtui.model.policy import Policy
from schedtui.model.protocol import Parameters
from schedtui.model.telemetry import ExitRecord, SchedulerState, Snapshot
from schedtui.model.trial import WorkloadSpec
from schedtui.model.verdict import GateName
from tests.fakes import samples
from tests.fakes.machine import DEFAULT, OURS, FakeMachine

NAMES = ("schbench-w", "schbench-m", "kworker/2:1", "ksoftirqd/0")


class FakeEngine:
    """Plays a target. The words of a goal choose the script.

    ``reject`` ends at the kernel gate, ``refuse`` is refused, ``unclear`` is asked back,
    ``eject`` is thrown out by the kernel after the canary began; all others succeed.

    Args:
        pace: Seconds between two events of a goal.
        faults: Errors that the first calls of ``open`` raise.
    """

    def __init__(
        self,
        *,
        hello: Hello | None = None,
        names: tuple[str, ...] = NAMES,
        pace: float = 0.0,
        seed: int = 1,
        faults: tuple[EngineError, ...] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._hello = hello or samples.hello()
        self._machine = FakeMachine(len(self._hello.cpus), seed, names)
        self._pace = pace
        self._faults = list(faults)
        self._clock = clock
        self._scheduler = DEFAULT
        self._deployment: Deployment | None = None
        self._canary: asyncio.Task[None] | None = None
        self.rate_hz = 4.0
        self.calls: list[str] = []
        self.approvals: list[Approval] = []
        self.closed = False

    async def open(self, progress: Progress) -> Hello:
        """Report three steps; raise the next fault when there is one."""
        for step in ("looking for the sandbox", "restoring the saved guest", "greeting the node"):
            progress(step)
            await asyncio.sleep(self._pace)
        if self._faults:
            raise self._faults.pop(0)
        return self._hello

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        """Yield one snapshot per tick."""
        while not self.closed:
            yield self._machine.snapshot(
                self._scheduler, int(self._clock() * 1000), 1 / self.rate_hz
            )
            await asyncio.sleep(1 / self.rate_hz)

    def past(self) -> None:
        """Return none: this target is live."""

    async def set_rate(self, hertz: float) -> None:
        """Sample at that rate."""
        self.rate_hz = hertz

    def loads(self) -> tuple[WorkloadSpec, ...]:
        """Return the sample loads."""
        return samples.LOADS

    async def start_load(self, name: str) -> None:
        """Start a load by name."""
        self.calls.append(f"start_load {name}")
        if name not in {load.name for load in self.loads()}:
            raise EngineError(f"there is no load called {name}")
        self._machine.load = name

    async def stop_load(self) -> None:
        """Stop the load."""
        self.calls.append("stop_load")
        self._machine.load = ""

    def policies(self) -> tuple[Policy, ...]:
        """Return the sample repository."""
        return samples.POLICIES

    async def pursue(self, text: str, approver: Approver) -> AsyncIterator[ev.Event]:
        """Play the script that the words choose."""
        self.calls.append(f"pursue {text}")
        script = self._script(text, approver)
        async for event in script:
            yield event
            await asyncio.sleep(self._pace)

    async def _script(self, text: str, approver: Approver) -> AsyncIterator[ev.Event]:
        yield ev.StageStarted("Observation", "reading the goal and watching the target for 3 s")
        if "refuse" in text:
            reason = "this would run [bold]untested[/] code on the host"
            yield ev.Refused(Refusal(reason, "try it in the sandbox"))
            yield ev.Finished(1, "refused")
            return
        if "unclear" in text:
            choices = ("cut the p99 latency of the request service", "raise the request rate")
            yield ev.Asked(Clarification("What should become better?", choices))
            yield ev.Finished(1, "the goal was unclear")
            return
        yield ev.GoalRead(samples.goal(text))
        yield ev.Observed(samples.profile())
        yield ev.StageStarted("Planning", "weighing the policies")
        plan = samples.plan(text)
        yield ev.Planned(plan)
        yield ev.StageStarted("Execution", "building and proving the candidate")
        yield ev.CandidateMade(samples.candidate())
        passed = "reject" not in text
        async for event in self._gates(passed=passed):
            yield event
        verdict = samples.verdict(passed=passed)
        yield ev.Verified(verdict)
        if not passed:
            yield ev.Finished(1, "rejected at the kernel gate")
            return
        async for event in self._deploy(text, approver):
            yield event

    async def _gates(self, *, passed: bool) -> AsyncIterator[ev.Event]:
        results = samples.GATES if passed else (*samples.GATES[:3], samples.REFUSED_BY_KERNEL)
        for result in results:
            yield ev.GateStarted(result.gate, f"{result.gate.value} runs")
            if result.gate is GateName.TRIAL:
                for index in range(7):
                    yield ev.GateProgress(GateName.TRIAL, index, 7, "pair under load")
                    width = 6.0 / (index + 1)
                    found = samples.effect(index + 1, max(0.8, 5.3 - width), 5.3 + width)
                    before = 134_000.0 + 9_000 * (index % 3)
                    yield ev.PairMeasured(
                        samples.pair(index, before, 25_000.0 + 700 * index),
                        found if index else None,
                    )
            yield ev.GateFinished(result)

    async def _deploy(self, text: str, approver: Approver) -> AsyncIterator[ev.Event]:
        request = samples.request(text=text)
        yield ev.StageStarted("Approval", "a person reads plan, change and proof")
        yield ev.ApprovalAsked(request)
        approval = await approver(request)
        yield ev.ApprovalAnswered(approval is not None, approval.by if approval else "nobody")
        if approval is None:
            yield ev.Finished(1, "not approved")
            return
        self.approvals.append(approval)
        self._deployment = Deployment(
            "rtc_fifo", Stage.CANARY, approval.object_sha256, "sandbox", 30.0, enable_seq=3
        )
        self._scheduler = OURS
        yield ev.StageStarted("Canary", "guards watch for 30 s")
        yield ev.DeploymentChanged(self._deployment)
        yield ev.LiveEffect("request_p99_us", 134_000.0, 25_000.0)
        yield ev.LiveEffect("rate_per_s", 246.0, 519.0)
        if "eject" in text:
            async for event in self._eject():
                yield event
            return
        self._deployment = replace(self._deployment, stage=Stage.PROMOTED, canary_left_s=0.0)
        yield ev.DeploymentChanged(self._deployment)
        yield ev.Finished(0, "rtc_fifo is in charge: request p99 5.3x lower, rate not lower")

    async def _eject(self) -> AsyncIterator[ev.Event]:
        record = ExitRecord(1026, 0, "runnable task stall", "schbench-w[812] did not run for 5 s")
        self._scheduler = replace(DEFAULT, enable_seq=3, last_exit=record)
        deployment = self._deployment
        if deployment is None:
            return
        reason = f"{record.reason}: {record.message}"
        self._deployment = replace(deployment, stage=Stage.EJECTED, reason=reason)
        yield ev.DeploymentChanged(self._deployment)
        yield ev.Finished(1, "the kernel threw rtc_fifo out; its own scheduler is in charge")

    async def state(self) -> SchedulerState:
        """Return the scripted state."""
        return self._scheduler

    def deployment(self) -> Deployment | None:
        """Return the scripted deployment."""
        return self._deployment

    async def set_live(self, parameters: Parameters) -> Parameters:
        """Have no live parameters."""
        del parameters
        raise EngineError("the policy has no live parameters", missing=False)

    async def rollback(self) -> SchedulerState:
        """Put the default back."""
        self.calls.append("rollback")
        self._scheduler = replace(DEFAULT, enable_seq=3)
        if self._deployment is not None:
            self._deployment = replace(
                self._deployment, stage=Stage.ROLLED_BACK, reason="asked by the user"
            )
        return self._scheduler

    async def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
