"""Each exercise in a real guest, under the kernel's own scheduler and beside policies."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from schedtui.measure.battery import (
    COMMON_METRICS,
    EXERCISES,
    NEVER,
    ExerciseSpec,
    awake_of,
    window,
)
from schedtui.model.battery import Evidence
from schedtui.model.protocol import Nothing, WatchArgs, WindowReport
from schedtui.model.telemetry import SchedulerState, Snapshot
from schedtui.model.verdict import TokenMode
from schedtui.target.link import LinkError
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.saved import save
from schedtui.target.sandbox.target import Guest, open_guest
from tests.fakes.schedulers import compiled, deploy_args

pytestmark = pytest.mark.vm

SECONDS = 0.5
FEW_STEPS = 10
HOGS = 3
UPTIME_S = 4 * 3600
UNPLUGS = "hotplug"


@asynccontextmanager
async def throwaway(lab: Lab, uptime_s: int = 0) -> AsyncIterator[Guest]:
    guest = await open_guest(lab, throwaway=True, uptime_s=uptime_s)
    try:
        yield guest
    finally:
        await guest.end()


async def evidence(guest: Guest) -> Evidence:
    return await guest.link.call("evidence", Nothing(), Evidence)


async def attached(guest: Guest, name: str) -> SchedulerState:
    data = await compiled(name)
    args = deploy_args(name, data, guest.hello, guest.link.session_key, TokenMode.TRIAL)
    patient = dataclasses.replace(args, lease_ms=10_000)
    return await guest.link.call("deploy", patient, SchedulerState)


async def done(guest: Guest, spec: ExerciseSpec, **more: float) -> dict[str, float]:
    """Do one exercise, and again with the same names when it is called again."""
    call = window(spec, seed=7, names="abcd", seconds=more.get("seconds", SECONDS))
    call = dataclasses.replace(call, timeout_s=more.get("timeout_s", call.timeout_s))
    report = await guest.link.call("window", call, WindowReport, call.timeout_s + 5)
    await guest.link.call("renew", Nothing(), SchedulerState)
    return dict(report.metrics)


async def snapshot(guest: Guest) -> Snapshot:
    arrived: asyncio.Queue[Snapshot] = asyncio.Queue()
    guest.link.on_sample(arrived.put_nowait)
    await guest.link.tell("watch", WatchArgs(4.0))
    for _ in range(2):
        seen = await asyncio.wait_for(arrived.get(), 10)
    await guest.link.tell("watch", WatchArgs(0.0))
    return seen


def check(spec: ExerciseSpec, metrics: dict[str, float]) -> None:
    # Not every exercise has spinners, and a victim that hardly ran has no percentile.
    optional = {"work", *(["victim_p99_ms"] if metrics["victim_steps"] < FEW_STEPS else [])}
    assert set(metrics) - optional == {*COMMON_METRICS, *spec.metrics} - optional, spec.name
    failed = {name: metrics[name] for name in (*NEVER, *spec.never) if metrics[name]}
    assert not failed, spec.name
    assert 1 < metrics["victim_gap_ms"] <= 1000 * metrics["seconds"] + 1, spec.name
    assert metrics["victim_steps"] >= 1 or spec.name == "nice"
    assert metrics["kthread_delay_ms"] > 0, spec.name
    assert SECONDS <= metrics["seconds"] < SECONDS + 2
    if spec.name == "rt_hog" and metrics["victim_steps"] >= FEW_STEPS:  # else it stood still
        assert metrics["busy_pct"] < 75  # real-time tasks had the rest
    if spec.judged:
        assert metrics["least_progress_pct"] <= metrics["jain_pct"] <= 100.1


async def check_clean(guest: Guest) -> None:
    seen = await snapshot(guest)
    assert len(seen.cpus) == len(guest.hello.cpus)
    assert not [task.name for task in seen.tasks if task.name.startswith("abcd")]
    kernel = await evidence(guest)
    assert (kernel.splats, kernel.log_read) == ((), True)


async def test_each_exercise_under_the_kernels_own_scheduler(lab: Lab) -> None:
    async with throwaway(lab) as guest:
        for spec in EXERCISES:
            check(spec, await done(guest, spec))
        # Again: what the first round had left behind would be in the way now.
        for name in ("cgroups", "hotplug", "memory"):
            spec = next(spec for spec in EXERCISES if spec.name == name)
            check(spec, await done(guest, spec))
        await check_clean(guest)


@contextlib.contextmanager
def crowded(pid: int, cpu: int) -> Iterator[None]:
    """Let all threads of a process share one CPU of this machine with hogs."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {cpu})
    hogs = [
        subprocess.Popen(["taskset", "-c", str(cpu), sys.executable, "-c", "while True: pass"])
        for _ in range(HOGS)
    ]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


async def test_a_host_that_runs_something_else_is_noticed_inside_and_outside(lab: Lab) -> None:
    spec = next(spec for spec in EXERCISES if spec.name == "saturated")
    async with throwaway(lab) as guest:
        vcpus = await guest.vcpus()
        with crowded(guest.pid, min(os.sched_getaffinity(0))):
            before = vcpus.held_up()
            metrics = await done(guest, spec, seconds=2.0)
            after = vcpus.held_up()
    assert len(before.delays_ms) == len(guest.hello.cpus)
    # Two CPUs of the guest and the hogs share one: each gets a fraction of the two seconds.
    lost = [end - start for start, end in zip(before.delays_ms, after.delays_ms, strict=True)]
    assert min(lost) > 800
    waits = {name: awake_of(name) for name in metrics if awake_of(name) in metrics}
    assert len(waits) == 3
    assert all(metrics[awake] <= metrics[name] for name, awake in waits.items())
    assert any(metrics[awake] < metrics[name] for name, awake in waits.items())


async def test_hotplug_ends_a_policy_in_order_and_all_cpus_come_back(lab: Lab) -> None:
    spec = next(spec for spec in EXERCISES if spec.name == UNPLUGS)
    async with throwaway(lab) as guest:
        await attached(guest, "vtime_fair")
        metrics = await done(guest, spec, seconds=2.0)
        assert metrics["hotplugs_failed"] == 0
        ended = await guest.link.call("state", Nothing(), SchedulerState)
        assert ended.state == "disabled"
        assert ended.last_exit is not None
        assert "going offline" in ended.last_exit.message
        await check_clean(guest)


@pytest.mark.parametrize("name", ["cgroups", "hotplug", "memory", "forks"])
async def test_an_exercise_that_is_cut_off_leaves_nothing(lab: Lab, name: str) -> None:
    spec = next(spec for spec in EXERCISES if spec.name == name)
    async with throwaway(lab) as guest:
        with pytest.raises(LinkError, match="did not finish"):
            await done(guest, spec, seconds=20.0, timeout_s=1.5)
        await check_clean(guest)
        check(spec, await done(guest, spec))


async def test_evidence_grows_while_a_policy_works_and_a_dump_does_not_disturb(lab: Lab) -> None:
    async with throwaway(lab) as guest:
        idle = await evidence(guest)
        assert (idle.run_ns, idle.run_count, idle.events) == (0, 0, ())
        assert idle.memory_free_kb > 100_000
        live = await attached(guest, "vtime_fair")
        first = await evidence(guest)
        for _ in range(3):
            await guest.link.tell("dump")
        await done(guest, next(spec for spec in EXERCISES if spec.name == "saturated"))
        last = await evidence(guest)
        assert first.enable_seq == last.enable_seq == live.enable_seq
        assert last.run_count > first.run_count + 100
        assert last.run_ns > first.run_ns
        assert dict(last.events)
        assert last.uptime_s > first.uptime_s
        assert (last.splats, last.log_read) == ((), True)
        after = await guest.link.call("rollback", Nothing(), SchedulerState)
        assert after.state == "disabled"
        assert (await evidence(guest)).run_count == 0


async def test_evidence_is_given_while_an_exercise_runs(lab: Lab) -> None:
    async with throwaway(lab) as guest:
        await attached(guest, "fifo_rtc")
        running = asyncio.create_task(done(guest, EXERCISES[1], seconds=2.0))
        seen = [await asyncio.wait_for(evidence(guest), 3) for _ in range(5)]
        assert not running.done()
        assert all(one.log_read for one in seen)
        with contextlib.suppress(LinkError):
            await running


async def test_a_guest_can_have_been_up_for_hours(lab: Lab) -> None:
    if lab.accelerator != "tcg":
        pytest.skip("only emulated guests can be aged")
    shape = lab.shape(uptime_s=UPTIME_S)
    if not lab.files.saved(shape).exists():
        await save(lab.files, shape)
    async with throwaway(lab, UPTIME_S) as guest:
        start = await evidence(guest)
        assert UPTIME_S < start.uptime_s < UPTIME_S + 600
        assert (start.splats, start.log_read) == ((), True)
        await attached(guest, "vtime_fair")
        for name in ("saturated", "forks", "pinned"):
            spec = next(spec for spec in EXERCISES if spec.name == name)
            check(spec, await done(guest, spec))
        assert (await guest.link.call("state", Nothing(), SchedulerState)).state == "enabled"
        await check_clean(guest)
