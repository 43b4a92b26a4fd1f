"""What is read from the kernel verifier's log."""

from __future__ import annotations

import ctypes
import random

from schedtui.node.trace import TRACE_BYTES, TRACE_LIMIT, calls_in, room

LOG = b"""func#0 @0
Live regs before insn:
       3: .1....67.. (85) call scx_bpf_never_reached#7
       5: (85) call scx_bpf_indented#8
Global function enqueue() doesn't return scalar. Only those are supported.
0: R1=ctx() R10=fp0
; 9: (85) call scx_bpf_in_a_comment#1 @ scheduler.bpf.c:8
x9: (85) call scx_bpf_no_number#1
: (85) call scx_bpf_without#1
0: (79) r6 = *(u64 *)(r1 +8)          ; R1=ctx()
3: (85) call scx_bpf_task_cpu#102289
12: (85) call bpf_ktime_get_ns#5              ; R0=scalar()
100234: (85) call bpf_task_from_pid#66067   ; R0=trusted_ptr_or_null_task_struct(id=2)
13: (85) call pc+4
14: (85) call __scx_bpf_select_cpu_and#-3
12: (85) call bpf_ktime_get_ns#5
20: (85) call unknown
21: (85) call 7#8
22: (85) call a b#8
"""


def test_only_followed_calls_count() -> None:
    assert calls_in(LOG) == (
        "__scx_bpf_select_cpu_and",
        "bpf_ktime_get_ns",
        "bpf_task_from_pid",
        "scx_bpf_task_cpu",
    )


def test_logs_that_are_cut_anywhere_are_read() -> None:
    whole = set(calls_in(LOG))
    for size in range(len(LOG)):
        assert set(calls_in(LOG[:size])) <= whole
    assert calls_in(b"") == ()


def test_noise_is_read() -> None:
    chance = random.Random(3)  # noqa: S311 - a repeatable series, not a secret
    for _ in range(200):
        raw = bytearray(LOG)
        for _ in range(20):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        assert all(name.isascii() for name in calls_in(bytes(raw)))


def test_rooms_are_writable_apart_and_empty() -> None:
    with room(3) as buffers:
        assert len({len(buffer) for buffer in buffers}) == 1
        for number, buffer in enumerate(buffers):
            assert buffer[len(buffer) - 1] == b"\0"
            ctypes.memset(ctypes.addressof(buffer), ord("a") + number, 10)
        assert [buffer.value for buffer in buffers] == [b"a" * 10, b"b" * 10, b"c" * 10]


def test_rooms_share_what_there_is() -> None:
    for programs in (1, 2, 8, 40):
        with room(programs) as buffers:
            assert sum(map(len, buffers)) <= TRACE_BYTES
            assert all(4096 <= len(buffer) <= TRACE_LIMIT for buffer in buffers)
    with room(0) as buffers:
        assert buffers == []
