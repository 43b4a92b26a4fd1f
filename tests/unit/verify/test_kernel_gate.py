"""The kernel gate: answers of the kernel turned into sentences."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

import pytest

import schedtui
from schedtui.model.machine import KernelInfo
from schedtui.model.sealing import ops_sha256
from schedtui.model.verdict import Digest, InspectReport, ProgramStats, Tool
from schedtui.objfile.facts import read_object
from schedtui.toolchain.bpf import compile_bpf
from schedtui.verify.codes import ALL
from schedtui.verify.gate import Draft
from schedtui.verify.kernel_gate import InspectError, KernelGate
from tests.unit.verify.sources import scheduler

KERNEL = KernelInfo("7.0.13", "ab" * 20, "cd" * 32, "boot")


class CannedInspector:
    """Answers with a report made for the test."""

    def __init__(self, report: InspectReport | None, kernel: KernelInfo | None = None) -> None:
        self.kernel = kernel
        self.guest = (Tool("emulator", "QEMU 10.0"), Tool("accelerator", "tcg"))
        self._report = report

    async def inspect(self, object_bytes: bytes) -> InspectReport:
        assert object_bytes.startswith(b"\x7fELF")
        if self._report is None:
            raise InspectError("the guest did not start")
        return self._report


def expected_ops() -> str:
    return ops_sha256("sample", {})


def report(
    *,
    insns: int = 100,
    states: int = 10,
    seconds: float = 0.1,
    skip: str = "",
    extra: str = "",
    calls: tuple[str, ...] = (),
    cut: tuple[str, ...] = (),
    ops: str = "",
) -> InspectReport:
    names = ["enqueue", "dispatch", "init", "schedtui_exit", extra]
    programs = tuple(
        ProgramStats(
            *(n, insns, 0.01),
            peak_states=states,
            calls=calls if n == "enqueue" else (),
        )
        for n in names
        if n and n != skip
    )
    return InspectReport(
        ok=True,
        programs=programs,
        error="",
        log=(),
        seconds=seconds,
        ops_sha256=ops or expected_ops(),
        rodata_sha256="0" * 64,
        cut_traces=cut,
        libbpf="1.4",
    )


def refused(*log: str, error: str = "", program: str = "enqueue") -> InspectReport:
    return InspectReport(ok=False, programs=(), error=error, log=log, failed_program=program)


async def draft() -> Draft:
    result = await compile_bpf(scheduler())
    assert result.object is not None
    return Draft("sample", scheduler(), object=result.object, facts=read_object(result.object))


async def said_of(answer: InspectReport | None) -> list[tuple[str, int]]:
    said = await KernelGate(CannedInspector(answer)).run(await draft())
    assert said.passed is (said.findings == ())
    return [(f.code, f.line) for f in said.findings]


async def test_yes_fills_the_draft() -> None:
    subject = await draft()
    said = await KernelGate(CannedInspector(report(), KERNEL)).run(subject)
    assert said.passed
    assert said.summary.startswith("4 programs, 400 insns processed, 0 functions called, ")
    assert said.summary.endswith("in dead branches, 0.10 s")
    assert subject.report == report()
    assert subject.kernel == KERNEL
    assert said.basis.read == (
        Digest("object", hashlib.sha256(subject.object or b"").hexdigest()),
        Digest("kernel types", KERNEL.btf_sha256),
    )
    assert {tool.name: tool.version for tool in said.basis.used} == {
        "schedtui": schedtui.__version__,
        "kernel": KERNEL.release,
        "kernel build": KERNEL.build_id,
        "emulator": "QEMU 10.0",
        "accelerator": "tcg",
        "libbpf": "1.4",
    }


async def test_without_an_answer_the_record_says_who_was_asked() -> None:
    subject = await draft()
    said = await KernelGate(CannedInspector(None, KERNEL)).run(subject)
    assert said.findings[0].code == "KRN011"
    assert Tool("kernel", KERNEL.release) in said.basis.used
    assert "libbpf" not in {tool.name for tool in said.basis.used}
    nobody = await KernelGate(CannedInspector(None)).run(await draft())
    assert [tool.name for tool in nobody.basis.used] == ["schedtui"]


async def test_what_a_guest_calls_itself_is_made_printable() -> None:
    answer = replace(report(), libbpf="1.4\x1b]0;x\x07" + "y" * 10_000)
    said = await KernelGate(CannedInspector(answer, KERNEL)).run(await draft())
    (told,) = (tool.version for tool in said.basis.used if tool.name == "libbpf")
    assert told.isprintable()
    assert len(told) < 1000


async def test_given_kernel_is_used() -> None:
    subject = await draft()
    await KernelGate(CannedInspector(report()), KERNEL).run(subject)
    assert subject.kernel == KERNEL


LINE = "; if (p->pid) @ scheduler.bpf.c:17"
TRACE = ("0: (79) r6 = *(u64 *)(r1 +8)", LINE, "3: (61) r1 = *(u32 *)(r0 +0)")
END = "processed 12 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("R0 invalid mem access 'map_value_or_null'", "KRN002"),
        ("R1 invalid mem access 'trusted_ptr_or_null_'", "KRN002"),
        ("Possibly NULL pointer passed to trusted arg0", "KRN002"),
        ("R0 unbounded memory access, make sure to bounds check any such access", "KRN003"),
        (
            "math between map_value pointer and register with unbounded min value is not allowed",
            "KRN003",
        ),
        ("invalid access to map value, value_size=8 off=8 size=8", "KRN003"),
        ("access beyond struct task_struct at off 20000 size 8", "KRN003"),
        ("R3 max value is outside of the allowed memory range", "KRN003"),
        ("infinite loop detected at insn 4", "KRN004"),
        ("BPF program is too large. Processed 1000001 insn", "KRN004"),
        ("The sequence of 8193 jumps is too complex.", "KRN004"),
        ("back-edge from insn 4 to 2", "KRN004"),
        ("Unreleased reference id=2 alloc_insn=5", "KRN005"),
        (
            "BPF_EXIT instruction in main prog cannot be used inside bpf_spin_lock-ed region",
            "KRN005",
        ),
        (
            "BPF_EXIT instruction in main prog cannot be used inside bpf_preempt_disable-ed region",
            "KRN005",
        ),
        ("calling kernel function scx_bpf_create_dsq is not allowed", "KRN006"),
        ("program must be sleepable to call sleepable kfunc scx_bpf_create_dsq", "KRN006"),
        ("program of this type cannot use helper bpf_send_signal#109", "KRN006"),
        ("kernel func scx_bpf_create_dsq is sleepable within rcu_read_lock region", "KRN006"),
        ("function calls are not allowed while holding a lock", "KRN006"),
        ("only read is supported", "KRN007"),
        ("write into map forbidden, value_size=8 off=0 size=8", "KRN007"),
        ("R1 cannot write into rdonly_mem", "KRN007"),
        ("kernel function scx_bpf_x_impl: cannot find function scx_bpf_x_impl in BTF", "KRN008"),
        ("kfunc 'scx_bpf_dispatch' is referenced but wasn't resolved", "KRN008"),
        ("invalid kernel function call not eliminated in verifier pass", "KRN008"),
        ("failed to resolve CO-RE relocation <byte_off> [5] struct task_struct.gone", "KRN008"),
        ("combined stack size of 2 calls is 576. Too large", "KRN013"),
        ("attach to unsupported member enqueue of struct sched_ext_ops", "KRN017"),
        ("R1 type=scalar expected=ptr_, trusted_ptr_, rcu_ptr_", "KRN018"),
        ("R1 must be referenced or trusted", "KRN018"),
        (
            "release kernel function bpf_task_release expects refcounted PTR_TO_BTF_ID",
            "KRN018",
        ),
        (
            "release kfunc bpf_task_release expects referenced PTR_TO_BTF_ID passed to R1",
            "KRN018",
        ),
        (
            "R1 pointer type STRUCT task_struct must point to scalar, or struct with scalar",
            "KRN018",
        ),
        ("arg#0 expected pointer to stack or const struct bpf_dynptr", "KRN018"),
        ("R9 !read_ok", "KRN019"),
        ("invalid read from stack R10 off=-8 size=8", "KRN019"),
        ("R1 invalid mem access 'scalar'", "KRN020"),
        ("invalid bpf_context access off=64 size=8", "KRN020"),
        ("dereference of modified trusted_ptr_ ptr R1 off=8 disallowed", "KRN020"),
        (
            "At program exit the register R0 has smin=5 smax=5 should have been in [-4095, 0]",
            "KRN021",
        ),
        ("unreachable insn 12", "KRN001"),
    ],
)
async def test_refusals_are_understood(message: str, code: str) -> None:
    assert await said_of(refused(*TRACE, message, END)) == [(code, 17)]


async def test_silent_refusal_of_a_write() -> None:
    log = (
        "     15: 0......... (95) exit",
        "Global function enqueue() doesn't return scalar. Only those are supported.",
        "0: R1=ctx() R10=fp0",
        "func 'enqueue' arg0 has btf_id 107078 type STRUCT 'task_struct'",
        "; p->prio = 1; @ scheduler.bpf.c:7",
        "4: (63) *(u32 *)(r1 +108) = r2",
        END,
    )
    assert await said_of(refused(*log, error="refused program enqueue")) == [("KRN007", 7)]


async def test_last_source_line_counts_and_headers_do_not() -> None:
    log = ("; x @ scheduler.bpf.c:9", LINE, ";  @ schedtui.h:200", "R9 !read_ok", END)
    assert await said_of(refused(*log)) == [("KRN019", 17)]


async def test_what_is_not_given_back_is_shown_where_it_was_taken() -> None:
    log = (
        "; struct task_struct *q = bpf_task_from_pid(1); @ scheduler.bpf.c:9",
        "5: (85) call bpf_task_from_pid#90000",
        LINE,
        "9: (95) exit",
        "Unreleased reference id=2 alloc_insn=5",
        "BPF_EXIT instruction in main prog would lead to reference leak",
        "verification time 12630 usec",
        "stack depth 0",
        "insns processed 9",
        END,
    )
    assert await said_of(refused(*log)) == [("KRN005", 9)]


async def test_log_without_a_line_shows_the_operation() -> None:
    at = (
        scheduler()
        .splitlines()
        .index("void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)")
    )
    assert await said_of(refused("; if (p->pid)", "R9 !read_ok", END)) == [("KRN019", at + 1)]
    assert await said_of(refused("R9 !read_ok", END, program="other")) == [("KRN019", 0)]


async def test_missing_function_is_shown_where_it_is_called() -> None:
    source = scheduler()
    line = next(i for i, text in enumerate(source.splitlines(), 1) if "queue_insert(" in text)
    words = "extern (func ksym) 'queue_insert': not found in kernel or module BTFs"
    assert await said_of(refused(error=words, program="")) == [("KRN008", line)]


@pytest.mark.parametrize(
    ("message", "lacked"),
    [
        ("kfunc 'scx_bpf_x' is referenced but wasn't resolved", "the function scx_bpf_x"),
        (
            "libbpf: extern (func ksym) 'scx_bpf_x': func_proto [12] incompatible with vmlinux [9]",
            "the function scx_bpf_x with the arguments it is given",
        ),
        (
            "failed to resolve CO-RE relocation <byte_off> [5] struct task_struct.gone (0:3)",
            "struct task_struct.gone",
        ),
        (
            "libbpf: struct_ops init_kern s_ops: Cannot find member cgroup_x in kernel BTF",
            "the operation cgroup_x",
        ),
        ("invalid func unknown#195896080", "something (invalid func unknown#195896080)"),
    ],
)
async def test_what_the_kernel_lacks_is_named(message: str, lacked: str) -> None:
    said = await sentence_of(refused(message, "libbpf: failed to load object 'inspected'"))
    assert said.startswith(f"This kernel lacks {lacked}, which the scheduler needs.")


async def test_empty_log_falls_back_to_the_loader() -> None:
    answer = refused(
        error="extern (func ksym) 'scx_bpf_x': not found in kernel or module BTFs", program=""
    )
    assert await said_of(answer) == [("KRN008", 0)]
    assert await said_of(refused(program="")) == [("KRN001", 0)]


async def sentence_of(answer: InspectReport) -> str:
    said = await KernelGate(CannedInspector(answer)).run(await draft())
    return said.findings[0].sentence


async def test_kernel_words_and_the_line_are_in_the_sentence() -> None:
    said = await sentence_of(refused(*TRACE, "unreachable insn 12", END))
    assert said == "The kernel refuses enqueue: unreachable insn 12. Line 17: if (p->pid)"


async def test_foreign_text_in_the_line_is_made_printable() -> None:
    log = ("; \x1b]0;title\x07 @ scheduler.bpf.c:3", "R9 !read_ok", END)
    said = await sentence_of(refused(*log))
    assert said.endswith(r"Line 3: \x1b]0;title\x07")


async def test_the_loaders_no_is_told_from_the_kernels() -> None:
    answer = InspectReport(*(False, (), "the scheduler names a member twice", ()), by_loader=True)
    last = len(scheduler().splitlines())
    assert await said_of(answer) == [("KRN022", last)]
    said = await sentence_of(answer)
    assert "The loader refuses the object: the scheduler names" in said
    assert f"Line {last}: SCHEDTUI_OPS(sample" in said


async def test_what_the_kernel_lacks_is_no_fault_of_the_object() -> None:
    words = "the object (extern (func ksym) 'scx_bpf_x': not found in kernel or module BTFs)"
    answer = InspectReport(*(False, (), words, ()), by_loader=True)
    assert await said_of(answer) == [("KRN008", 0)]


async def codes_of(answer: InspectReport) -> set[str]:
    return {code for code, _ in await said_of(answer)}


async def test_costs_are_capped() -> None:
    assert await codes_of(report(insns=200_001)) == {"KRN009"}
    assert await codes_of(report(states=20_001)) == {"KRN016"}
    assert await codes_of(report(seconds=45.1)) == {"KRN010"}
    assert await said_of(report(insns=200_000, states=20_000, seconds=45.0)) == []


async def test_costs_are_shown_at_the_operation() -> None:
    said = await KernelGate(CannedInspector(report(insns=200_001))).run(await draft())
    shown = next(f for f in said.findings if " for enqueue" in f.sentence)
    assert f" Line {shown.line}: void SCHEDTUI_OP(enqueue" in shown.sentence


async def test_calls_that_were_read_from_the_object_are_expected() -> None:
    subject = await draft()
    assert subject.facts is not None
    kfuncs = subject.facts.kfuncs
    assert "scx_bpf_dsq_insert" in kfuncs
    said = await KernelGate(CannedInspector(report(calls=("scx_bpf_dsq_insert",)))).run(subject)
    assert said.passed, said.findings
    assert "1 functions called" in said.summary
    # Not seen: what other programs call, and what the exit operation does.
    assert f"{len({*kfuncs, 'bpf_probe_read_kernel_str'}) - 1} in dead branches" in said.summary


@pytest.mark.parametrize(
    "call",
    [
        "bpf_send_signal_task",
        "bpf_send_signal",
        # In the object, but not where the kernel came to it.
        "bpf_probe_read_kernel_str",
        "scx_bpf_create_dsq",
        "scx_bpf_dsq_insert_",
        "scx_bpf_dsq",
    ],
)
async def test_a_call_that_was_hidden_from_us_is_a_no(call: str) -> None:
    answer = report(calls=tuple(sorted(("scx_bpf_dsq_insert", call))))
    assert await codes_of(answer) == {"KRN014"}
    said = await sentence_of(answer)
    assert f"The kernel comes to {call} in enqueue" in said


async def test_a_trace_that_was_cut_proves_nothing() -> None:
    assert await codes_of(report(cut=("enqueue",))) == {"KRN015"}
    assert await codes_of(report(cut=("",))) == {"KRN015"}
    # Too large is said once.
    assert await codes_of(report(cut=("enqueue",), insns=200_001)) == {"KRN009"}


async def test_the_kernel_was_asked_about_the_clamped_operations() -> None:
    assert await codes_of(report(ops=ops_sha256("sample", {"flags": 8}))) == {"KRN012"}
    assert await codes_of(report(ops="0" * 64)) == {"KRN012"}


class SlowInspector:
    """Never answers; tells whether it was stopped."""

    stopped = False

    async def inspect(self, object_bytes: bytes) -> InspectReport:
        try:
            await asyncio.sleep(60)
        finally:
            self.stopped = True
        return report()


async def test_kernel_that_takes_too_long_is_a_no() -> None:
    inspector = SlowInspector()
    said = await KernelGate(inspector, seconds_limit=0.05).run(await draft())
    assert [f.code for f in said.findings] == ["KRN010"]
    assert "0.05 s" in said.findings[0].sentence
    assert inspector.stopped


async def test_answer_must_be_about_this_object() -> None:
    assert await said_of(report(skip="enqueue")) == [("KRN012", 0)]
    assert await said_of(report(extra="spy")) == [("KRN012", 0)]


async def test_no_answer_is_a_no() -> None:
    assert await said_of(None) == [("KRN011", 0)]


async def test_no_object_is_a_no() -> None:
    said = await KernelGate(CannedInspector(report())).run(Draft("sample", scheduler()))
    assert [f.code for f in said.findings] == ["KRN011"]


def test_all_codes_are_covered() -> None:
    tried = {f"KRN{n:03}" for n in range(1, 25)}  # 23 and 24: test_program_gate
    assert tried == {e.code for e in ALL if e.code.startswith("KRN")}
