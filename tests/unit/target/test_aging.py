from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Iterator
from typing import IO

import pytest

from schedtui.target.port import TargetError
from schedtui.target.sandbox.aging import age, counter_khz
from schedtui.target.sandbox.machine import Shape

TICKS, CLOCK_NS = 46_000_000_000, 20_000_000_000  # 2.3 GHz, 20 s


def section(ticks: int = TICKS, clock_ns: int = CLOCK_NS, number: int = 4, foot: int = 4) -> bytes:
    head = b"\x04" + struct.pack(">I", number) + b"\x05timer" + struct.pack(">II", 0, 2)
    return head + struct.pack(">q8xq", ticks, clock_ns) + b"\x7e" + struct.pack(">I", foot)


@pytest.fixture
def state() -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        yield file


def aged(state: IO[bytes], content: bytes, seconds: int) -> bytes:
    state.write(content)
    state.flush()
    age(state.fileno(), seconds)
    return os.pread(state.fileno(), len(content) + 1, 0)


def test_both_clocks_go_on_by_the_same_time(state: IO[bytes]) -> None:
    before = b"memory" * 1000 + section() + b"rest" * 100
    after = aged(state, before, 3600)
    wanted = section(TICKS + 3600 * 2_300_000_000, CLOCK_NS + 3600 * 10**9)
    assert after == b"memory" * 1000 + wanted + b"rest" * 100


def test_the_name_in_the_guests_memory_is_left_alone(state: IO[bytes]) -> None:
    decoy = section(number=9, foot=8) + b"\x05timer" + struct.pack(">II", 0, 2)
    after = aged(state, decoy + section() + decoy, 60)
    assert after.startswith(decoy)
    assert after.endswith(decoy)
    assert after != decoy + section() + decoy


@pytest.mark.parametrize(
    "content",
    [
        b"no clock at all",
        section() + section(),
        section()[:30],
        section(ticks=0),
        section(clock_ns=-1),
        b"\x05timer" + struct.pack(">II", 0, 2),
    ],
)
def test_a_file_that_is_not_understood_is_refused_unchanged(
    state: IO[bytes], content: bytes
) -> None:
    with pytest.raises(TargetError, match="clock of the saved guest"):
        aged(state, content, 60)
    assert os.pread(state.fileno(), 1000, 0) == content


def test_an_aged_guest_has_a_file_of_its_own() -> None:
    labels = {Shape().label, Shape(uptime_s=60).label, Shape(uptime_s=61).label}
    assert len(labels) == 3
    assert Shape().label == "tcg-2cpu-512m"


def test_the_state_tells_how_fast_the_counter_runs(state: IO[bytes]) -> None:
    state.write(b"memory" * 10 + section())
    state.flush()
    assert counter_khz(state.fileno()) == 2_300_000


def test_a_state_without_a_running_clock_tells_no_speed(state: IO[bytes]) -> None:
    state.write(section(ticks=0))
    state.flush()
    with pytest.raises(TargetError, match="have not started"):
        counter_khz(state.fileno())
