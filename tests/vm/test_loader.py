"""What the loader sets, compares and refuses, and how the kernel's answer is read: a real kernel.

One guest serves each test. Nothing here goes through the gates before the kernel's, so that the
loader and the kernel gate are shown to hold by themselves.
"""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import time
from dataclasses import dataclass

import pytest

from schedtui.model.protocol import DeployArgs, InspectArgs, LoadArgs, Nothing, Parameters
from schedtui.model.sealing import mac, ops_sha256
from schedtui.model.telemetry import SchedulerState
from schedtui.model.verdict import InspectReport, Token
from schedtui.objfile.facts import read_object
from schedtui.policy.repository import load_repository
from schedtui.policy.values import load_values
from schedtui.target.link import LinkError
from schedtui.target.sandbox.target import Guest
from schedtui.verify.kernel_calls import compared
from schedtui.verify.kernel_gate import clamped_ops_sha256, judge_report
from schedtui.verify.kernel_log import refusal
from schedtui.verify.object_helpers import helper_of
from tests.fakes.schedulers import compiled, compiled_source, constants_sha256, deploy_args

pytestmark = pytest.mark.vm

HEAD = """#include "schedtui.h"
"""
PLAIN_ENQUEUE = """
void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}
"""
PLAIN_END = """
SCHEDTUI_OPS(sample, .enqueue = OP(enqueue));
"""

KNOBS = (
    HEAD
    + """
extern void scx_bpf_exit_bstr(s64 exit_code, char *format, u64 *data, u32 size) __ksym;

const volatile u64 slice_us = 5000;
const volatile s32 code = 0;
const volatile u16 after = 1;
const volatile s8 small = 0;
const volatile bool ends = false;
const volatile struct name_weight hints[HINTS_MAX] = {};
const volatile u8 table[4] = {};
static const volatile u64 hidden = 3;
u64 seen = 0;
u64 used = 0;

static char words[] = "left by itself";

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 none = 0;

	if (ends && __sync_fetch_and_add(&seen, 1) == after)
		scx_bpf_exit_bstr(code, words, &none, 0);
	used = hidden + small + table[0] + hints[0].expected_ms;
	queue_insert(p, SCX_DSQ_GLOBAL, slice_us * NSEC_PER_USEC, enq_flags);
}

SCHEDTUI_OPS(knobs, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
"""
)


async def inspected(guest: Guest, data: bytes, parameters: Parameters = ()) -> InspectReport:
    """Return what a guest's kernel says of an object."""
    args = InspectArgs(base64.b64encode(data).decode(), parameters)
    return await guest.link.call("inspect", args, InspectReport, 90)


async def deployed(guest: Guest, args: DeployArgs) -> SchedulerState:
    """Deploy, and return who schedules then."""
    return await guest.link.call("deploy", args, SchedulerState)


async def state(guest: Guest) -> SchedulerState:
    """Return who schedules."""
    return await guest.link.call("state", Nothing(), SchedulerState)


def args_for(
    guest: Guest, name: str, data: bytes, report: InspectReport, parameters: Parameters = ()
) -> DeployArgs:
    """Return a deploy call for an object as it was inspected."""
    key = guest.link.session_key
    args = deploy_args(name, data, guest.hello, key, report=report, parameters=parameters)
    # Long enough for a busy host; what a lease is for is shown elsewhere.
    return dataclasses.replace(args, lease_ms=10_000)


async def test_parameters_reach_the_running_scheduler(guest: Guest) -> None:
    data = await compiled_source(KNOBS)
    chosen: Parameters = (("ends", 1), ("code", -77), ("after", 300), ("slice_us", 1000))
    report = await inspected(guest, data, chosen)
    assert report.ok, report
    live = await deployed(guest, args_for(guest, "knobs", data, report, chosen))
    assert (live.state, live.ops) == ("enabled", "knobs")
    await guest.link.tell("load", LoadArgs("request_service", ("-m", "1", "-t", "4", "-F", "64")))
    deadline = time.monotonic() + 30
    while (now := await guest.link.call("renew", Nothing(), SchedulerState)).ours:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    assert now.last_exit is not None, now.ended
    left = (now.last_exit.code, now.last_exit.message)
    assert left == (-77, "left by itself"), (now.last_exit, now.ended)


async def test_parameters_change_what_the_kernel_checks_and_the_hash(guest: Guest) -> None:
    data = await compiled_source(KNOBS)
    plain, other = await inspected(guest, data), await inspected(guest, data, (("ends", 1),))
    # The verifier takes a constant for what it is: the branch is dead, or it is not.
    assert "scx_bpf_exit_bstr" not in plain.programs[1].calls
    assert "scx_bpf_exit_bstr" in other.programs[1].calls
    assert plain.rodata_sha256 == constants_sha256(data)
    assert plain.rodata_sha256 != other.rodata_sha256
    assert plain.ops_sha256 == other.ops_sha256 == clamped_ops_sha256(read_object(data))
    same = await inspected(guest, data, (("slice_us", 5000), ("ends", 0)))
    assert same.rodata_sha256 == plain.rodata_sha256


WRONG: tuple[tuple[Parameters, str], ...] = (
    ((("nothing", 1),), "no parameter nothing"),
    ((("", 1),), "no parameter"),
    ((("words", 1),), "no parameter words"),
    ((("seen", 1),), "no parameter seen"),
    ((("hidden", 1),), "no parameter hidden"),
    ((("hints", 1),), "hints is no whole number"),
    ((("table", 1),), "table is no whole number"),
    ((("slice_us", 1), ("slice_us", 2)), "given twice"),
    ((("ends", 2),), "ends is either 0 or 1"),
    ((("ends", -1),), "ends is either 0 or 1"),
    ((("slice_us", -1),), "slice_us cannot hold -1"),
    ((("slice_us", 1 << 64),), "slice_us cannot hold"),
    ((("code", 1 << 31),), "code cannot hold"),
    ((("code", -(1 << 31) - 1),), "code cannot hold"),
    ((("after", 1 << 16),), "after cannot hold"),
    ((("small", 128),), "small cannot hold 128"),
    ((("slice_us", 4000), ("nothing", 1)), "no parameter nothing"),
)
FITTING: Parameters = (
    *(("slice_us", (1 << 64) - 1), ("code", -(1 << 31)), ("after", (1 << 16) - 1)),
    *(("small", -128), ("ends", 0)),
)


async def test_wrong_parameters_are_refused(guest: Guest) -> None:
    data = await compiled_source(KNOBS)
    for parameters, reason in WRONG:
        report = await inspected(guest, data, parameters)
        assert (report.ok, report.by_loader) == (False, True), parameters
        assert reason in report.error, (parameters, report.error)
    assert (await inspected(guest, data, FITTING)).ok
    # None at all where an object has none.
    bare = await compiled_source(HEAD + PLAIN_ENQUEUE + PLAIN_END)
    report = await inspected(guest, bare, (("slice_us", 1),))
    assert "no parameter" in report.error


async def test_declared_ranges_and_the_object_agree(guest: Guest) -> None:
    for policy in load_repository():
        data = await compiled(policy.name)
        chosen = {p.name: p.maximum for p in policy.parameters if isinstance(p.default, int)}
        chosen = {name: value for name, value in chosen.items() if value}
        parameters = load_values(policy, chosen)
        assert parameters
        report = await inspected(guest, data, parameters)
        assert report.ok, (policy.name, report.error)


def resealed(guest: Guest, args: DeployArgs, **changes: object) -> DeployArgs:
    """Return a call whose token says something else and is sealed all the same."""
    changed: Token = dataclasses.replace(args.token, **changes)  # type: ignore[arg-type] # by name
    seal = mac(guest.link.session_key, changed)
    return dataclasses.replace(args, token=dataclasses.replace(changed, mac=seal))


async def test_what_was_not_verified_is_not_loaded(guest: Guest) -> None:
    data = await compiled_source(KNOBS)
    report = await inspected(guest, data)
    other = await inspected(guest, data, (("slice_us", 4000),))

    def fresh() -> DeployArgs:
        return args_for(guest, "knobs", data, report)

    changed = [
        dataclasses.replace(fresh(), parameters=(("slice_us", 4000),)),
        dataclasses.replace(fresh(), parameters=(("ends", 1),)),
        resealed(guest, fresh(), rodata_sha256=other.rodata_sha256),
        resealed(guest, fresh(), ops_sha256=ops_sha256("knobs", {"flags": 2})),
        resealed(guest, fresh(), scheduler="other"),
    ]
    for args in changed:
        with pytest.raises(LinkError, match=r"verified|approved") as caught:
            await deployed(guest, args)
        assert caught.value.refused
        # And the token is used up.
        with pytest.raises(LinkError, match="used already"):
            await deployed(guest, args)
    token = dataclasses.replace(fresh().token, rodata_sha256=other.rodata_sha256)
    with pytest.raises(LinkError, match="seal"):
        await deployed(guest, dataclasses.replace(fresh(), token=token))
    assert (await state(guest)).state == "disabled"
    live = await deployed(guest, fresh())
    assert (live.state, live.ops) == ("enabled", "knobs")


GREEDY = """
SCHEDTUI_EXIT_RECORD
char schedtui_license[] SEC("license") = "GPL";
SEC(".struct_ops.link")
struct sched_ext_ops greedy_ops = {
	.enqueue = OP(enqueue),
	.exit = OP(schedtui_exit),
	.timeout_ms = 60000,
	.dispatch_max_batch = 0x7fffffff,
	.exit_dump_len = 0x7fffffff,
	.flags = ~0ULL & ~SCX_OPS_ENQ_LAST,
	.name = "greedy",
};
"""
"""Each of these numbers alone is refused by the kernel or brings it into trouble."""


async def test_greedy_data_members_are_clamped(guest: Guest) -> None:
    data = await compiled_source(HEAD + PLAIN_ENQUEUE + GREEDY)
    report = await inspected(guest, data)
    assert report.ok, report
    clamped = {"dispatch_max_batch": 128, "exit_dump_len": 65536, "flags": 0b110101}
    assert report.ops_sha256 == ops_sha256("greedy", clamped)
    live = await deployed(guest, args_for(guest, "greedy", data, report))
    assert (live.state, live.ops) == ("enabled", "greedy")
    # Without its flag for a partial switch, everything is its business.
    assert live.switch_all
    after = await guest.link.call("rollback", Nothing(), SchedulerState)
    assert after.state == "disabled"


async def test_the_watchdog_is_ours(guest: Guest) -> None:
    drops = "\nvoid SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)\n{\n}\n"
    data = await compiled_source(HEAD + drops + GREEDY)
    args = deploy_args("greedy", data, guest.hello, guest.link.session_key, timeout_ms=1000)
    args = dataclasses.replace(args, lease_ms=10_000)
    started = time.monotonic()
    try:
        await deployed(guest, args)
        while (now := await state(guest)).ours:
            assert time.monotonic() - started < 10
            await asyncio.sleep(0.1)
        assert now.last_exit is not None
        words = now.last_exit.reason
    except LinkError as error:
        # It may be thrown out before it is proved to be in charge.
        words = error.sentence
    assert "stall" in words
    # Its own wish was a minute.
    assert time.monotonic() - started < 10


ODD = {
    "a program that is no operation": (
        PLAIN_ENQUEUE
        + 'SEC("tp_btf/sched_switch")\nint BPF_PROG(spy, bool preempt)\n{\n\treturn 0;\n}\n'
        + PLAIN_END,
        "no operation of a scheduler",
    ),
    "a map that outlives it": (
        "struct {\n\t__uint(type, 2);\n\t__uint(max_entries, 1);\n\t__type(key, u32);\n"
        '\t__type(value, u64);\n\t__uint(pinning, 1);\n} kept SEC(".maps");\n'
        + PLAIN_ENQUEUE
        + PLAIN_END,
        "outlive",
    ),
    "a legacy section": (
        PLAIN_ENQUEUE + GREEDY.replace(".struct_ops.link", ".struct_ops"),
        "must be in section .struct_ops.link",
    ),
    "two schedulers": (
        PLAIN_ENQUEUE
        + PLAIN_END
        + 'SEC(".struct_ops.link")\nstruct sched_ext_ops more_ops = {\n\t.enqueue = OP(enqueue),\n'
        '\t.timeout_ms = 5000,\n\t.name = "more",\n};\n',
        "defines 2 schedulers",
    ),
    "an empty name": (PLAIN_ENQUEUE + GREEDY.replace('"greedy"', '""'), "name is not made of"),
    "an escape in the name": (
        PLAIN_ENQUEUE + GREEDY.replace('"greedy"', '"a\\x1b[2J"'),
        "name is not made of",
    ),
    "a hidden name": (
        PLAIN_ENQUEUE + GREEDY.replace('"greedy"', '"nice\\0evil"'),
        "goes on behind its end",
    ),
}


async def test_the_loader_takes_one_scheduler_and_nothing_else(guest: Guest) -> None:
    for what, (source, reason) in ODD.items():
        report = await inspected(guest, await compiled_source(HEAD + source))
        assert (report.ok, report.by_loader) == (False, True), (what, report)
        assert reason in report.error, (what, report.error)
        assert refusal(report, source).code == "KRN022", what


@pytest.mark.parametrize("name", [policy.name for policy in load_repository()])
async def test_the_kernel_calls_what_we_read(guest: Guest, name: str) -> None:
    data = await compiled(name)
    facts, report = read_object(data), await inspected(guest, data)
    assert judge_report(report, facts) == ()
    seen, unseen = compared(report, facts)
    helpers = {helper_of(number)[0] for number in facts.helpers}
    assert seen | unseen == {*facts.kfuncs, *helpers}
    assert not seen & unseen
    # What the kernel did not come to is for kernels without a clock of their own, for hints, of
    # which there are none, and for caches that are not told apart.
    grouped = {"bpf_cpumask_test_cpu", "scx_bpf_test_and_clear_cpu_idle"}
    assert unseen <= {"bpf_ktime_get_ns", "scx_bpf_dsq_insert_vtime", *grouped}
    assert {"scx_bpf_create_dsq", "scx_bpf_dsq_insert", "scx_bpf_dsq_move_to_local"} <= seen
    for program in report.programs:
        assert program.processed_insns > 0
        assert program.xlated_bytes % 8 == 0
        assert program.xlated_bytes > 0
        assert program.jited_bytes > 0
        assert len(program.tag) == 16
        assert program.peak_states <= program.total_states
    assert report.rodata_sha256 == constants_sha256(data)


async def test_a_call_that_we_had_not_read_is_found(guest: Guest) -> None:
    data = await compiled("fifo_rtc")
    facts, report = read_object(data), await inspected(guest, data)
    blind = tuple(
        dataclasses.replace(code, externs=code.externs - {"scx_bpf_kick_cpu"})
        for code in facts.code
    )
    findings = judge_report(report, dataclasses.replace(facts, code=blind))
    assert [found.code for found in findings] == ["KRN014"]
    assert "scx_bpf_kick_cpu in enqueue" in findings[0].sentence


@dataclass(frozen=True)
class Wrong:
    """A source that the kernel refuses; the line with the mark is where."""

    code: str
    before: str = ""
    body: str = ""
    insert: str = "\tqueue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);"
    opening: str = "void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)"

    def source(self) -> str:
        """Return the whole source."""
        parts = (HEAD, self.before, self.opening, "{", self.body, self.insert, "}", PLAIN_END)
        return "\n".join(parts)

    def line(self) -> int:
        """Return the number of the marked line."""
        lines = self.source().splitlines()
        return next(i for i, line in enumerate(lines, 1) if MARK in line)


MARK = "/* here */"
FROM_PID = "extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym;"
RELEASE = "extern void bpf_task_release(struct task_struct *p) __ksym;"

WRONGS = {
    "null": Wrong(
        "KRN002",
        f"{FROM_PID}\n{RELEASE}\nu64 seen;",
        "\tstruct task_struct *q = bpf_task_from_pid(1);\n"
        "\tseen = q->pid; /* here */\n\tbpf_task_release(q);",
    ),
    "index": Wrong("KRN003", "static u64 seen[64];", "\tseen[p->pid]++; /* here */"),
    "loop": Wrong("KRN004", "u64 word;", "\twhile (!READ_ONCE(word)) /* here */\n\t\t;"),
    "not released": Wrong(
        "KRN005",
        f"{FROM_PID}\nu64 seen;",
        "\tstruct task_struct *q = bpf_task_from_pid(1); /* here */\n\tif (q)\n\t\tseen = q->pid;",
    ),
    "may not be called there": Wrong(
        "KRN006", "", "\tif (scx_bpf_create_dsq(7, -1)) /* here */\n\t\treturn;"
    ),
    "write": Wrong("KRN007", "", "\tp->flags = 0; /* here */"),
    "missing": Wrong(
        "KRN008",
        "extern void scx_bpf_never_was(u64 x) __ksym __weak;",
        "\tscx_bpf_never_was(enq_flags); /* here */",
    ),
    "missing and needed": Wrong(
        "KRN008",
        "extern void scx_bpf_never_was(u64 x) __ksym;",
        "\tscx_bpf_never_was(enq_flags); /* here */",
    ),
    "sleepable": Wrong(
        "KRN017",
        opening="void SCHEDTUI_SLEEPABLE_OP(enqueue, struct task_struct *p, /* here */\n"
        "\t\t\t   u64 enq_flags)",
    ),
    "number as an address": Wrong(
        "KRN020", "u64 seen;", "\tseen = *(u64 *)(enq_flags + 64); /* here */"
    ),
}


async def test_refusals_name_the_line(guest: Guest) -> None:
    for what, wrong in WRONGS.items():
        source = wrong.source()
        data = await compiled_source(source)
        report = await inspected(guest, data)
        found = judge_report(report, read_object(data), source)[0]
        text = source.splitlines()[wrong.line() - 1].strip()
        assert (found.code, found.line) == (wrong.code, wrong.line()), (what, found, report.log)
        assert found.sentence.endswith(f"Line {found.line}: {text}"), (what, found)
