"""Facts read out of real objects."""

from __future__ import annotations

import hashlib
import random
import struct
import time

import pytest

from schedtui.objfile.elf import SIZE_LIMIT
from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.facts import ObjectFacts, read_object
from schedtui.toolchain.bpf import compile_bpf

SOURCE = """
#include <schedtui.h>
extern void bpf_task_release(struct task_struct *p) __ksym;
static long (*const bpf_send_signal)(u32 sig) = (void *)109;
const volatile u64 slice_us = 20000;
struct pair { u64 a, b; };
u64 total;
u64 table[100];
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 16);
	__type(key, u32); __type(value, u64); } counts SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_HASH); __uint(max_entries, 4); __uint(pinning, 1);
	__type(key, u32); __type(value, struct pair); } seen SEC(".maps");
static __noinline void put(struct task_struct *p, u64 flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, slice_us * 1000, flags);
}
void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 key = 3;
	u64 *count = bpf_map_lookup_elem(&counts, &key);
	if (count)
		*count += p->pid;
	if (total++ > 5)
		bpf_send_signal(9);
	table[total & 63] = bpf_map_lookup_elem(&seen, &key) != NULL;
	put(p, enq_flags);
}
void SCHEDTUI_OP(running, struct task_struct *p)
{
	bpf_task_release(p);
}
SCHEDTUI_OPS(facts, .enqueue = OP(enqueue), .running = OP(running), .flags = 2,
		.dispatch_max_batch = 7);
"""


async def compiled(source: str) -> bytes:
    result = await compile_bpf(source)
    assert result.object is not None, result.diagnostics
    return result.object


@pytest.fixture
async def data() -> bytes:
    return await compiled(SOURCE)


@pytest.fixture
def facts(data: bytes) -> ObjectFacts:
    return read_object(data)


def test_scheduler_is_read(facts: ObjectFacts, data: bytes) -> None:
    assert facts.sha256 == hashlib.sha256(data).hexdigest()
    assert [(s.section, s.variable, s.type) for s in facts.struct_ops] == [
        (".struct_ops.link", "facts_ops", "sched_ext_ops")
    ]
    assert facts.ops_name == "facts"
    assert dict(facts.ops_data) == {"dispatch_max_batch": 7, "flags": 2, "timeout_ms": 5000}
    assert facts.member("timeout_ms") == 5000
    assert facts.member("exit_dump_len") == 0
    assert dict(facts.ops_callbacks) == {
        "enqueue": "enqueue",
        "running": "running",
        "exit": "schedtui_exit",
    }
    assert facts.license == "GPL"


def test_programs_are_read(facts: ObjectFacts) -> None:
    programs = {p.name: p for p in facts.programs}
    assert programs["enqueue"].section == "struct_ops/enqueue"
    assert programs["put"].section == ".text"
    assert programs["enqueue"].insns > 10
    assert facts.insns == sum(p.insns for p in facts.programs)
    assert set(facts.code_sections) == {p.section for p in facts.programs}


def test_calls_are_read(facts: ObjectFacts) -> None:
    assert facts.helpers == (1, 109, 115)
    assert ("struct_ops/enqueue", 109) in facts.helper_calls
    assert ("struct_ops/schedtui_exit", 115) in facts.helper_calls
    assert "bpf_task_release" in facts.kfuncs
    assert "scx_bpf_dsq_insert" in facts.kfuncs
    assert facts.extern_variables == ()
    assert facts.hard_coded_kfuncs == ()
    assert facts.odd_instructions == 0


def test_maps_are_read(facts: ObjectFacts) -> None:
    maps = {m.name: m for m in facts.maps}
    counts, seen = maps["counts"], maps["seen"]
    assert (counts.kind, counts.key_size, counts.value_size, counts.max_entries) == (
        "array",
        4,
        8,
        16,
    )
    assert not counts.pinned
    assert counts.bytes == 16 * 8
    assert (seen.kind, seen.value_size, seen.pinned) == ("percpu_hash", 16, True)
    assert seen.bytes == 4 * (16 * 512 + 4 + 64)
    sizes = dict(facts.data_sections)
    assert sizes[".bss"] >= 800
    assert facts.memory == counts.bytes + seen.bytes + sum(sizes.values())


async def test_extern_variable_is_told_from_function() -> None:
    data = await compiled(
        "#include <schedtui.h>\nextern const int jiffies __ksym;\n"
        "void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 f)\n"
        "{ queue_insert(p, SCX_DSQ_GLOBAL, jiffies, f); }\n"
        "SCHEDTUI_OPS(externs, .enqueue = OP(enqueue));\n"
    )
    facts = read_object(data)
    assert facts.extern_variables == ("jiffies",)
    assert "jiffies" not in facts.kfuncs


def test_hard_coded_kfunc_and_odd_call_are_seen(data: bytes) -> None:
    call = data.index(struct.pack("<BBhi", 0x85, 0, 0, 109))
    by_number = bytearray(data)
    by_number[call : call + 8] = struct.pack("<BBhi", 0x85, 0x20, 0, 4711)
    assert read_object(bytes(by_number)).hard_coded_kfuncs == (4711,)
    odd = bytearray(data)
    odd[call : call + 8] = struct.pack("<BBhi", 0x85, 0x30, 0, 1)
    assert read_object(bytes(odd)).odd_instructions == 1
    pointer = bytearray(data)
    pointer[call : call + 8] = struct.pack("<BBhi", 0x8D, 0, 0, 1)
    assert read_object(bytes(pointer)).odd_instructions == 1


@pytest.mark.parametrize(
    ("offset", "value", "reason"),
    [
        (0, b"\x7fELG", "not a 64-bit"),
        (4, b"\x01", "not a 64-bit"),
        (5, b"\x02", "not a 64-bit"),
        (16, b"\x02\x00", "not a relocatable"),
        (18, b"\x3e\x00", "not a relocatable"),
        (60, b"\xff\xff", "unusual ELF header"),
        (40, b"\xff" * 8, "outside"),
        (62, b"\x00\x00", "names are missing"),
    ],
)
def test_other_files_are_refused(data: bytes, offset: int, value: bytes, reason: str) -> None:
    changed = data[:offset] + value + data[offset + len(value) :]
    with pytest.raises(ObjectFileError, match=reason):
        read_object(changed)


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"\0" * 64, b"a" * (SIZE_LIMIT + 1)])
def test_no_object_at_all(content: bytes) -> None:
    with pytest.raises(ObjectFileError):
        read_object(content)


async def test_object_without_types_is_refused() -> None:
    data = await compiled(SOURCE)
    renamed = data.replace(b".BTF\0", b".BTX\0")
    assert renamed != data
    with pytest.raises(ObjectFileError, match="no type information"):
        read_object(renamed)


def test_unprintable_name_is_refused(data: bytes) -> None:
    with pytest.raises(ObjectFileError, match="unprintable"):
        read_object(data.replace(b"\0counts\0", b"\0co\x1bnts\0"))


def test_truncation_never_raises_anything_else(data: bytes) -> None:
    started = time.monotonic()
    step = max(1, len(data) // 1500)
    for size in [*range(512), *range(512, len(data), step)]:
        with pytest.raises(ObjectFileError):
            read_object(data[:size])
    assert time.monotonic() - started < 60


def test_mutations_never_raise_anything_else(data: bytes) -> None:
    dice = random.Random(4)  # noqa: S311 - a repeatable series, not a secret
    slowest = 0.0
    accepted = 0
    for _ in range(3000):
        changed = bytearray(data)
        for _ in range(dice.choice((1, 1, 2, 8))):
            at = dice.randrange(len(changed))
            changed[at] = dice.choice((0, 0xFF, 0x80, changed[at] ^ 1 << dice.randrange(8)))
        started = time.process_time()
        try:
            read_object(bytes(changed))
            accepted += 1
        except ObjectFileError:
            pass
        slowest = max(slowest, time.process_time() - started)
    assert slowest < 1.0
    assert accepted > 0
    assert accepted < 3000


def test_mutated_headers_never_raise_anything_else(data: bytes) -> None:
    """Section headers, symbols and types get all the mutations here."""
    dice = random.Random(5)  # noqa: S311 - a repeatable series, not a secret
    (table,) = struct.unpack_from("<Q", data, 40)
    types = data.index(b"\x9f\xeb\x01\x00")
    refused = 0
    for _ in range(1500):
        changed = bytearray(data)
        start, size = dice.choice(((table, len(data) - table), (types, 4000), (0, 64)))
        at = start + dice.randrange(min(size, len(data) - start) - 4)
        changed[at : at + 4] = struct.pack("<I", dice.choice((0, 1, 0xFFFFFFFF, 1 << 31, 0x7FFF)))
        try:
            read_object(bytes(changed))
        except ObjectFileError:
            refused += 1
    assert refused > 0
