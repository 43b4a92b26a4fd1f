"""What becomes of a scheduler's data members, without a kernel."""

from __future__ import annotations

import pytest

from schedtui.node.ops_rules import (
    BATCH_LIMIT,
    DUMP_LIMIT,
    FLAGS_ALLOWED,
    OpsError,
    clamped,
    legal_name,
)
from schedtui.verify.object_ops import ALLOWED_FLAGS, LIMITS

SWITCH_PARTIAL = 8


@pytest.mark.parametrize(
    ("member", "value", "becomes"),
    [
        ("dispatch_max_batch", 0, 0),
        ("dispatch_max_batch", 128, 128),
        ("dispatch_max_batch", 129, 128),
        ("dispatch_max_batch", 0x7FFFFFFF, 128),
        ("exit_dump_len", 65536, 65536),
        ("exit_dump_len", 0x80000000, 65536),
        ("flags", SWITCH_PARTIAL, 0),
        ("flags", (1 << 64) - 1, 0b110111),
        ("hotplug_seq", 7, 0),
        ("timeout_ms", 30_000, 4000),
        ("timeout_ms", 0, 4000),
    ],
)
def test_members_are_clamped(member: str, value: int, becomes: int) -> None:
    assert clamped({member: value}, 4000) == {member: becomes}


@pytest.mark.parametrize(("asked", "given"), [(0, 1000), (999, 1000), (5000, 5000), (60_000, 5000)])
def test_the_watchdog_has_limits_for_us_too(asked: int, given: int) -> None:
    assert clamped({"timeout_ms": 1}, asked) == {"timeout_ms": given}


def test_clamping_again_changes_nothing() -> None:
    wild = {"timeout_ms": 1, "dispatch_max_batch": 999, "exit_dump_len": 1 << 31, "flags": 0xFF}
    once = clamped(wild, 3000)
    assert clamped(once, 3000) == once


def test_members_that_nobody_knows_must_be_zero() -> None:
    assert clamped({"sub_cgroup_id": 0, "priv": 0}, 4000) == {"sub_cgroup_id": 0, "priv": 0}
    with pytest.raises(OpsError, match="sub_cgroup_id, which is not allowed"):
        clamped({"sub_cgroup_id": 1}, 4000)


def test_the_loader_and_the_object_gate_have_the_same_limits() -> None:
    assert LIMITS["dispatch_max_batch"][1] == BATCH_LIMIT
    assert LIMITS["exit_dump_len"][1] == DUMP_LIMIT
    assert ALLOWED_FLAGS == FLAGS_ALLOWED


@pytest.mark.parametrize("name", [b"a", b"fifo_rtc", b"0123456789", b"x" * 30])
def test_good_names(name: bytes) -> None:
    assert legal_name(name + bytes(128 - len(name))) == name.decode()


@pytest.mark.parametrize(
    "raw",
    [
        b"\0" * 128,
        b"x" * 31 + b"\0" * 97,
        b"x" * 128,
        b"Fifo\0",
        b"a/b\0",
        b"a b\0",
        b"a.b\0",
        b"a-b\0",
        b"a\x1b[2J\0",
        b"caf\xe9\0",
        "café".encode() + b"\0",
        b"nice\0evil\0",
        b"",
    ],
)
def test_bad_names(raw: bytes) -> None:
    with pytest.raises(OpsError, match="the scheduler's name"):
        legal_name(raw)
