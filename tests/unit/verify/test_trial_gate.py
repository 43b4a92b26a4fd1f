"""The trial gate on benches without machines: each of its findings, and its summary."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from schedtui.measure.catalogue import REQUEST_SERVICE, UNEVEN_BATCH
from schedtui.measure.trial import InconclusiveError
from schedtui.model.events import (
    ControlJudged,
    ControlMeasured,
    Event,
    GateProgress,
    PairMeasured,
)
from schedtui.model.goal import Direction, Guardrail, Metric
from schedtui.model.trial import Outcome, WorkloadSpec
from schedtui.model.verdict import Digest, GateResult, Tool
from schedtui.objfile.facts import read_object
from schedtui.verify.basis import source_sha256
from schedtui.verify.gate import Draft
from schedtui.verify.trial_gate import TrialAim, TrialGate
from tests.fakes.bench import FakeBench
from tests.fakes.schedulers import compiled

P99, RATE = Metric.REQUEST_P99, Metric.RATE
KEEP_RATE = Guardrail(RATE, Direction.HIGHER, 0.02, "throughput must not drop")
AIM = TrialAim(REQUEST_SERVICE, P99, Direction.LOWER, (KEEP_RATE,))
CONTROLLED = replace(AIM, control_pairs=3)


class LostBench(FakeBench):
    """Its machine is lost at the first window."""

    async def window(self, spec: WorkloadSpec) -> tuple[tuple[str, float], ...]:
        raise InconclusiveError("the guest's kernel panicked")


class StoodStill(FakeBench):
    """The kernel threw the candidate out in a way that a paused host causes too."""

    async def detach(self) -> None:
        self.attached = False
        raise InconclusiveError("watchdog failed to check in", ejected=True)


class WaitingBench(FakeBench):
    """Tasks wait for long under the candidate."""

    async def longest_wait_ms(self) -> float:
        return 900.0 if self.attached else 40.0


def good(
    p99: float = 25_000.0, rate: float = 260.0, kind: type[FakeBench] = FakeBench
) -> FakeBench:
    return kind({P99: 200_000.0, RATE: 250.0}, {P99: p99, RATE: rate})


async def run(*benches: FakeBench, aim: TrialAim = AIM) -> tuple[GateResult, Draft, list[Event]]:
    """Run the gate; each try gets the next bench."""
    left: Iterator[FakeBench] = iter(benches)

    @asynccontextmanager
    async def open_bench(_: Draft) -> AsyncIterator[FakeBench]:
        yield next(left)

    events: list[Event] = []
    draft = Draft("mine", "")
    result = await TrialGate(open_bench, aim, events.append).run(draft)
    return result, draft, events


def codes(result: GateResult) -> list[str]:
    return [found.code for found in result.findings]


async def test_a_good_candidate_passes_with_its_pairs() -> None:
    result, draft, events = await run(good())
    assert result.passed
    assert codes(result) == []
    assert draft.trial is not None
    assert draft.trial.objective.outcome is Outcome.BETTER
    assert "request p99" in result.summary
    assert sum(isinstance(event, PairMeasured) for event in events) == len(draft.trial.pairs)
    assert any(isinstance(event, GateProgress) for event in events)
    assert Tool("workload", "request_service") in result.basis.used
    assert result.basis.read == ()


async def test_a_baseline_is_named_by_its_source() -> None:
    result, _, _ = await run(good(), aim=replace(AIM, baseline_source="int x;"))
    assert result.basis.read == (Digest("baseline source", source_sha256("int x;")),)


async def test_windows_bear_the_name_that_the_object_has() -> None:
    data = await compiled("fifo_rtc")

    @asynccontextmanager
    async def open_bench(_draft: Draft) -> AsyncIterator[FakeBench]:
        yield good()

    draft = Draft("", "", object=data, facts=read_object(data))
    await TrialGate(open_bench, AIM, lambda _event: None).run(draft)
    assert draft.trial is not None
    assert {pair.candidate.scheduler for pair in draft.trial.pairs} == {"fifo_rtc"}


async def test_being_thrown_out_is_told() -> None:
    bench = good()
    bench.ejected_after = 3
    result, draft, _ = await run(bench)
    assert codes(result) == ["TRL001"]
    assert "runnable task stall" in result.findings[0].sentence
    assert draft.trial is None


async def test_tasks_without_progress_and_long_waits_reject() -> None:
    bench = good(kind=WaitingBench)
    bench.starving = ("cc1 (12)",)
    result, _, _ = await run(bench)
    assert codes(result) == ["TRL002", "TRL003"]
    assert "cc1 (12)" in result.findings[0].sentence


async def test_a_batch_may_let_jobs_wait() -> None:
    bench = WaitingBench({Metric.MAKESPAN: 2000.0}, {Metric.MAKESPAN: 1500.0})
    aim = TrialAim(UNEVEN_BATCH, Metric.MAKESPAN, Direction.LOWER)
    result, _, _ = await run(bench, aim=aim)
    assert result.passed


async def test_a_broken_guardrail_rejects() -> None:
    result, _, _ = await run(good(rate=150.0))
    assert codes(result) == ["TRL004"]


async def test_a_lost_machine_is_tried_once_more() -> None:
    result, _, _ = await run(good(kind=LostBench), good())
    assert result.passed
    result, _, _ = await run(good(kind=LostBench), good(kind=LostBench))
    assert codes(result) == ["TRL005"]


async def test_standing_still_twice_is_an_ejection() -> None:
    result, _, _ = await run(good(kind=StoodStill), good(kind=StoodStill))
    assert codes(result) == ["TRL001"]


async def test_the_host_is_judged_in_the_same_boot_before_the_pairs() -> None:
    bench = good()
    result, draft, events = await run(bench, aim=CONTROLLED)
    assert result.passed
    assert draft.trial is not None
    assert draft.trial.control is not None
    assert draft.trial.control.unfit == ""
    kinds = [type(event) for event in events]
    pairs = len(draft.trial.control.pairs)
    assert kinds.count(ControlMeasured) == pairs
    assert bench.calls.index("attach") == 1 + 2 * pairs
    assert kinds.index(ControlJudged) < kinds.index(PairMeasured)


async def test_a_load_that_fails_without_the_candidate_is_not_held_against_it() -> None:
    benches = [good(), good()]
    for bench in benches:
        bench.missing_after = 2
    result, _, _ = await run(*benches, aim=CONTROLLED)
    assert codes(result) == ["TRL033"]
    assert result.summary == "no result"
    assert "under the default scheduler either" in result.findings[0].sentence
    assert not any("attach" in bench.calls for bench in benches)


async def test_a_guardrail_that_the_load_does_not_report_is_not_held_against_it() -> None:
    benches = [FakeBench({P99: 200_000.0}, {P99: 25_000.0}) for _ in range(2)]
    result, _, _ = await run(*benches, aim=CONTROLLED)
    assert codes(result) == ["TRL033"]
    assert "did not report rate_per_s" in result.findings[0].sentence
    assert not any("attach" in bench.calls for bench in benches)


async def test_an_unfit_host_speaks_neither_of_waits_nor_of_guardrails() -> None:
    for bench in (good(rate=150.0), good(kind=WaitingBench)):
        bench.noise = 1.5
        result, draft, _ = await run(bench, aim=CONTROLLED)
        assert draft.trial is not None
        assert draft.trial.control is not None
        assert draft.trial.control.unfit
        assert codes(result) == []


async def test_cancelling_goes_through() -> None:
    bench = good()
    bench.window_s = 5.0
    task = asyncio.create_task(run(bench))
    await bench.first_attached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not bench.attached
