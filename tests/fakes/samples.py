"""Whole, plausible values of the model, for tests and for looking at the screen."""

from __future__ import annotations

import hashlib

from schedtui.model.deployment import ApprovalRequest
from schedtui.model.goal import (
    Direction,
    Family,
    GoalSpec,
    Guardrail,
    Metric,
    NameProfile,
    WorkloadProfile,
)
from schedtui.model.machine import Capability, Cpu, Hello, KernelInfo
from schedtui.model.plan import Candidate, Ceiling, Consideration, Layer, Plan
from schedtui.model.policy import Parameter, ParameterType, Policy
from schedtui.model.trial import (
    Effect,
    Outcome,
    Pair,
    TrialResult,
    Window,
    WorkloadSpec,
)
from schedtui.model.verdict import (
    Basis,
    Finding,
    GateName,
    GateResult,
    ProgramStats,
    Severity,
    Tool,
    Verdict,
)

HOSTILE_NAMES = (
    "[bold]x[/]",
    "[@click=app.quit]x[/]",
    "a[i]",
    "[/tmp/x]",
    "\\x1b]0;owned\\x07",
    "名前" * 8,
    "n" * 64,
)

FAIR = """// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
#include "schedtui.h"

const volatile u64 slice_ns = 5000000;

s32 BPF_STRUCT_OPS(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle = false;
	return scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);
}

void BPF_STRUCT_OPS(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 vtime = p->scx.dsq_vtime;

	/* a sleeper may not save up more than one slice */
	if (vtime < vtime_now - slice_ns)
		vtime = vtime_now - slice_ns;
	scx_bpf_dsq_insert_vtime(p, SHARED, slice_ns, vtime, enq_flags);
}

void BPF_STRUCT_OPS(dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(SHARED);
}

SCX_OPS_DEFINE(fair_ops, .name = "vtime_fair", .timeout_ms = 5000U);
"""

FIFO = """// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
#include "schedtui.h"

const volatile u64 slice_ns = 100000000;

s32 BPF_STRUCT_OPS(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle = false;
	return scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);
}

void BPF_STRUCT_OPS(enqueue, struct task_struct *p, u64 enq_flags)
{
	/* run to completion: first come, first served, long turns */
	scx_bpf_dsq_insert(p, SHARED, slice_ns, enq_flags);
}

void BPF_STRUCT_OPS(dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(SHARED);
}

SCX_OPS_DEFINE(fifo_ops, .name = "rtc_fifo", .timeout_ms = 5000U);
"""

KERNEL = KernelInfo("7.0.13+deb13-cloud-amd64", "4be0" * 10, "77aa" * 16, "boot-1")

LOADS = (
    WorkloadSpec(
        "service",
        "Oversubscribed request service",
        ("-t", "8"),
        4.0,
        "request_p99_us",
        "Time from a request's arrival to its answer, 4 workers per CPU.",
    ),
    WorkloadSpec(
        "batch", "Uneven batch", (), 0.0, "makespan_ms", "Time until the last of 40 jobs is done."
    ),
    WorkloadSpec(
        "game",
        "Game loop beside a compile",
        (),
        4.0,
        "missed_frames_pct",
        "Share of 60 Hz frames that were late.",
    ),
)


def hello(cpus: int = 4, target: str = "sandbox") -> Hello:
    """A sandbox with ``cpus`` CPUs, eight to a last-level cache, two caches to a node."""
    return Hello(
        protocol=1,
        target=target,
        kernel=KERNEL,
        cpus=tuple(Cpu(i, i // 2, i // 8, i // 16) for i in range(cpus)),
        capabilities=(
            Capability("sched_ext", available=True),
            Capability("bpf_probe", available=True),
            Capability("schedstat", available=True),
            Capability("psi", available=True),
            Capability("loads", available=True),
            Capability("deploy", available=True),
        ),
        memory_mb=512,
        virtual="tcg",
    )


def watch_only_hello() -> Hello:
    """A real machine without sched_ext."""
    lacks = (
        Capability(
            "sched_ext",
            available=False,
            reason="CONFIG_SCHED_CLASS_EXT is off in this kernel",
            fix="use --target sandbox, or boot a kernel 6.13 or newer with sched_ext",
        ),
        Capability("bpf_probe", available=False, reason="not root", fix="run as root"),
        Capability("psi", available=True),
        Capability("loads", available=False, reason="loads run only in the sandbox"),
        Capability("deploy", available=False, reason="this kernel has no sched_ext"),
    )
    base = hello(2, "local")
    return Hello(1, "local", base.kernel, base.cpus, lacks, 16_000)


def policy(name: str, source: str) -> Policy:
    """One repository entry."""
    slice_ns = Parameter(
        "slice_ns",
        ParameterType.INTEGER,
        5_000_000,
        "ns",
        "Longest turn of a task.",
        100_000,
        1_000_000_000,
    )
    return Policy(
        name=name,
        title=name.replace("_", " "),
        description="An entry for tests.",
        families=(Family.SERVICE,),
        tags=("test",),
        use_cases=("a service with more workers than CPUs",),
        limits=("cpu.weight is not honoured",),
        requires=(),
        parameters=(slice_ns,),
        source_name=f"{name}.bpf.c",
        source=source,
    )


POLICIES = (policy("rtc_fifo", FIFO), policy("vtime_fair", FAIR))


def goal(text: str) -> GoalSpec:
    """The service goal."""
    return GoalSpec(
        text=text,
        objective=Metric.REQUEST_P99,
        direction=Direction.LOWER,
        guardrails=(Guardrail(Metric.RATE, Direction.HIGHER, 0.02, "throughput must not drop"),),
        subjects=("request service",),
        families=(Family.SERVICE,),
        reading=(
            '"cut the p99 latency" is request p99, lower',
            '"throughput must not drop" is rate, at most 2 % worse',
        ),
    )


def profile() -> WorkloadProfile:
    """An oversubscribed service, as measured."""
    return WorkloadProfile(
        seconds=3.0,
        family=Family.SERVICE,
        confidence=0.82,
        utilisation=0.99,
        saturation=4.2,
        wakeup_p99_us=24_000,
        run_delay_p99_us=41_000,
        switches_per_s=12_400,
        voluntary_share=0.31,
        forks_per_s=0.3,
        names=(NameProfile("schbench-w", 16, 3.9, 21.0),),
        signals=("4.2 runnable tasks per CPU", "69 % of switches are forced"),
        unseen=(),
    )


def plan(text: str) -> Plan:
    """Modify the FIFO policy."""
    return Plan(
        layer=Layer.MODIFY,
        policy="rtc_fifo",
        base="vtime_fair",
        parameters=(("slice_ns", 100_000_000),),
        workload="service",
        goal=goal(text),
        profile=profile(),
        considered=(
            Consideration("rtc_fifo", 0.91, "long turns let lock holders finish"),
            Consideration("vtime_fair", 0.64, "fair, but still preempts lock holders"),
            Consideration("longest_first", 0.12, "no finite jobs were seen"),
        ),
        expected_low=3.0,
        expected_high=6.0,
        ceiling=Ceiling("request_p99_us", 6.1, "134 ms / (22 ms of own work) = 6.1"),
        why=("Workers are preempted while they hold a lock the others spin on.",),
        risks=("cpu.weight is not honoured while this policy is in charge",),
    )


def candidate(source: str = FIFO, base: str = FAIR) -> Candidate:
    """The FIFO policy with its parameter."""
    return Candidate(
        name="rtc_fifo",
        policy="rtc_fifo",
        source=source,
        source_sha256=hashlib.sha256(source.encode()).hexdigest(),
        base_name="vtime_fair" if base else "",
        base_source=base,
        parameters=(("slice_ns", 100_000_000),),
        author="offline rules",
    )


def pair(index: int, before: float = 134_000.0, after: float = 25_000.0) -> Pair:
    """One pair of windows; times in microseconds."""
    return Pair(
        index,
        Window("default", (("request_p99_us", before), ("rate_per_s", 246.0))),
        Window("rtc_fifo", (("request_p99_us", after), ("rate_per_s", 519.0))),
        baseline_first=index % 2 == 0,
    )


def effect(pairs: int = 7, low: float = 4.1, high: float = 7.0) -> Effect:
    """The objective's effect."""
    return Effect(
        metric="request_p99_us",
        direction=Direction.LOWER,
        factor=5.3,
        low=low,
        high=high,
        pairs=pairs,
        baseline_median=134_000.0,
        candidate_median=25_000.0,
        outcome=Outcome.BETTER,
    )


def rate_effect() -> Effect:
    """The guardrail's effect."""
    return Effect("rate_per_s", Direction.HIGHER, 2.1, 1.8, 2.4, 7, 246.0, 519.0, Outcome.BETTER)


GATES = (
    GateResult(GateName.RULES, passed=True, seconds=0.01, summary="0 findings"),
    GateResult(
        GateName.COMPILE,
        passed=True,
        seconds=0.3,
        summary="41 ms, reproducible",
        basis=Basis((), (Tool("schedtui", "0.1.0"), Tool("compiler", "zig 0.17.0"))),
    ),
    GateResult(GateName.OBJECT, passed=True, seconds=0.01, summary="1 ops, 3 programs, 2 maps"),
    GateResult(
        GateName.KERNEL,
        passed=True,
        seconds=0.9,
        summary="142 insns, 9 ms",
        basis=Basis(
            (), (Tool("schedtui", "0.1.0"), Tool("kernel", KERNEL.release), Tool("libbpf", "1.4"))
        ),
    ),
    GateResult(
        GateName.BATTERY,
        passed=True,
        seconds=16.0,
        summary="quick: 5 exercises on 2 CPUs, 3 reloads, longest gap 71 ms in forks on 2 CPUs",
    ),
    GateResult(
        GateName.TRIAL, passed=True, seconds=31.0, summary="request p99 5.3x lower [4.1, 7.0]"
    ),
)

REFUSED_BY_KERNEL = GateResult(
    GateName.KERNEL,
    passed=False,
    seconds=0.8,
    summary="enqueue: R1 invalid mem access 'scalar' [/tmp/x] a[i]",
    findings=(
        Finding(
            "KRN002",
            Severity.ERROR,
            "The kernel verifier refused enqueue: a pointer is used before it is checked.",
            "Check the pointer for NULL before it is read.",
            line=15,
        ),
    ),
)


def verdict(*, passed: bool = True) -> Verdict:
    """All gates passed, or the kernel refused."""
    trial = TrialResult(
        workload=LOADS[0],
        pairs=tuple(pair(i) for i in range(7)),
        objective=effect(),
        guardrails=(rate_effect(),),
        starved=(),
        max_wait_ms=38.0,
        baseline_max_wait_ms=31.0,
        boot_id="boot-2",
        seconds=31.0,
    )
    return Verdict(
        candidate="rtc_fifo",
        passed=passed,
        gates=GATES if passed else (*GATES[:3], REFUSED_BY_KERNEL),
        source_sha256=hashlib.sha256(FIFO.encode()).hexdigest(),
        object_sha256="9f31c2" + "5d" * 29,
        kernel_release=KERNEL.release,
        kernel_build_id=KERNEL.build_id,
        kernel_btf_sha256=KERNEL.btf_sha256,
        programs=(ProgramStats("enqueue", 142, 0.009),),
        trial=trial if passed else None,
    )


def request(source: str = FIFO, base: str = FAIR, text: str = "cut p99") -> ApprovalRequest:
    """What a person decides on."""
    return ApprovalRequest(
        candidate=candidate(source, base),
        plan=plan(text),
        verdict=verdict(),
        target="sandbox",
        blast_radius="all tasks of the sandbox; nothing on this machine",
        canary_s=30.0,
        undo="press r, or close this program: the kernel takes over within 2 s",
        risks=("cpu.weight is not honoured while this policy is in charge",),
    )
