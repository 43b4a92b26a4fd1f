"""Deploys an approved object, keeps its lease, watches it, takes it back."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import hashlib
import time
from collections.abc import Callable
from typing import Final

from schedtui.deploy.stages import Happening, next_stage
from schedtui.model.deployment import Approval, ApprovalRequest, Deployment, Stage
from schedtui.model.machine import Hello
from schedtui.model.protocol import (
    LEASE_MS,
    RENEW_MS,
    DeployArgs,
    GuardLimits,
    LiveValues,
    Nothing,
    Parameters,
    SetArgs,
)
from schedtui.model.telemetry import SchedulerState
from schedtui.model.verdict import TokenMode
from schedtui.target.link import LinkError, NodeLink
from schedtui.verify.tokens import MintError, mint

_WATCHDOG_MS: Final = 5000
_TOKEN_SECONDS: Final = 60
_LONGEST_WAIT_MS: Final = 4000.0
"""No guard is wider than this; the kernel's watchdog comes after it."""


class DeployError(Exception):
    """The approved object was not deployed; the kernel keeps its own scheduler."""


class Deployer:
    """Everything that changes the scheduler of one target."""

    def __init__(self, link: NodeLink, hello: Hello, changed: Callable[[Deployment], None]) -> None:
        self._link = link
        self._hello = hello
        self._changed = changed
        self._keeper: asyncio.Task[None] | None = None
        self.current: Deployment | None = None

    async def deploy(
        self, request: ApprovalRequest, approval: Approval, object_bytes: bytes
    ) -> Deployment:
        """Attach exactly the approved bytes and start the canary. Raises DeployError."""
        if self.current is not None and self.current.live:
            raise DeployError(f"{self.current.scheduler} is deployed; roll it back first")
        self._require_same_bytes(request, approval, object_bytes)
        self._move_to(
            Deployment(
                scheduler=request.candidate.name,
                stage=Stage.APPROVED,
                object_sha256=approval.object_sha256,
                target=request.target,
            )
        )
        try:
            state = await self._attach(request, object_bytes)
        except (LinkError, MintError) as error:
            self._happen(Happening.NODE_REFUSED, reason=str(error))
            raise DeployError(str(error)) from error
        deployment = self._happen(
            Happening.ATTACHED, canary_left_s=request.canary_s, enable_seq=state.enable_seq
        )
        self._keeper = asyncio.create_task(self._keep(request.canary_s), name="lease keeper")
        return deployment

    def _require_same_bytes(
        self, request: ApprovalRequest, approval: Approval, object_bytes: bytes
    ) -> None:
        digest = hashlib.sha256(object_bytes).hexdigest()
        verdict = request.verdict
        if not verdict.passed:
            raise DeployError("the verdict is no; nothing unverified runs")
        if digest != verdict.object_sha256 or digest != approval.object_sha256:
            raise DeployError("these are not the bytes that were verified and approved")
        kernel = self._hello.kernel
        judged = (verdict.kernel_release, verdict.kernel_build_id, verdict.kernel_btf_sha256)
        if judged != (kernel.release, kernel.build_id, kernel.btf_sha256):
            raise DeployError("it was verified for another kernel than the target runs")

    async def _attach(self, request: ApprovalRequest, object_bytes: bytes) -> SchedulerState:
        token = mint(
            self._link.session_key,
            mode=TokenMode.DEPLOY,
            object_sha256=request.verdict.object_sha256,
            scheduler=request.candidate.name,
            kernel=self._hello.kernel,
            verdict=request.verdict,
            timeout_ms=_WATCHDOG_MS,
            lifetime_s=_TOKEN_SECONDS,
            now=int(time.time()),
        )
        args = DeployArgs(
            object_base64=base64.b64encode(object_bytes).decode(),
            token=token,
            lease_ms=LEASE_MS,
            timeout_ms=_WATCHDOG_MS,
            guards=_guards(request),
        )
        return await self._link.call("deploy", args, SchedulerState)

    async def rollback(self) -> SchedulerState:
        """Give the kernel back to its own scheduler; idempotent. Raises LinkError."""
        await self._stop_keeping()
        state = await self._link.call("rollback", Nothing(), SchedulerState)
        if self.current is not None and self.current.live:
            self._happen(Happening.ROLLED_BACK, reason="asked for")
        return state

    async def set_live(self, parameters: Parameters) -> Parameters:
        """Set live parameters of what is deployed; returns all of them as they are.

        The node refuses what is outside of the ranges that were approved. Raises DeployError when
        nothing is deployed, and LinkError.
        """
        if self.current is None or not self.current.live:
            raise DeployError("nothing is deployed whose parameters could be set")
        return (await self._link.call("set", SetArgs(parameters), LiveValues)).parameters

    async def close(self) -> None:
        """Stop renewing. The node rolls back when its client is gone."""
        await self._stop_keeping()

    async def _stop_keeping(self) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is not None and keeper is not asyncio.current_task():
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper

    async def _keep(self, canary_s: float) -> None:
        due = time.monotonic()
        promote_at = due + canary_s
        try:
            while True:
                state = await self._link.call("renew", Nothing(), SchedulerState)
                if not state.ours:
                    self._lost(state)
                    return
                self._canary_step(promote_at - time.monotonic())
                # From one asking to the next, however long an answer takes.
                due = max(due + RENEW_MS / 1000, time.monotonic())
                await asyncio.sleep(due - time.monotonic())
        except LinkError as error:
            self._happen(Happening.GUARD_FIRED, reason=f"the target is lost: {error.sentence}")

    def _canary_step(self, left_s: float) -> None:
        if self.current is None or self.current.stage is not Stage.CANARY:
            return
        if left_s <= 0:
            self._happen(Happening.CANARY_PASSED, canary_left_s=0.0)
        else:
            self._move_to(dataclasses.replace(self.current, canary_left_s=left_s))

    def _lost(self, state: SchedulerState) -> None:
        ending = state.last_exit
        if ending is not None and ending.ejected:
            self._happen(Happening.KERNEL_EJECTED, reason=f"{ending.reason}: {ending.message}")
        else:
            reason = state.ended or "the node took it back"
            self._happen(Happening.GUARD_FIRED, reason=reason)

    def _happen(self, happening: Happening, **changes: object) -> Deployment:
        if self.current is None:
            raise AssertionError("a happening needs a deployment")
        stage = next_stage(self.current.stage, happening)
        values = dataclasses.asdict(self.current) | {"stage": stage} | changes
        return self._move_to(Deployment(**values))

    def _move_to(self, deployment: Deployment) -> Deployment:
        self.current = deployment
        self._changed(deployment)
        return deployment


def _guards(request: ApprovalRequest) -> GuardLimits:
    """Return limits that what the person approved keeps: well above the trial's own waits."""
    trial = request.verdict.trial
    seen = trial.max_wait_ms if trial else 0.0
    usual = GuardLimits().max_wait_ms
    return GuardLimits(max_wait_ms=min(max(usual, 3 * seen), _LONGEST_WAIT_MS))
