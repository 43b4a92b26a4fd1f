"""Object rules, each with a real object that must be refused."""

from __future__ import annotations

import dataclasses
import struct
from pathlib import Path

import pytest

from schedtui.model.verdict import Severity
from schedtui.objfile.facts import ObjectFacts, read_object
from schedtui.resources import resource_dir
from schedtui.toolchain.bpf import compile_bpf
from schedtui.verify.codes import ALL
from schedtui.verify.gate import Draft
from schedtui.verify.object_gate import INSN_LIMIT, ObjectGate, judge_object
from tests.unit.verify.sources import HEAD, scheduler, with_enqueue

INSERT = "queue_insert(p, 0, 1000, enq_flags);"


def helper_call(number: int) -> str:
    """Return a source that calls a helper with two numbers."""
    declared = f"static long (*const called)(u64 a, u64 b) = (void *){number};\n"
    return with_enqueue(f"called(1, 2); {INSERT}", declared)


def kfunc_call(name: str) -> str:
    """Return a source that calls a kernel function of a name."""
    declared = f"extern void {name}(struct task_struct *p) __ksym;\n"
    return with_enqueue(f"{name}(p); {INSERT}", declared)


def extra_program(section: str) -> str:
    """Return a source with another program beside the scheduler."""
    return scheduler(before=f'SEC("{section}") int extra(void *ctx) {{ return 0; }}\n')


def map_of(kind: int, entries: int, more: str = "") -> str:
    """Return a source with a map that is used."""
    declared = (
        f"struct {{ __uint(type, {kind}); __uint(max_entries, {entries}); {more}"
        '__type(key, u32); __type(value, u64); } table SEC(".maps");\n'
    )
    return with_enqueue(f"u32 key = 0; bpf_map_lookup_elem(&table, &key); {INSERT}", declared)


def raw_scheduler(section: str, members: str, kind: str = "sched_ext_ops") -> str:
    """Return a source that defines its struct_ops variable by hand."""
    return (
        HEAD
        + 'char own_license[] SEC("license") = "GPL";\n'
        + "void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)\n"
        + f"{{ {INSERT} }}\n"
        + 'SEC("struct_ops/end") void BPF_PROG(end, struct scx_exit_info *info) {}\n'
        + "struct tcp_congestion_ops { void (*release)(void *sk); };\n"
        + f'SEC("{section}") struct {kind} own = {{ {members} }};\n'
    )


GOOD_MEMBERS = '.enqueue = (void *)enqueue, .exit = (void *)end, .timeout_ms = 3000, .name = "x"'
TWO = raw_scheduler(".struct_ops.link", GOOD_MEMBERS) + (
    'SEC(".struct_ops.link") struct sched_ext_ops second = { .enqueue = (void *)enqueue,'
    ' .timeout_ms = 1, .name = "y" };\n'
)

BAD: list[tuple[str, str]] = [
    ("OBJ002", TWO),
    (
        "OBJ003",
        raw_scheduler(".struct_ops.link", ".release = (void *)enqueue", "tcp_congestion_ops"),
    ),
    ("OBJ004", raw_scheduler(".struct_ops", GOOD_MEMBERS)),
    ("OBJ005", extra_program("kprobe/do_exit")),
    ("OBJ005", extra_program("tp_btf/sched_switch")),
    ("OBJ005", extra_program("lsm/file_open")),
    ("OBJ005", extra_program("xdp")),
    ("OBJ005", extra_program("syscall")),
    ("OBJ005", extra_program("?kprobe/do_exit")),
    ("OBJ006", scheduler(before='u64 odd SEC(".kconfig") = 1;\n')),
    ("OBJ006", scheduler(before='u64 odd SEC("version") = 1;\n')),
    ("OBJ007", helper_call(15)),
    ("OBJ008", helper_call(109)),
    ("OBJ008", helper_call(117)),
    ("OBJ008", kfunc_call("bpf_send_signal_task")),
    ("OBJ009", helper_call(114)),
    ("OBJ009", helper_call(115)),
    ("OBJ009", helper_call(36)),
    ("OBJ009", kfunc_call("bpf_copy_from_user_task_str")),
    ("OBJ010", helper_call(6)),
    ("OBJ010", helper_call(130)),
    ("OBJ011", helper_call(12)),
    ("OBJ012", kfunc_call("bpf_iter_task_new")),
    ("OBJ012", kfunc_call("scx_bpf_sub_kill")),
    ("OBJ014", with_enqueue("enq_flags += jiffies;" + INSERT, "extern u64 jiffies __ksym;\n")),
    ("OBJ015", map_of(27, 4096)),
    ("OBJ015", map_of(3, 4)),
    ("OBJ016", map_of(2, 1 << 24)),
    (
        "OBJ016",
        with_enqueue(f"waste[enq_flags & 3] = 1; {INSERT}", "u8 waste[80 << 20];\n"),
    ),
    ("OBJ017", map_of(2, 4, "__uint(pinning, 1); ")),
    ("OBJ018", raw_scheduler(".struct_ops.link", GOOD_MEMBERS).replace('"GPL"', '"Other"')),
    ("OBJ019", raw_scheduler(".struct_ops.link", GOOD_MEMBERS.replace("3000", "60000"))),
    ("OBJ019", raw_scheduler(".struct_ops.link", GOOD_MEMBERS.replace(".timeout_ms = 3000,", ""))),
    ("OBJ019", raw_scheduler(".struct_ops.link", GOOD_MEMBERS + ", .exit_dump_len = 1u << 31")),
    (
        "OBJ019",
        raw_scheduler(".struct_ops.link", GOOD_MEMBERS + ", .dispatch_max_batch = 0x7fffffff"),
    ),
    ("OBJ020", raw_scheduler(".struct_ops.link", GOOD_MEMBERS + ", .flags = 8")),
    ("OBJ020", raw_scheduler(".struct_ops.link", GOOD_MEMBERS + ", .flags = 1ULL << 40")),
    (
        "OBJ021",
        raw_scheduler(".struct_ops.link", GOOD_MEMBERS.replace(".exit = (void *)end,", "")),
    ),
    (
        "OBJ025",
        scheduler(before='SEC("struct_ops/spare") int spare(u64 *ctx) { return 0; }\n'),
    ),
]
ELSEWHERE = {"OBJ001", "OBJ013", "OBJ022", "OBJ023", "OBJ024"}


async def facts_of(source: str) -> ObjectFacts:
    result = await compile_bpf(source)
    assert result.object is not None, result.diagnostics
    return read_object(result.object)


def errors(facts: ObjectFacts, name: str = "") -> list[str]:
    return [f.code for f in judge_object(facts, name) if f.severity is Severity.ERROR]


@pytest.mark.parametrize(("code", "source"), BAD)
async def test_refused(code: str, source: str) -> None:
    assert code in errors(await facts_of(source))


def test_every_object_code_has_a_bad_object() -> None:
    tried = {code for code, _ in BAD} | ELSEWHERE
    assert tried == {entry.code for entry in ALL if entry.code.startswith("OBJ")}


@pytest.mark.parametrize("path", sorted((resource_dir("bpf") / "schedulers").glob("*.bpf.c")))
async def test_our_own_policies_pass(path: Path) -> None:
    facts = await facts_of(path.read_text("utf-8"))
    assert errors(facts, facts.ops_name) == []


async def test_allowed_maps_and_hand_written_definition_pass() -> None:
    for kind in (1, 2, 5, 6, 9, 10, 22):
        assert errors(await facts_of(map_of(kind, 16))) == []
    good = raw_scheduler(".struct_ops.link", GOOD_MEMBERS + ", .flags = 2, .exit_dump_len = 4096")
    assert errors(await facts_of(good)) == []


async def test_exit_may_read_the_reason_but_only_alone_in_its_section() -> None:
    facts = await facts_of(scheduler())
    assert ("struct_ops/schedtui_exit", 115) in facts.helper_calls
    assert errors(facts) == []
    shared = scheduler(before='SEC("struct_ops/schedtui_exit") int spare(u64 *ctx) { return 0; }\n')
    assert "OBJ009" in errors(await facts_of(shared))


async def test_hidden_calls_and_size() -> None:
    facts = await facts_of(scheduler())
    assert errors(dataclasses.replace(facts, hard_coded_kfuncs=(7,))) == ["OBJ013"]
    assert errors(dataclasses.replace(facts, odd_instructions=1)) == ["OBJ024"]
    big = dataclasses.replace(facts.programs[0], insns=INSN_LIMIT + 1)
    assert "OBJ023" in errors(dataclasses.replace(facts, programs=(*facts.programs, big)))


async def test_name_must_be_the_candidates() -> None:
    facts = await facts_of(scheduler())
    assert errors(facts, "sample") == []
    assert errors(facts, "other") == ["OBJ022"]


async def test_gate_reads_the_object_and_keeps_the_facts() -> None:
    result = await compile_bpf(scheduler())
    draft = Draft("sample", scheduler(), object=result.object)
    said = await ObjectGate().run(draft)
    assert said.passed
    assert draft.facts is not None
    assert draft.facts.ops_name == "sample"
    assert "operations" in said.summary


@pytest.mark.parametrize("data", [None, b"", b"\x7fELF garbage", struct.pack("<64x")])
async def test_gate_refuses_what_is_no_object(data: bytes | None) -> None:
    draft = Draft("sample", "", object=data)
    said = await ObjectGate().run(draft)
    assert not said.passed
    assert [f.code for f in said.findings] == ["OBJ001"]
    assert draft.facts is None
