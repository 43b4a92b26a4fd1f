"""The trial gate on a bench whose answers are known."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from schedtui.measure.trial import InconclusiveError, TrialError
from schedtui.model.events import Event, GateProgress, PairMeasured
from schedtui.model.goal import Direction, Guardrail, Metric
from schedtui.model.trial import WorkloadSpec
from schedtui.model.verdict import GateResult
from schedtui.verify.gate import Draft
from schedtui.verify.trial_gate import MAX_WAIT_FLOOR_MS, TrialAim, TrialGate
from tests.fakes.bench import FakeBench

SPEC = WorkloadSpec("service", "a service", (), 0.01, Metric.REQUEST_P99.value, "requests")
RATE = Guardrail(Metric.RATE, Direction.HIGHER, 0.05, "rate may fall 5 %")
BASELINE = {Metric.REQUEST_P99.value: 200_000.0, Metric.RATE.value: 250.0}
BETTER = {Metric.REQUEST_P99.value: 50_000.0, Metric.RATE.value: 500.0}


@dataclass
class WaitingBench(FakeBench):
    """Lets some task wait so long while the candidate is in charge."""

    wait_ms: float = 12.0

    async def longest_wait_ms(self) -> float:
        return self.wait_ms if self.attached else 40.0


@dataclass
class Benches:
    """Gives out one bench for each try; one that is an error cannot be opened."""

    tries: list[FakeBench | TrialError]
    opened: int = 0

    @contextlib.asynccontextmanager
    async def open(self, _draft: Draft) -> AsyncIterator[FakeBench]:
        found = self.tries[min(self.opened, len(self.tries) - 1)]
        self.opened += 1
        if isinstance(found, TrialError):
            raise found
        yield found


async def tried(
    *tries: FakeBench | TrialError, metric: Metric = Metric.REQUEST_P99
) -> tuple[GateResult, Draft, list[Event]]:
    events: list[Event] = []
    aim = TrialAim(SPEC, metric.value, Direction.LOWER, (RATE,))
    gate, draft = TrialGate(Benches(list(tries)).open, aim, events.append), Draft("x", "")
    return await gate.run(draft), draft, events


def codes(result: GateResult) -> list[str]:
    assert result.passed is (not result.findings)
    return [found.code for found in result.findings]


def bench(candidate: dict[str, float] = BETTER, wait_ms: float = 12.0) -> WaitingBench:
    return WaitingBench(dict(BASELINE), dict(candidate), wait_ms=wait_ms)


async def test_a_better_one_passes_and_is_kept() -> None:
    result, draft, events = await tried(bench())
    assert codes(result) == []
    assert "better" in result.summary
    assert draft.trial is not None
    assert draft.trial.objective.pairs == sum(isinstance(e, PairMeasured) for e in events)


async def test_a_worse_one_passes_too_when_nothing_was_promised() -> None:
    """Whether it is worth anything is not the verifier's question."""
    slower = {**BASELINE, Metric.REQUEST_P99.value: 400_000.0}
    assert codes((await tried(bench(slower)))[0]) == []


async def test_thrown_out_is_trl001() -> None:
    thrown = FakeBench(dict(BASELINE), dict(BETTER), ejected_after=3)
    result, draft, _ = await tried(thrown)
    assert codes(result) == ["TRL001"]
    assert "stall" in result.findings[0].sentence
    assert draft.trial is None


async def test_long_waits_are_trl003_and_starving_ones_trl002() -> None:
    result, _, _ = await tried(bench(wait_ms=MAX_WAIT_FLOOR_MS + 50))
    assert codes(result) == ["TRL003"]
    starving = bench(wait_ms=MAX_WAIT_FLOOR_MS + 50)
    starving.starving = ("victim",)
    result, _, _ = await tried(starving)
    assert sorted(codes(result)) == ["TRL002", "TRL003"]
    assert "victim" in " ".join(found.sentence for found in result.findings)


async def test_waits_are_compared_with_the_default() -> None:
    """Five times the default's own longest wait, or the floor where that is less."""
    assert codes((await tried(bench(wait_ms=MAX_WAIT_FLOOR_MS - 10)))[0]) == []


async def test_a_broken_guardrail_is_trl004() -> None:
    fewer = {**BETTER, Metric.RATE.value: 100.0}
    assert codes((await tried(bench(fewer)))[0]) == ["TRL004"]


@pytest.mark.parametrize("ejected", [False, True])
async def test_a_lost_machine_is_tried_twice(ejected: bool) -> None:
    lost = InconclusiveError("the machine stood still", ejected=ejected)
    result, _, events = await tried(lost, bench())
    assert codes(result) == []
    assert any("once more" in e.note for e in events if isinstance(e, GateProgress))
    result, _, _ = await tried(lost, lost)
    assert codes(result) == ["TRL001" if ejected else "TRL005"]
