"""The real engine: one target, its node, and the pursuits on it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from schedtui.deploy.deployer import Deployer, DeployError
from schedtui.engine.port import Approver, EngineError, Progress
from schedtui.engine.pulse import Pulse
from schedtui.engine.verification import Verification, Verifying
from schedtui.measure.catalogue import WORKLOADS, load_arguments, workload
from schedtui.model.deployment import Approval, ApprovalRequest, Deployment, Stage
from schedtui.model.events import DeploymentChanged, Event, Finished
from schedtui.model.machine import Hello
from schedtui.model.plan import Candidate, Plan
from schedtui.model.policy import Policy
from schedtui.model.protocol import LoadArgs, Nothing, Parameters, PauseArgs, WatchArgs
from schedtui.model.telemetry import SchedulerState, Snapshot
from schedtui.model.trial import WorkloadSpec
from schedtui.policy.own import whole_repository
from schedtui.store.audit import Audit
from schedtui.target.link import LinkError, NodeLink
from schedtui.target.port import Target, TargetError

if TYPE_CHECKING:
    from schedtui.agent.deliberation.planner import Planner
    from schedtui.engine.pursuit import Pursuit

_CLOSE_SECONDS: Final = 0.45
_HANG_SECONDS: Final = 30.0
"""A target that sends no sample for so long is given up."""


@dataclass(frozen=True, slots=True)
class _Connected:
    link: NodeLink
    hello: Hello
    deployer: Deployer


class Session:
    """Implements the Engine port over a target."""

    def __init__(
        self,
        target: Target,
        verifying: Verifying,
        audit: Audit,
        hertz: float,
        hang_s: float = _HANG_SECONDS,
        planner: Callable[[], Planner] | None = None,
    ) -> None:
        self._planner = planner
        self._hang_s = hang_s
        self._target = target
        self._verifying = verifying
        self._audit = audit
        self._hertz = hertz
        self._pulse = Pulse()
        self._connected: _Connected | None = None
        self._repository = whole_repository()
        self._load = ""
        self._emit: Callable[[Event], None] | None = None
        self._moved = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        self._last_stage: Stage | None = None
        self._canary_second = -1

    @property
    def target(self) -> str:
        """Name of the target."""
        return self._target.name

    @property
    def cpus(self) -> int:
        """Number of the target's CPUs."""
        return len(self._node.hello.cpus)

    @property
    def _node(self) -> _Connected:
        if self._connected is None:
            raise EngineError("the target is not open yet")
        return self._connected

    async def open(self, progress: Progress) -> Hello:
        """Start or reach the node and begin to sample."""
        for fault in self._repository.faults:
            progress(fault)
        try:
            link, hello = await self._target.start(progress)
        except TargetError as error:
            raise EngineError(error.sentence, error.fix) from error
        deployer = Deployer(link, hello, self._deployment_moved)
        self._connected = _Connected(link, hello, deployer)
        link.on_sample(self._pulse.receive)
        await self.set_rate(self._hertz)
        self._watcher = asyncio.create_task(self._watch(link), name="target watch")
        return hello

    async def _watch(self, link: NodeLink) -> None:
        """Report a target that died, and end one that hangs."""
        while not link.closed.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(link.closed.wait(), min(2.0, self._hang_s))
            if time.monotonic() - self._pulse.last_at > self._hang_s:
                words = f"no sign of life for {self._hang_s:.0f} s"
                break
        else:
            words = self._target.last_words() or link.failure
        lost = EngineError(f"the {self.target} is lost: {words}", "start schedtui again")
        await self._pulse.end(lost)
        await self._target.close()

    def snapshots(self) -> AsyncIterator[Snapshot]:
        """Yield the newest snapshot each tick."""
        return self._pulse.snapshots()

    def past(self) -> None:
        """Return none: this target is live."""

    async def set_rate(self, hertz: float) -> None:
        """Sample at ``hertz`` from now on."""
        self._hertz = min(max(hertz, 0.5), 10.0)
        await self._told("watch", WatchArgs(self._hertz))

    def loads(self) -> tuple[WorkloadSpec, ...]:
        """Return the built-in loads when this target can run them."""
        return WORKLOADS if self._node.hello.can("loads") else ()

    async def start_load(self, name: str) -> None:
        """Start a built-in load, ending the one that runs."""
        try:
            spec = workload(name)
        except KeyError as error:
            raise EngineError(f"there is no load called {name}", missing=False) from error
        await self._told("load", LoadArgs(name, load_arguments(spec)))
        self._load = name

    async def stop_load(self) -> None:
        """End the running load."""
        self._load = ""
        await self._told("unload", Nothing())

    def running_load(self) -> str:
        """Return the name of the load that runs, empty when none does."""
        return self._load

    @asynccontextmanager
    async def load_held_still(self) -> AsyncIterator[None]:
        """Pause the load for a while, so that a trial has the processors to itself."""
        if not self._load:
            yield
            return
        await self._told("pause", PauseArgs(paused=True))
        try:
            yield
        finally:
            with contextlib.suppress(EngineError):
                await self._told("pause", PauseArgs(paused=False))

    def policies(self) -> tuple[Policy, ...]:
        """Return the repository."""
        return self._repository.policies

    def why_no_deploy(self) -> tuple[str, str]:
        """Return why nothing can be deployed here and the fix; empty when it can."""
        lack = self._node.hello.lack("deploy")
        return (lack.reason, lack.fix) if lack else ("", "")

    async def observe(self, seconds: float) -> list[Snapshot]:
        """Return the samples of the next seconds."""
        return await self._pulse.collect(seconds)

    def load_metric(self, metric: str, *, ours: bool, seconds: float) -> float | None:
        """Return what the load reported lately under (not) our scheduler."""
        return self._pulse.load_metric(metric, ours=ours, seconds=seconds)

    def record(self, what: str, **facts: object) -> None:
        """Append to the audit."""
        self._audit.append(what, target=self.target, **facts)

    async def verify(
        self, candidate: Candidate, plan: Plan, emit: Callable[[Event], None]
    ) -> Verification:
        """Run all gates on a candidate."""
        return await self._verifying.verify(candidate, plan, emit)

    async def pursue(self, text: str, approver: Approver) -> AsyncIterator[Event]:
        """Carry a goal from text to a watched deployment."""
        # Nothing but a goal needs the agent, and the first frame does not wait for it.
        from schedtui.engine.pursuit import Pursuit  # noqa: PLC0415

        planner = self._planner() if self._planner else None
        events: asyncio.Queue[Event] = asyncio.Queue()
        self._emit = events.put_nowait
        pursuit = Pursuit(self, approver, events.put_nowait, planner)
        task = asyncio.create_task(self._pursued(pursuit, text, events), name="pursuit")
        try:
            while True:
                event = await events.get()
                yield event
                if isinstance(event, Finished):
                    return
        finally:
            self._emit = None
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _pursued(self, pursuit: Pursuit, text: str, events: asyncio.Queue[Event]) -> None:
        try:
            await pursuit.run(text)
        except (EngineError, TargetError) as error:
            fix = f" {error.fix}" if error.fix else ""
            events.put_nowait(Finished(3, f"{error.sentence}.{fix}"))
        except LinkError as error:
            events.put_nowait(Finished(3, f"the node is lost: {error.sentence}"))
        except DeployError as error:
            events.put_nowait(Finished(1, f"not deployed: {error}"))
        except Exception as error:  # noqa: BLE001 - a fault of ours ends the pursuit in words
            events.put_nowait(Finished(4, f"internal: {type(error).__name__}: {error}"))

    async def deploy(
        self, request: ApprovalRequest, approval: Approval, object_bytes: bytes
    ) -> Deployment:
        """Attach the approved bytes."""
        return await self._node.deployer.deploy(request, approval, object_bytes)

    async def settled(self) -> Deployment:
        """Wait until the deployment has left its canary."""
        while True:
            current = self._node.deployer.current
            if current is not None and current.stage not in {Stage.APPROVED, Stage.CANARY}:
                return current
            self._moved.clear()
            await self._moved.wait()

    def _deployment_moved(self, deployment: Deployment) -> None:
        before = self._last_stage
        self._last_stage = deployment.stage
        self._moved.set()
        if self._emit is not None and deployment.stage is Stage.CANARY:
            seconds = int(deployment.canary_left_s)
            if seconds != self._canary_second:
                self._canary_second = seconds
                self._emit(DeploymentChanged(deployment))
        if before is not deployment.stage:
            self.record(
                "deployment",
                stage=deployment.stage.value,
                scheduler=deployment.scheduler,
                object_sha256=deployment.object_sha256,
                reason=deployment.reason,
            )

    def deployment(self) -> Deployment | None:
        """Return the current or last deployment."""
        return self._connected.deployer.current if self._connected else None

    async def state(self) -> SchedulerState:
        """Read from the kernel who schedules now."""
        return await self._asked("state")

    async def set_live(self, parameters: Parameters) -> Parameters:
        """Set live parameters of what is deployed; asked or refused, it is in the audit."""
        deployment = self.deployment()
        facts = {
            "scheduler": deployment.scheduler if deployment else "",
            "object_sha256": deployment.object_sha256 if deployment else "",
            "asked": dict(parameters),
        }
        try:
            now = await self._node.deployer.set_live(parameters)
        except (DeployError, LinkError) as error:
            self.record("parameters refused", **facts, reason=str(error))
            missing = isinstance(error, LinkError) and not error.refused
            raise EngineError(str(error), missing=missing) from error
        self.record("parameters set", **facts, now=dict(now))
        return now

    async def rollback(self) -> SchedulerState:
        """Give the kernel back to its own scheduler."""
        try:
            return await self._node.deployer.rollback()
        except LinkError as error:
            raise EngineError(error.sentence) from error

    async def close(self) -> None:
        """Release the target and leave nothing behind."""
        if self._watcher is not None:
            self._watcher.cancel()
        await self._pulse.end()
        with contextlib.suppress(TimeoutError, LinkError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                if self._connected is not None:
                    await self._connected.deployer.close()
        await self._target.close()

    async def _asked(self, call: str) -> SchedulerState:
        try:
            return await self._node.link.call(call, Nothing(), SchedulerState)
        except LinkError as error:
            raise EngineError(error.sentence) from error

    async def _told(self, call: str, args: object) -> None:
        try:
            await self._node.link.tell(call, args)
        except LinkError as error:
            raise EngineError(error.sentence, missing=not error.refused) from error
