"""The kernel gate: answers of the kernel turned into sentences."""

from __future__ import annotations

import asyncio

import pytest

from schedtui.model.machine import KernelInfo
from schedtui.model.verdict import InspectReport, ProgramStats
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
        self._report = report

    async def inspect(self, object_bytes: bytes) -> InspectReport:
        assert object_bytes.startswith(b"\x7fELF")
        if self._report is None:
            raise InspectError("the guest did not start")
        return self._report


def report(
    *, insns: int = 100, seconds: float = 0.1, skip: str = "", extra: str = ""
) -> InspectReport:
    names = ["enqueue", "dispatch", "init", "schedtui_exit", extra]
    programs = tuple(ProgramStats(n, insns, 0.01) for n in names if n and n != skip)
    return InspectReport(ok=True, programs=programs, error="", log=(), seconds=seconds)


def refused(*log: str, error: str = "") -> InspectReport:
    return InspectReport(ok=False, programs=(), error=error, log=log, failed_program="enqueue")


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
    assert said.summary == "4 programs, 400 insns processed, 0.10 s"
    assert subject.report == report()
    assert subject.kernel == KERNEL


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
        ("infinite loop detected at insn 4", "KRN004"),
        ("BPF program is too large. Processed 1000001 insn", "KRN004"),
        ("The sequence of 8193 jumps is too complex.", "KRN004"),
        ("Unreleased reference id=2 alloc_insn=5", "KRN005"),
        ("calling kernel function scx_bpf_create_dsq is not allowed", "KRN006"),
        ("program must be sleepable to call sleepable kfunc scx_bpf_create_dsq", "KRN006"),
        ("program of this type cannot use helper bpf_send_signal#109", "KRN006"),
        ("only read is supported", "KRN007"),
        ("kernel function scx_bpf_x_impl: cannot find function scx_bpf_x_impl in BTF", "KRN008"),
        ("combined stack size of 2 calls is 576. Too large", "KRN013"),
        ("R9 !read_ok", "KRN001"),
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
    log = ("; x @ scheduler.bpf.c:9", LINE, "; y @ schedtui.h:200", "R9 !read_ok", END)
    assert await said_of(refused(*log)) == [("KRN001", 17)]


async def test_log_of_an_older_kernel_has_no_line() -> None:
    assert await said_of(refused("; if (p->pid)", "R9 !read_ok", END)) == [("KRN001", 0)]


async def test_empty_log_falls_back_to_the_loader() -> None:
    answer = refused(error="extern (func ksym) 'scx_bpf_x': not found in kernel or module BTFs")
    assert await said_of(answer) == [("KRN008", 0)]
    assert await said_of(refused()) == [("KRN001", 0)]


async def test_kernel_words_are_in_the_sentence() -> None:
    said = await KernelGate(CannedInspector(refused(*TRACE, "R9 !read_ok", END))).run(await draft())
    assert said.findings[0].sentence == "The kernel refuses enqueue: R9 !read_ok."


async def test_costs_are_capped() -> None:
    assert {code for code, _ in await said_of(report(insns=200_001))} == {"KRN009"}
    assert await said_of(report(insns=200_000)) == []


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
    tried = {f"KRN{n:03}" for n in range(1, 14)}
    assert tried == {e.code for e in ALL if e.code.startswith("KRN")}
