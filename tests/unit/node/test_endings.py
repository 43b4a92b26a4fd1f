"""What the kernel log says of how a scheduler ended, and how often a kernel ticks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from schedtui.model.telemetry import ExitRecord
from schedtui.node.endings import Endings
from schedtui.node.kernel_ticks import describe_kernel, tick_rate

NAME = "bpfland_1.1.4_x86_64_unknown_linux_gnu"


def log(*lines: tuple[int, str]) -> Endings:
    """Return endings from records of a priority (facility and level) and a text each."""
    records: Iterator[bytes] = iter(
        [f"{number},{at},9,-;{text}\n".encode() for at, (number, text) in enumerate(lines)]
    )

    def read() -> bytes:
        try:
            return next(records)
        except StopIteration:
            raise BlockingIOError from None

    return Endings(read)


@pytest.mark.parametrize(
    ("level", "reason", "kind"),
    [
        (6, "unregistered from user space", 64),
        (6, "disabled by sysrq-S", 67),
        (3, "runnable task stall", 1026),
        (3, "scx_bpf_error", 1025),
        (3, "something that a later kernel says", 1024),
        (6, "something that a later kernel says", 64),
    ],
)
def test_the_kernels_words_are_kinds(level: int, reason: str, kind: int) -> None:
    ended = log((level, f'sched_ext: BPF scheduler "{NAME}" disabled ({reason})')).of(NAME.__eq__)
    assert ended == ExitRecord(kind, 0, reason, "")


def test_the_next_line_says_why() -> None:
    ended = log(
        (3, "something else"),
        (3, f'sched_ext: BPF scheduler "{NAME}" disabled (runnable task stall)'),
        (3, f"sched_ext: {NAME}: x[7] failed to run for 30.1s \x1b[31m"),
    ).of(NAME.__eq__)
    assert ended is not None
    assert ended.ejected
    assert ended.message == r"x[7] failed to run for 30.1s \x1b[31m"


def test_why_may_come_after_one_has_asked() -> None:
    lines = [f'3,0,9,-;sched_ext: BPF scheduler "{NAME}" disabled (runtime error)\n'.encode()]

    def read() -> bytes:
        if not lines:
            raise BlockingIOError
        return lines.pop()

    endings = Endings(read)
    assert endings.of(NAME.__eq__) == ExitRecord(1024, 0, "runtime error", "")
    lines.append(f"3,1,9,-;sched_ext: {NAME}: ops.init() failed (-22)\n".encode())
    ended = ExitRecord(1024, 0, "runtime error", "ops.init() failed (-22)")
    assert endings.of(NAME.__eq__) == ended
    assert endings.of(NAME.__eq__) == ended


def test_others_and_user_space_say_nothing() -> None:
    line = f'sched_ext: BPF scheduler "{NAME}" disabled (scx_bpf_error)'
    assert (
        log((11, line), (3, "x" + line), (3, line.replace("bpfland", "other"))).of(NAME.__eq__)
        is None
    )
    assert log().of(NAME.__eq__) is None


@pytest.mark.parametrize(("ticks", "rate"), [(63, 250), (24, 100), (250, 1000), (75, 300)])
def test_the_rate_of_ticks_is_measured(ticks: int, rate: int) -> None:
    texts = iter(
        [
            "now at 1000000000 nsecs\n\ncpu: 0\njiffies: 4294937296\n",
            f"now at 1250000000 nsecs\n\ncpu: 0\njiffies: {4294937296 + ticks}\n",
        ]
    )
    assert tick_rate(lambda: next(texts), lambda _: None) == rate
    assert tick_rate(lambda: "", lambda _: None) == 0


def test_a_kernel_that_brought_its_configuration_keeps_it(tmp_path: Path) -> None:
    packed, boot = tmp_path / "config.gz", tmp_path / "boot"
    packed.touch()
    describe_kernel("7.0", boot, packed)
    assert not boot.exists()
