"""A session without a target: real rules and a real first gate, scripted gates behind it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from schedtui.engine.verification import Verification
from schedtui.model.deployment import Approval, ApprovalRequest, Deployment, Stage
from schedtui.model.events import Event
from schedtui.model.plan import Candidate, Plan
from schedtui.model.policy import Policy
from schedtui.model.telemetry import Snapshot
from schedtui.model.trial import Outcome
from schedtui.model.verdict import GateResult, Verdict
from schedtui.policy.repository import load_repository
from schedtui.verify.gate import Draft
from schedtui.verify.rules_gate import RulesGate
from schedtui.verify.verifier import verify
from tests.fakes import samples

repository: Final = functools.cache(load_repository)


class FakeSurroundings:
    """Plays a session.

    Args:
        snapshots: What is observed.
        said: What the gates after the first one say of each candidate that comes to them, in
            order; None passes, and so do all after the last one.
        outcome: How trials come out.
        policies: The repository; the one of the program where it is not given.
    """

    target = "sandbox"
    cpus = 2

    def __init__(
        self,
        snapshots: Sequence[Snapshot],
        said: Sequence[GateResult | None] = (),
        outcome: Outcome = Outcome.BETTER,
        policies: tuple[Policy, ...] = (),
    ) -> None:
        self._snapshots = list(snapshots)
        self._said = list(said)
        self._outcome = outcome
        self._policies = policies or repository()
        self.verified: list[Candidate] = []
        self.deployed: list[ApprovalRequest] = []
        self.recorded: list[str] = []

    def policies(self) -> tuple[Policy, ...]:
        """Return the repository."""
        return self._policies

    def why_no_deploy(self) -> tuple[str, str]:
        """Everything can be deployed."""
        return "", ""

    def running_load(self) -> str:
        """Return the load that runs."""
        return "request_service"

    async def start_load(self, name: str) -> None:
        """Nothing has to be started."""
        raise AssertionError(f"{name} runs already")

    @asynccontextmanager
    async def load_held_still(self) -> AsyncIterator[None]:
        """Nothing has to be held."""
        yield

    async def observe(self, seconds: float) -> list[Snapshot]:
        """Return the snapshots at once."""
        await asyncio.sleep(0)
        return self._snapshots

    async def verify(
        self, candidate: Candidate, plan: Plan, emit: Callable[[Event], None]
    ) -> Verification:
        """Ask the rules, and then the script."""
        self.verified.append(candidate)
        verdict, _ = await verify(Draft.of(candidate), [RulesGate()], emit)
        return Verification(self._judged(candidate, verdict), b"object")

    def _judged(self, candidate: Candidate, verdict: Verdict) -> Verdict:
        if not verdict.passed:
            return verdict
        said = self._said.pop(0) if self._said else None
        if said is not None:
            return replace(verdict, passed=said.passed, gates=(*verdict.gates, said))
        good = samples.verdict(passed=True)
        if good.trial is None:
            raise AssertionError("the sample has a trial")
        effect = replace(good.trial.objective, outcome=self._outcome)
        trial = replace(good.trial, objective=effect)
        sha256 = verdict.source_sha256
        return replace(good, candidate=candidate.name, source_sha256=sha256, trial=trial)

    async def deploy(
        self, request: ApprovalRequest, approval: Approval, object_bytes: bytes
    ) -> Deployment:
        """Remember what was deployed."""
        self.deployed.append(request)
        return self._deployment(Stage.CANARY)

    async def settled(self) -> Deployment:
        """The canary is over."""
        return self._deployment(Stage.PROMOTED)

    def _deployment(self, stage: Stage) -> Deployment:
        request = self.deployed[-1]
        sha256 = request.verdict.object_sha256
        return Deployment(request.candidate.name, stage, sha256, "sandbox", 0.0, enable_seq=1)

    def load_metric(self, metric: str, *, ours: bool, seconds: float) -> float | None:
        """No figures."""
        return None

    def record(self, what: str, **facts: object) -> None:
        """Remember what was recorded."""
        self.recorded.append(what)
