"""Whole result rows, made by the real engine on benches without machines."""

from __future__ import annotations

import asyncio
import dataclasses

from schedtui.measure.catalogue import REQUEST_SERVICE
from schedtui.measure.control import ControlPlan, run_control
from schedtui.measure.judgement import judge_trial
from schedtui.measure.objectives import usual_guardrails
from schedtui.measure.trial import run_trial
from schedtui.model.goal import Direction, Metric
from schedtui.model.results import ResultRow
from schedtui.model.trial import TrialResult
from tests.fakes.bench import FakeBench
from tests.fakes.samples import KERNEL

P99 = Metric.REQUEST_P99
RAILS = usual_guardrails(REQUEST_SERVICE, P99)
PLAN = ControlPlan(REQUEST_SERVICE, P99, Direction.LOWER, trial_pairs=7)
BEFORE: dict[str, float] = {
    P99: 200_000.0,
    Metric.RATE: 250.0,
    "workers": 8.0,
    "service_p50_us": 2500.0,
    "sleep_us": 100.0,
}


def result_row(name: str = "rtc_fifo", noise: float = 0.02) -> ResultRow:
    """A policy that is eight times better."""
    trial = asyncio.run(_trial(name, noise))
    return ResultRow(
        unix_ms=1_700_000_000_000,
        version="0.1",
        command=("schedtui", "trial", name, "--load", "request_service", "--pairs", "7"),
        policy=name,
        scheduler="rtc_fifo",
        parameters=(("slice_ns", 100_000_000),),
        source_sha256="ab" * 32,
        object_sha256="cd" * 32,
        compiler="zig 0.17.0",
        kernel_release=KERNEL.release,
        kernel_build_id=KERNEL.build_id,
        kernel_btf_sha256=KERNEL.btf_sha256,
        workload=REQUEST_SERVICE,
        metric=str(P99.value),
        direction=Direction.LOWER,
        max_pairs=7,
        control_pairs=PLAN.pairs,
        guardrails=RAILS,
        rejections=(),
        trial=trial,
        judgement=judge_trial(trial, RAILS),
    )


def unfit_row() -> ResultRow:
    """The same on a host that is too noisy."""
    return result_row(noise=1.5)


async def _trial(name: str, noise: float) -> TrialResult:
    after = BEFORE | {P99: 25_000.0, Metric.RATE: 500.0}
    bench = FakeBench(
        {str(key): value for key, value in BEFORE.items()},
        {str(key): value for key, value in after.items()},
        noise=noise,
    )
    control = await run_control(bench, PLAN, on_pair=lambda *_: None)
    result = await run_trial(
        bench, REQUEST_SERVICE, name, (P99, Direction.LOWER), RAILS, on_pair=lambda *_: None
    )
    return dataclasses.replace(result, control=control, starved=("[bold]x[/]",))
