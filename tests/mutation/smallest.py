"""The smallest scheduler that passes, and its object without what no loader reads."""

from __future__ import annotations

import asyncio
import functools
import struct
from typing import Final

from schedtui.toolchain.bpf import compile_bpf

SOURCE: Final = """#include <schedtui_base.h>
struct scx_exit_info { u32 kind; s64 exit_code; const char *reason; char *msg; } __preserve;
struct sched_ext_ops {
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	void (*exit)(struct scx_exit_info *info);
	u64 flags;
	u32 timeout_ms;
	char name[128];
};
struct exit_record { u32 kind; u32 unused; s64 exit_code; char reason[128]; char msg[1024]; };
extern void scx_bpf_dsq_insert(void *p, u64 dsq, u64 slice, u64 flags) __ksym __weak;
const volatile u64 slice_us = 20000;
struct { __uint(type, 2); __uint(max_entries, 4); __type(key, u32); __type(value, u64); }
	seen SEC(".maps");
static __noinline void count(void)
{
	u32 key = 0;
	u64 *turns = bpf_map_lookup_elem(&seen, &key);

	if (turns)
		*turns += 1;
}
SEC("struct_ops/enqueue") void enqueue(u64 *ctx)
{
	count();
	scx_bpf_dsq_insert((void *)ctx[0], 1ULL << 63 | 1, slice_us * 1000, ctx[1]);
}
struct exit_record exit_record SEC(".data.exit_record");
SEC("struct_ops/ended") void ended(u64 *ctx)
{
	struct scx_exit_info *info = (void *)ctx[0];

	bpf_probe_read_kernel_str(exit_record.reason, 128, info->reason);
	exit_record.kind = info->kind;
}
char own_license[] SEC("license") = "GPL";
SEC(".struct_ops.link") struct sched_ext_ops smallest_ops = {
	.enqueue = (void *)enqueue, .exit = (void *)ended, .timeout_ms = 5000, .name = "smallest",
};
"""

_HEADER: Final = 64
_ROW: Final = "<IIQQQQIIQQ"
_NOBITS: Final = 8
_REL: Final = 9
_SYMTAB: Final = 2


@functools.cache
def smallest() -> bytes:
    """Return the object of SOURCE, without debug information."""
    made = asyncio.run(compile_bpf(SOURCE))
    assert made.object is not None, made.diagnostics
    return stripped(made.object)


def stripped(data: bytes) -> bytes:
    """Return an object with only the sections that a loader looks at."""
    (table,) = struct.unpack_from("<Q", data, 40)
    count, names_index = struct.unpack_from("<HH", data, 60)
    rows = [list(struct.unpack_from(_ROW, data, table + 64 * i)) for i in range(count)]
    names = [_text(data, rows[names_index][4] + row[0]) for row in rows]
    kept = [i for i in range(count) if _is_kept(names[i], rows[i], names)]
    moved = {old: new for new, old in enumerate(kept)}
    out = bytearray(data[:_HEADER])
    written = []
    for old in kept:
        row = rows[old]
        body = b"" if row[1] in {0, _NOBITS} else data[row[4] : row[4] + row[5]]
        out += bytes(-len(out) % 8)
        row[4] = len(out) if old else 0
        row[6] = moved.get(row[6], 0)
        row[7] = moved[row[7]] if row[1] == _REL else row[7]
        out += _moved_symbols(body, moved) if row[1] == _SYMTAB else body
        written.append(struct.pack(_ROW, *row))
    out += bytes(-len(out) % 8)
    struct.pack_into("<Q", out, 40, len(out))
    struct.pack_into("<HH", out, 60, len(kept), moved[names_index])
    return bytes(out) + b"".join(written)


def _text(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode("ascii")


def _is_kept(name: str, row: list[int], names: list[str]) -> bool:
    about = names[row[7]] if row[1] == _REL else name
    if row[1] == _REL and about == ".BTF":
        return False
    return not about.startswith((".debug", ".llvm", ".eh_frame", ".BTF.ext"))


def _moved_symbols(body: bytes, moved: dict[int, int]) -> bytes:
    rows = []
    for row in struct.iter_unpack("<IBBHQQ", body):
        section = row[3] if row[3] >= 0xFF00 else moved.get(row[3], 0)
        rows.append(struct.pack("<IBBHQQ", *row[:3], section, *row[4:]))
    return b"".join(rows)
