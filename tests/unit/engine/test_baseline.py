"""A policy as the baseline of a trial: who is in charge when, and whose fault is whose."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from schedtui.engine.baseline import BaselineBench
from schedtui.measure.catalogue import REQUEST_SERVICE
from schedtui.measure.control import ControlPlan, run_control
from schedtui.measure.sides import DEFAULTS
from schedtui.measure.trial import InconclusiveError, TrialError, run_trial
from schedtui.model.goal import Direction, Metric
from schedtui.model.trial import Outcome, TrialResult, WorkloadSpec
from tests.fakes.bench import FakeBench, Metrics

P99 = (str(Metric.REQUEST_P99.value), Direction.LOWER)


@dataclass
class Defaults:
    """The policy with its defaults on the machine of ``bench``, three times as good."""

    bench: FakeBench
    thrown_out_after: int | None = None
    attaches: bool = True
    attached: bool = False
    seen: list[str] = field(default_factory=list)

    async def attach(self) -> None:
        assert not self.attached
        assert not self.bench.attached
        if not self.attaches:
            raise TrialError("it did not come into charge: no memory")
        self.attached = True
        self.seen.append("attach")
        self.bench.baseline[P99[0]] /= 3

    async def require_in_charge(self) -> None:
        assert self.attached
        if self.thrown_out_after is not None and len(self.bench.specs) > self.thrown_out_after:
            raise TrialError("the kernel threw it out: stall")

    async def detach(self) -> None:
        assert self.attached
        self.attached = False
        self.seen.append("detach")
        self.bench.baseline[P99[0]] *= 3


def machine() -> FakeBench:
    return FakeBench({P99[0]: 300.0}, {P99[0]: 50.0}, noise=0.01)


async def tried(bench: BaselineBench, **limits: int | float) -> TrialResult:
    return await run_trial(
        bench,
        REQUEST_SERVICE,
        "tuned",
        P99,
        (),
        on_pair=lambda *_: None,
        baseline=DEFAULTS,
        **limits,  # type: ignore[arg-type]  # each of its type
    )


async def test_pairs_are_against_the_policy_with_its_defaults() -> None:
    below = machine()
    defaults = Defaults(below)
    result = await tried(BaselineBench(below, defaults))
    assert result.objective.outcome is Outcome.BETTER
    assert result.objective.factor == pytest.approx(2.0, rel=0.05)
    assert {pair.baseline.scheduler for pair in result.pairs} == {"defaults"}
    assert defaults.seen[:3] == ["attach", "detach", "attach"]
    assert below.calls.count("attach") == below.calls.count("detach")


async def test_the_control_measures_the_baseline_against_itself() -> None:
    below = machine()
    defaults = Defaults(below)
    plan = ControlPlan(REQUEST_SERVICE, *P99, 7, baseline=DEFAULTS)
    control = await run_control(BaselineBench(below, defaults), plan, on_pair=lambda *_: None)
    assert control.effect.baseline_median == pytest.approx(100.0, rel=0.05)
    assert defaults.seen == ["attach"]
    assert {pair.candidate.scheduler for pair in control.pairs} == {"defaults"}


@pytest.mark.parametrize("after", [1, 3, 6])
async def test_a_baseline_that_is_thrown_out_speaks_against_no_candidate(after: int) -> None:
    below = machine()
    bench = BaselineBench(below, Defaults(below, thrown_out_after=after))
    with pytest.raises(InconclusiveError, match="policy that is the baseline: the kernel threw it"):
        await tried(bench)
    assert not below.attached


async def test_a_baseline_that_does_not_attach_speaks_against_no_candidate() -> None:
    below = machine()
    with pytest.raises(InconclusiveError, match="no memory"):
        await tried(BaselineBench(below, Defaults(below, attaches=False)))


async def test_a_window_that_fails_under_the_baseline_speaks_against_no_candidate() -> None:
    @dataclass
    class Failing(FakeBench):
        async def window(self, spec: WorkloadSpec) -> Metrics:
            if not self.attached and len(self.specs) >= 3:
                raise TrialError("the workload gave no result")
            return await super().window(spec)

    below = Failing({P99[0]: 300.0}, {P99[0]: 50.0})
    with pytest.raises(
        InconclusiveError, match="that is the baseline: the workload gave no result"
    ):
        await tried(BaselineBench(below, Defaults(below)))
    assert not below.attached


@pytest.mark.parametrize(("give_up_below", "pairs"), [(1.0, 2), (0.3, 7)])
async def test_no_more_pairs_are_spent_on_what_is_hopeless(
    give_up_below: float, pairs: int
) -> None:
    below = FakeBench({P99[0]: 300.0}, {P99[0]: 200.0}, noise=0.003)
    limits = {"min_pairs": 7, "max_pairs": 7, "give_up_below": give_up_below}
    result = await tried(BaselineBench(below, Defaults(below)), **limits)
    assert len(result.pairs) == pairs
    assert result.objective.outcome is Outcome.WORSE
