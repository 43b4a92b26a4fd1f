"""The battery in real guests: good policies pass, each kind of harm is stopped by its code."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import pytest

from schedtui.engine.battery import GuestBattery, battery_bench
from schedtui.engine.throwaway import GuestInspector
from schedtui.measure.battery import exercise
from schedtui.model.battery import Depth
from schedtui.model.verdict import GateResult, Severity
from schedtui.objfile.facts import read_object
from schedtui.target.sandbox.lab import Lab
from schedtui.verify.battery.plan import GuestPlan, Step
from schedtui.verify.battery_gate import BatteryGate
from schedtui.verify.gate import Draft
from schedtui.verify.verifier import verdict_of
from tests.fakes.schedulers import compiled_source
from tests.unit.verify.sources import scheduler

pytestmark = [pytest.mark.vm, pytest.mark.timeout(400)]

ALL_THROUGH_ENQUEUE = """
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return prev_cpu;
}
"""
OPERATIONS = (
    ".select_cpu = OP(select_cpu), .enqueue = OP(enqueue), .dispatch = OP(dispatch), "
    ".init = OP(init)"
)
SLICE = "5 * NSEC_PER_MSEC"

# The names of a trial cannot be foreseen, but all of its tasks have a hyphen in theirs.
HAS_HYPHEN = """
static __always_inline bool is_of_a_trial(struct task_struct *p)
{
	if (is_kthread(p))
		return false;
	for (u32 i = 0; i < 12; i++)
		if (p->comm[i] == '-')
			return true;
	return false;
}
"""
TWO_QUEUES = """
s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	scx_bpf_create_dsq(1, -1);
	return scx_bpf_create_dsq(0, -1);
}
"""


def hostile(enqueue: str, before: str = "", init: str = "", dispatch: str = "") -> str:
    """Return a source in which every task passes through ``enqueue``."""
    parts = {"init": init, "dispatch": dispatch}
    head = "\nvoid SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)\n"
    return scheduler(
        before=before + ALL_THROUGH_ENQUEUE,
        enqueue=f"{head}{{\n{enqueue}\n}}\n",
        operations=OPERATIONS,
        **{name: code for name, code in parts.items() if code},
    )


def one_exercise(name: str, seconds: float = 4.0) -> tuple[GuestPlan, ...]:
    """Return one guest that does one thing: enough for a fault that shows in it."""
    return (GuestPlan(2, (Step(exercise(name), 1.0, seconds),), 0),)


async def tried(lab: Lab, data: bytes, plans: tuple[GuestPlan, ...]) -> GateResult:
    """Try an object without any gate before; the kernel is asked for its hashes only."""
    inspector = GuestInspector(lab)
    draft = Draft(read_object(data).ops_name, "", object=data)
    draft.report, draft.kernel = await inspector.inspect(data), inspector.kernel

    def open_bench(_: Draft, plan: GuestPlan) -> AbstractAsyncContextManager[GuestBattery]:
        return battery_bench(lab, data, verdict_of(draft), plan)

    gate = BatteryGate(open_bench, Depth.QUICK, lambda _: None, plan_guests=lambda *_: plans)
    return await gate.run(draft)


def errors(result: GateResult) -> set[str]:
    """Return the codes that reject."""
    return {found.code for found in result.findings if found.severity is Severity.ERROR}


# Policies pass the whole quick battery in tests/e2e. All of them, guests of other shapes, and the
# faults of the corpus that only running shows are in make bench-verify.
async def test_a_machine_that_cannot_fork_is_noticed(lab: Lab) -> None:
    refuse = """
s32 SCHEDTUI_OP(init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	return args->fork && is_of_a_trial(p) ? -1 : 0;
}
"""
    source = scheduler(
        before=HAS_HYPHEN + refuse,
        operations=".enqueue = OP(enqueue), .dispatch = OP(dispatch), .init = OP(init), "
        ".init_task = OP(init_task)",
    )
    result = await tried(lab, await compiled_source(source), one_exercise("forks", seconds=1.0))
    assert errors(result) & {"TRL010", "TRL011"}, result.findings


async def test_a_class_that_is_served_last_starves(lab: Lab) -> None:
    first_come = """
void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	if (!queue_take(0))
		queue_take(1);
}
"""
    source = hostile(
        f"queue_insert(p, p->scx.weight < 50, {SLICE}, enq_flags);",
        init=TWO_QUEUES,
        dispatch=first_come,
    )
    plans = one_exercise("lowly", seconds=exercise("lowly").seconds)
    result = await tried(lab, await compiled_source(source), plans)
    assert "TRL006" in errors(result), result.findings
