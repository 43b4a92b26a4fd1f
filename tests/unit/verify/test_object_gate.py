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
from schedtui.verify.lists import Capability
from schedtui.verify.object_calls import capabilities
from schedtui.verify.object_gate import ObjectGate, judge_object
from schedtui.verify.object_parts import INSN_LIMIT
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
        + "SCHEDTUI_EXIT_RECORD\n"
        + "struct tcp_congestion_ops { void (*release)(void *sk); };\n"
        + f'SEC("{section}") struct {kind} own = {{ {members} }};\n'
    )


GOOD_MEMBERS = (
    '.enqueue = (void *)enqueue, .exit = (void *)schedtui_exit, .timeout_ms = 3000, .name = "x"'
)
LINK = ".struct_ops.link"
TWO = raw_scheduler(LINK, GOOD_MEMBERS) + (
    'SEC(".struct_ops.link") struct sched_ext_ops second = { .enqueue = (void *)enqueue,'
    ' .timeout_ms = 1, .name = "y" };\n'
)
OWN_EXIT = raw_scheduler(LINK, GOOD_MEMBERS).replace("SCHEDTUI_EXIT_RECORD\n", "{record}")
EXIT_BODY = (
    'SEC("struct_ops/schedtui_exit") void BPF_PROG(schedtui_exit, struct scx_exit_info *info)\n'
    "{ bpf_probe_read_kernel_str(exit_record.reason, EXIT_REASON_LEN, info->reason);"
    " exit_record.kind = info->kind; MORE }\n"
)
RECORD = 'struct exit_record exit_record SEC(".data.exit_record")'


def own_exit(record: str, more: str = "", before: str = "") -> str:
    """Return a source that defines the exit record and the exit operation by hand."""
    written = f"{before}{record};\n{EXIT_BODY.replace('MORE', more)}"
    return OWN_EXIT.replace("{record}", written)


def other_layout(declared: str, members: str) -> str:
    """Return a source with a sched_ext_ops of its own shape."""
    layout = (
        "struct sched_ext_ops { void (*enqueue)(struct task_struct *p, u64 enq_flags);"
        f" void (*exit)(struct scx_exit_info *info); {declared} u32 timeout_ms; char name[128]; }};"
    )
    head = "#define sched_ext_ops of_the_header\n#include <schedtui.h>\n#undef sched_ext_ops\n"
    source = raw_scheduler(LINK, f"{GOOD_MEMBERS}, {members}")
    return source.replace("#include <schedtui.h>\n", f"{head}{layout}\n")


def looping(turns: str) -> str:
    """Return a source whose enqueue loops so often."""
    declared = (
        "static long (*const repeat)(u32 turns, void *call, void *more, u64 flags) = (void *)181;\n"
        "static u64 steps;\nstatic __noinline long step(u32 index, void *more)\n"
        "{ steps += index; return more != NULL; }\n"
    )
    return with_enqueue(f"repeat({turns}, step, NULL, 0); {INSERT}", declared)


def iterating(last: str) -> str:
    """Return a source whose enqueue asks for a number iterator."""
    declared = (
        "struct numbers { u64 opaque; };\n"
        "extern int bpf_iter_num_new(struct numbers *it, int first, int last) __ksym;\n"
        "extern void bpf_iter_num_destroy(struct numbers *it) __ksym;\n"
    )
    body = f"struct numbers it; bpf_iter_num_new(&it, 0, {last}); bpf_iter_num_destroy(&it);"
    return with_enqueue(f"{body} {INSERT}", declared)


def constant(value: str, kind: str = "const volatile char") -> str:
    """Return a source with a constant of which one byte is used."""
    return with_enqueue(
        f"enq_flags |= text[enq_flags & 7] & 0; {INSERT}", f"{kind} text[] = {value};\n"
    )


def live(kind: str, value: str) -> str:
    """Return a source with something in the section of live parameters."""
    return with_enqueue(
        f"enq_flags |= *(const volatile u64 *)&mine & 0; {INSERT}",
        f'const volatile {kind} mine SEC(".data.live") = {value};\n',
    )


def tables(kind: int, key: str, value: str, more: str) -> str:
    """Return a source with a map that is declared as given and looked at."""
    declared = (
        f'struct {{ __uint(type, {kind}); {key} {value} {more} }} table SEC(".maps");\n'
        "static __noinline void *look(void *map) { u32 key = 0;"
        " return bpf_map_lookup_elem(map, &key); }\n"
    )
    return with_enqueue(f"if (look(&table)) return; {INSERT}", declared)


NOISE = "{" + ",".join(str((i * 197 + i * i // 3 + (i >> 3) * 89) & 255) for i in range(2048)) + "}"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
KEY = "__type(key, u32);"
VALUE = "__type(value, u64);"

BAD: list[tuple[str, str]] = [
    ("OBJ002", TWO),
    ("OBJ002", HEAD + 'char own_license[] SEC("license") = "GPL";\nSCHEDTUI_EXIT_RECORD\n'),
    ("OBJ003", raw_scheduler(LINK, ".release = (void *)enqueue", "tcp_congestion_ops")),
    ("OBJ004", raw_scheduler(".struct_ops", GOOD_MEMBERS)),
    *(
        ("OBJ005", extra_program(section))
        for section in (
            *("kprobe/do_exit", "tp_btf/sched_switch", "lsm/file_open", "xdp", "syscall"),
            *("?kprobe/do_exit", "iter/task", "freplace/enqueue", "fentry/do_exit", "socket"),
            *("raw_tp/sched_switch", "perf_event", "uprobe", "cgroup/dev", "?struct_ops/enqueue"),
            *(".debug_code", ".BTF_code"),
        )
    ),
    ("OBJ006", scheduler(before='u64 odd SEC(".kconfig") = 1;\n')),
    ("OBJ006", scheduler(before='u64 odd SEC("version") = 1;\n')),
    ("OBJ006", scheduler(before='u64 odd SEC(".datafile") = 1;\n')),
    ("OBJ006", scheduler(before='u64 odd SEC(".arena.1") = 1;\n')),
    ("OBJ007", helper_call(15)),
    ("OBJ007", helper_call(999)),
    ("OBJ008", helper_call(109)),
    ("OBJ008", helper_call(117)),
    ("OBJ008", kfunc_call("bpf_send_signal_task")),
    ("OBJ008", kfunc_call("bpf_send_signal")),
    ("OBJ009", helper_call(114)),
    ("OBJ009", helper_call(115)),
    ("OBJ009", helper_call(36)),
    ("OBJ009", kfunc_call("bpf_copy_from_user_task_str")),
    ("OBJ010", helper_call(6)),
    ("OBJ010", helper_call(130)),
    ("OBJ010", kfunc_call("bpf_stream_vprintk")),
    ("OBJ011", helper_call(12)),
    ("OBJ011", kfunc_call("bpf_tail_call")),
    ("OBJ012", kfunc_call("bpf_iter_task_new")),
    ("OBJ012", kfunc_call("scx_bpf_sub_kill")),
    ("OBJ014", with_enqueue("enq_flags += jiffies;" + INSERT, "extern u64 jiffies __ksym;\n")),
    (
        "OBJ014",
        with_enqueue(
            "enq_flags += CONFIG_HZ;" + INSERT,
            'extern int CONFIG_HZ __attribute__((section(".kconfig")));\n',
        ),
    ),
    ("OBJ015", map_of(27, 4096)),
    ("OBJ015", map_of(3, 4)),
    ("OBJ015", map_of(33, 4)),
    (
        "OBJ015",
        tables(12, KEY, "__uint(value_size, 4);", "__uint(max_entries, 1); int *values[];"),
    ),
    ("OBJ016", map_of(2, 1 << 24)),
    ("OBJ016", map_of(6, 1 << 15)),
    (
        "OBJ016",
        with_enqueue(f"waste[enq_flags & 3] = 1; {INSERT}", "u8 waste[80 << 20];\n"),
    ),
    ("OBJ017", map_of(2, 4, "__uint(pinning, 1); ")),
    ("OBJ018", raw_scheduler(LINK, GOOD_MEMBERS).replace('"GPL"', '"Other"')),
    (
        "OBJ018",
        raw_scheduler(LINK, GOOD_MEMBERS).replace('char own_license[] SEC("license") = "GPL";', ""),
    ),
    ("OBJ019", raw_scheduler(LINK, GOOD_MEMBERS.replace("3000", "60000"))),
    ("OBJ019", raw_scheduler(LINK, GOOD_MEMBERS.replace(".timeout_ms = 3000,", ""))),
    ("OBJ019", raw_scheduler(LINK, GOOD_MEMBERS + ", .exit_dump_len = 1u << 31")),
    ("OBJ019", raw_scheduler(LINK, GOOD_MEMBERS + ", .dispatch_max_batch = 0x7fffffff")),
    ("OBJ020", raw_scheduler(LINK, GOOD_MEMBERS + ", .flags = 8")),
    ("OBJ020", raw_scheduler(LINK, GOOD_MEMBERS + ", .flags = 1ULL << 40")),
    ("OBJ021", raw_scheduler(LINK, GOOD_MEMBERS.replace(".exit = (void *)schedtui_exit,", ""))),
    (
        "OBJ025",
        scheduler(before='SEC("struct_ops/spare") int spare(u64 *ctx) { return 0; }\n'),
    ),
    ("OBJ026", map_of(2, 0)),
    ("OBJ026", map_of(22, 16)),
    ("OBJ026", map_of(29, 16, "__uint(map_flags, 1); ")),
    ("OBJ026", map_of(29, 0)),
    ("OBJ026", tables(1, "__uint(key_size, 600);", VALUE, "__uint(max_entries, 4);")),
    ("OBJ026", tables(2, "__type(key, u64);", VALUE, "__uint(max_entries, 4);")),
    ("OBJ026", tables(6, KEY, "__uint(value_size, 40000);", "__uint(max_entries, 1);")),
    ("OBJ027", map_of(2, 4, "__uint(map_flags, 1 << 10); ")),
    ("OBJ027", map_of(2, 4, "__uint(map_flags, 1 << 7); ")),
    ("OBJ028", map_of(2, 4, "__uint(map_extra, 1); ")),
    ("OBJ028", map_of(2, 4, "__uint(numa_node, 1); ")),
    ("OBJ029", constant("{1}", "const volatile char big[70000] = {1};\nconst volatile char")),
    ("OBJ030", constant('"-----BEGIN OPENSSH PRIVATE KEY-----"')),
    ("OBJ030", constant('"first\\nroot:x:0:0:root:/root:/bin/sh\\n"')),
    ("OBJ030", constant('"\\177ELF\\2\\1"')),
    ("OBJ030", constant('"#!/bin/sh"', "char")),
    ("OBJ030", constant('"\\37\\213\\10\\0"')),
    ("OBJ030", constant(f'"{LETTERS * 5}"')),
    ("OBJ030", constant(NOISE, "const volatile unsigned char")),
    (
        "OBJ031",
        raw_scheduler(LINK, GOOD_MEMBERS)
        .replace("EXIT_RECORD", "EXIT_RECORD")
        .replace(
            "SCHEDTUI_EXIT_RECORD",
            'SEC("struct_ops/schedtui_exit")'
            " void BPF_PROG(schedtui_exit, struct scx_exit_info *info) {}",
        ),
    ),
    ("OBJ031", own_exit(f"{RECORD} = {{ .kind = 1 }}")),
    (
        "OBJ031",
        own_exit(
            "struct other { u32 kind; char reason[1164]; };\n"
            'struct other exit_record SEC(".data.exit_record")'
        ),
    ),
    ("OBJ031", own_exit(RECORD, "scx_bpf_kick_cpu(0, 0);")),
    ("OBJ031", own_exit(RECORD, "mine = 1;", "u64 mine;\n")),
    (
        "OBJ031",
        scheduler(
            before='struct exit_record exit_record SEC(".data.exit_record");\n',
            enqueue="\nvoid SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)\n"
            f"{{ exit_record.kind = 0; {INSERT} }}\n",
        ),
    ),
    ("OBJ032", other_layout("s32 (*sub_attach)(void *args);", ".sub_attach = (void *)enqueue")),
    ("OBJ033", looping("1 << 23")),
    ("OBJ033", looping("4097")),
    ("OBJ033", iterating("8000000")),
    ("OBJ035", raw_scheduler(LINK, GOOD_MEMBERS.replace('"x"', '"a/b"'))),
    ("OBJ035", raw_scheduler(LINK, GOOD_MEMBERS.replace('"x"', '""'))),
    ("OBJ035", raw_scheduler(LINK, GOOD_MEMBERS.replace('"x"', f'"{"x" * 40}"'))),
    ("OBJ036", other_layout("u32 more[2];", ".more = { 0, 7 }")),
    ("OBJ036", raw_scheduler(LINK, GOOD_MEMBERS.replace('"x"', '"x\\0y"'))),
    ("OBJ036", raw_scheduler(LINK, GOOD_MEMBERS + ", .tick = (void *)4096")),
    ("OBJ038", helper_call(169)),
    ("OBJ038", helper_call(171)),
    ("OBJ038", kfunc_call("bpf_wq_start")),
    (
        "OBJ039",
        with_enqueue(
            f"shared.page = NULL; {INSERT}",
            'struct { u64 __attribute__((btf_type_tag("uptr"))) *page; } shared;\n',
        ),
    ),
    (
        "OBJ039",
        scheduler(
            before='__attribute__((btf_decl_tag("exception_callback:init"))) u64 tagged = 1;\n'
        ),
    ),
    ("OBJ040", live("struct live_parameter", "{ 5, 6, 7 }")),
    ("OBJ040", live("struct live_parameter", "{ 8, 6, 7 }")),
    ("OBJ040", live("struct { u64 value, minimum, maximum, more; }", "{ 6, 6, 7, 1 }")),
    ("OBJ040", live("struct { u64 value, maximum, minimum; }", "{ 6, 6, 7 }")),
]
ELSEWHERE = {"OBJ001", "OBJ013", "OBJ022", "OBJ023", "OBJ024", "OBJ034", "OBJ037"}


async def object_of(source: str) -> bytes:
    result = await compile_bpf(source)
    assert result.object is not None, result.diagnostics
    return result.object


async def facts_of(source: str) -> ObjectFacts:
    return read_object(await object_of(source))


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


async def test_sound_live_parameters_pass() -> None:
    assert errors(await facts_of(live("struct live_parameter", "{ 6, 6, 7 }"))) == []


async def test_allowed_maps_pass() -> None:
    for kind in (1, 2, 5, 6, 9, 10):
        assert errors(await facts_of(map_of(kind, 16))) == []
    queue = tables(22, "", VALUE, "__uint(max_entries, 16);")
    assert errors(await facts_of(queue)) == []
    storage = tables(29, KEY, VALUE, "__uint(map_flags, BPF_F_NO_PREALLOC);")
    assert errors(await facts_of(storage)) == []


async def test_hand_written_definition_passes() -> None:
    good = raw_scheduler(LINK, GOOD_MEMBERS + ", .flags = 2, .exit_dump_len = 4096")
    assert errors(await facts_of(good)) == []
    assert errors(await facts_of(own_exit(RECORD))) == []
    assert errors(await facts_of(other_layout("u64 flags;", ".flags = 2"))) == []


@pytest.mark.parametrize(
    "value",
    ['"plain words, and more of them"', f'"{"-" * 400}"', "{1, 2, 3}", f'"{LETTERS}"'],
)
async def test_ordinary_constants_pass(value: str) -> None:
    assert errors(await facts_of(constant(value))) == []


async def test_tables_of_numbers_pass() -> None:
    weights = ",".join(str(88761 * 4**i // 5**i) for i in range(600))
    source = with_enqueue(
        f"enq_flags |= table[enq_flags & 255] & 0; {INSERT}",
        f"const volatile u32 table[] = {{{weights}}};\n",
    )
    assert errors(await facts_of(source)) == []


async def test_loops_that_are_short_or_cannot_be_read() -> None:
    for source in (looping("4096"), iterating("64")):
        assert judge_object(await facts_of(source)) == ()
    for source in (looping("enq_flags & 7"), iterating("p->pid")):
        (found,) = judge_object(await facts_of(source))
        assert (found.code, found.severity) == ("OBJ034", Severity.WARNING)


async def test_refusals_name_the_call_and_what_it_is_for() -> None:
    async def said(source: str) -> str:
        return judge_object(await facts_of(source))[0].sentence

    assert "bpf_get_current_uid_gid (identity of tasks)" in await said(helper_call(15))
    assert "number 999 (nothing we know)" in await said(helper_call(999))
    assert "scx_bpf_sub_kill (other schedulers)" in await said(kfunc_call("scx_bpf_sub_kill"))
    assert "bpf_send_signal_task" in await said(kfunc_call("bpf_send_signal_task"))


async def test_capabilities_are_what_the_calls_let_it_do() -> None:
    assert capabilities(await facts_of(scheduler())) == (
        Capability.QUEUES,
        Capability.EXIT_RECORD,
    )
    assert Capability.SIGNAL in capabilities(await facts_of(helper_call(109)))
    assert Capability.MEMORY in capabilities(await facts_of(helper_call(115)))


async def test_exit_may_read_the_reason_but_only_alone_in_its_section() -> None:
    facts = await facts_of(scheduler())
    assert ("struct_ops/schedtui_exit", 115) in facts.helper_calls
    assert errors(facts) == []
    shared = scheduler(before='SEC("struct_ops/schedtui_exit") int spare(u64 *ctx) { return 0; }\n')
    assert "OBJ009" in errors(await facts_of(shared))


async def test_hidden_calls_and_size() -> None:
    facts = await facts_of(scheduler())
    first, *others = facts.code

    def changed(**what: object) -> list[str]:
        code = (dataclasses.replace(first, **what), *others)  # type: ignore[arg-type]
        return errors(dataclasses.replace(facts, code=code))

    assert changed(hard_coded=frozenset({7})) == ["OBJ013"]
    assert changed(odd=1) == ["OBJ024"]
    assert changed(insns=INSN_LIMIT + 1) == ["OBJ023"]


async def test_types_that_disagree_with_symbols() -> None:
    """The symbol of an operation is made local; its type still says global."""
    data = bytearray(await object_of(scheduler()))
    symbol = struct.pack("<BBH", 0x12, 0, 3)
    at = bytes(data).index(symbol, len(data) // 2)
    data[at] = 0x02
    assert errors(read_object(bytes(data))) == ["OBJ037"]


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
