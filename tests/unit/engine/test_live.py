"""Settings within one load: what is loaded how often, who is in charge of what, and whose fault."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from schedtui.engine.live import LiveTrials
from schedtui.measure.catalogue import REQUEST_SERVICE
from schedtui.measure.sides import DEFAULTS
from schedtui.measure.trial import TrialError
from schedtui.model.events import Event
from schedtui.model.goal import Direction, Metric
from schedtui.model.parcel import Parcel
from schedtui.model.protocol import Parameters
from schedtui.model.trial import Outcome, WorkloadSpec
from schedtui.model.verdict import GateName, Verdict
from schedtui.verify.gate import Draft, result_of
from schedtui.verify.trial_gate import LiveSides, TrialAim
from schedtui.verify.verifier import verdict_of
from tests.fakes.bench import FakeBench, Metrics
from tests.fakes.samples import KERNEL

P99 = str(Metric.REQUEST_P99.value)
SIDES = LiveSides((("slice_us", 3000),), (("slice_us", 500),))
AIM = TrialAim(
    REQUEST_SERVICE, P99, Direction.LOWER, baseline_source="policy", live=SIDES, max_pairs=4
)


class Machine(FakeBench):
    """A guest in which a policy is as good as its slice is short."""

    set_to: Parameters = ()
    seen: tuple[int, ...] = ()
    refuses: bool = False
    lost_after: int | None = None
    """Number of windows after which the policy is found to be thrown out."""

    async def attach(self) -> None:
        if self.refuses:
            raise TrialError("it did not come into charge: no memory")
        await super().attach()

    async def set_live(self, parameters: Parameters) -> None:
        assert self.attached
        self.set_to = parameters

    async def require_in_charge(self) -> None:
        if self.lost_after is not None and len(self.specs) > self.lost_after:
            raise TrialError("the kernel threw it out: stall")

    async def window(self, spec: WorkloadSpec) -> Metrics:
        slice_us = dict(self.set_to)["slice_us"]
        self.seen = (*self.seen, slice_us)
        self.candidate = {P99: float(slice_us)}
        return await super().window(spec)


@dataclass
class World:
    """Opens machines and remembers what was asked."""

    lost_after: list[int | None] = field(default_factory=list)
    refusals: int = 0
    judged: int = 0
    machines: list[Machine] = field(default_factory=list)
    closed: int = 0
    events: list[Event] = field(default_factory=list)

    @asynccontextmanager
    async def open(self, _draft: Draft, _parcel: Parcel) -> AsyncIterator[Machine]:
        machine = Machine({P99: 1.0}, {}, noise=0.01)
        machine.lost_after = self.lost_after.pop(0) if self.lost_after else None
        machine.refuses = len(self.machines) < self.refusals
        self.machines.append(machine)
        try:
            yield machine
        finally:
            self.closed += 1

    async def judge(self, draft: Draft, _: Callable[[Event], None]) -> tuple[Verdict, bytes]:
        self.judged += 1
        draft.object, draft.kernel = b"object", KERNEL
        draft.results = (result_of(GateName.KERNEL, 0.0, "", ()),)
        return verdict_of(draft), b"object"

    def trials(self) -> LiveTrials:
        return LiveTrials(self.open, self.judge)

    async def tried(self, trials: LiveTrials, sides: LiveSides = SIDES) -> Verdict:
        draft = Draft("lottery", "policy")
        verdict, _ = await trials.run(draft, AIM, sides, self.events.append)
        return verdict


async def test_one_judgement_and_one_load_for_all_settings() -> None:
    world = World()
    trials = world.trials()
    async with trials.holding():
        first = await world.tried(trials)
        other = LiveSides(SIDES.baseline, (("slice_us", 9000),))
        second = await world.tried(trials, other)
        assert world.closed == 0
    (machine,) = world.machines
    assert (world.judged, world.closed) == (1, 1)
    assert machine.calls.count("attach") == 1
    assert first.trial is not None
    assert first.trial.objective.outcome is Outcome.BETTER
    assert first.trial.objective.factor == pytest.approx(6.0, rel=0.1)
    assert second.trial is not None
    assert second.trial.objective.factor == pytest.approx(1 / 3, rel=0.1)
    assert [gate.gate for gate in second.gates] == [GateName.KERNEL, GateName.TRIAL]
    assert {pair.baseline.scheduler for pair in first.trial.pairs} == {DEFAULTS}
    # The warm-up, then the first pair: the baseline of the second trial is the defaults again.
    assert machine.seen[:4] == (500, 3000, 3000, 500)
    assert set(machine.seen[2 + 2 * len(first.trial.pairs) :]) == {3000, 9000}


async def test_without_being_held_each_trial_has_its_own_machine() -> None:
    world = World()
    trials = world.trials()
    await world.tried(trials)
    await world.tried(trials)
    assert (world.judged, len(world.machines), world.closed) == (1, 2, 2)


async def test_a_policy_that_falls_under_its_baseline_is_not_the_settings_fault() -> None:
    world = World(lost_after=[1, None])
    trials = world.trials()
    async with trials.holding():
        verdict = await world.tried(trials)
    # Once more in a fresh machine, as for every trial.
    assert (len(world.machines), verdict.passed) == (2, True)


async def test_a_policy_that_cannot_be_loaded_is_not_the_settings_fault() -> None:
    world = World(refusals=2)
    verdict = await world.tried(world.trials())
    gate = verdict.gates[-1]
    assert (gate.passed, gate.inconclusive) == (False, True)
    assert "of the policy that is the baseline: it did not come" in gate.findings[0].sentence
    assert (len(world.machines), world.closed) == (2, 2)


async def test_a_setting_under_which_the_kernel_throws_it_out_is_refused() -> None:
    world = World(lost_after=[0, None])
    trials = world.trials()
    async with trials.holding():
        refused = await world.tried(trials)
        assert world.closed == 1
        gate = refused.gates[-1]
        assert (gate.passed, gate.inconclusive) == (False, False)
        assert [found.code for found in gate.findings] == ["TRL001"]
        # The next setting begins in a machine in which nothing was thrown out.
        assert (await world.tried(trials)).passed
    assert len(world.machines) == 2
