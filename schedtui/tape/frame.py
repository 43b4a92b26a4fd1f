"""One snapshot as bytes, small enough to keep thousands of them.

A frame is the head, the snapshot without its CPUs as JSON, and the figures of the CPUs column by
column as 32-bit floats without their lowest byte: a relative error below 2^-15, a hundredth of
what the screen shows. Each byte of the floats has a stretch of its own, which packs better.
"""

from __future__ import annotations

import json
import math
import struct
import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from schedtui.model.histogram import BUCKETS, Latency
from schedtui.model.telemetry import CpuSample, Snapshot
from schedtui.model.wire import Json, WireError, from_json, to_json

CPUS_LIMIT: Final = 8192
"""Most CPUs in one frame."""

YEAR_3000_MS: Final = 32_503_680_000_000

_HEAD: Final = struct.Struct("<IH")
_COLUMNS: Final = 11
_KEPT_BYTES: Final = (1, 2, 3)
_UNSEEN: Final = math.nan

Clean = Callable[[Json], Json]
"""What JSON from elsewhere goes through before anything is made of it."""


def packed(snapshot: Snapshot) -> bytes:
    """Return ``snapshot`` as a frame."""
    body = to_json(replace(snapshot, cpus=()))
    names = [cpu.running for cpu in snapshot.cpus]
    text = json.dumps([body, names], separators=(",", ":")).encode()
    figures = array("f", chain.from_iterable(zip(*map(_row, snapshot.cpus), strict=True)))
    return _HEAD.pack(len(text), len(snapshot.cpus)) + text + _planes(figures)


def _row(cpu: CpuSample) -> tuple[float, ...]:
    wake = cpu.wakeup
    seen = (wake.count, wake.p50_us, wake.p90_us, wake.p99_us, wake.max_us) if wake else _NO_WAKE
    rest = (cpu.switches_per_s, cpu.migrations_per_s)
    figures = (cpu.cpu, cpu.utilisation, cpu.depth, cpu.run_delay_ms_per_s, *seen, *rest)
    return tuple(_UNSEEN if figure is None else figure for figure in figures)


_NO_WAKE: Final = (None,) * 5


def _planes(figures: array[float]) -> bytes:
    if sys.byteorder == "big":
        figures.byteswap()
    raw = figures.tobytes()
    return b"".join(raw[at::4] for at in _KEPT_BYTES)


def cpus_of(frame: bytes, names: Sequence[str] = ()) -> tuple[CpuSample, ...]:
    """Return the CPUs of a frame, with ``names`` of what ran on them. Raises WireError."""
    length, count = _head(frame)
    planes, size = memoryview(frame)[_HEAD.size + length :], count * _COLUMNS
    if len(planes) != size * len(_KEPT_BYTES):
        raise WireError("a frame has another size than it says")
    raw = bytearray(size * 4)
    for place, at in enumerate(_KEPT_BYTES):
        raw[at::4] = planes[place * size : (place + 1) * size]
    figures = array("f", bytes(raw))
    if sys.byteorder == "big":
        figures.byteswap()
    columns = [figures[at * count : (at + 1) * count] for at in range(_COLUMNS)]
    running = names or [""] * count
    return tuple(map(_cpu, zip(*columns, strict=True), running))


def _cpu(row: tuple[float, ...], running: str) -> CpuSample:
    if math.inf in row or -math.inf in row or not 0 <= row[0] < CPUS_LIMIT:
        raise WireError("a figure of a CPU is impossible")
    cpu, busy, depth, delay, count, p50, p90, p99, top, switches, migrations = (
        None if figure != figure else figure  # noqa: PLR0124 - only NaN differs from itself
        for figure in row
    )
    if cpu is None or busy is None or (None in {p50, p90, p99, top} and count is not None):
        raise WireError("a figure of a CPU is missing")
    wake = (
        None
        if count is None
        else Latency(int(count), p50 or 0.0, p90 or 0.0, p99 or 0.0, top or 0.0)
    )
    deep = None if depth is None else int(depth)
    return CpuSample(int(cpu), busy, deep, delay, wake, switches, migrations, running)


def _head(frame: bytes) -> tuple[int, int]:
    if len(frame) < _HEAD.size:
        raise WireError("a frame is cut off")
    length, count = _HEAD.unpack_from(frame)
    if count > CPUS_LIMIT:
        raise WireError("a frame has too many CPUs")
    return length, count


def unpacked(frame: bytes, clean: Clean | None = None) -> Snapshot:
    """Return the snapshot of a frame. Raises WireError when it does not have that shape.

    Args:
        frame: What ``packed`` returned, or what a file claims to be that.
        clean: For frames from elsewhere.
    """
    length, count = _head(frame)
    try:
        data: Json = json.loads(frame[_HEAD.size : _HEAD.size + length])
    except (ValueError, RecursionError) as error:
        raise WireError("a frame is not JSON") from error
    body, names = _parts(clean(data) if clean else data, count)
    snapshot = replace(from_json(Snapshot, body), cpus=cpus_of(frame, names))
    if not 0 <= snapshot.unix_ms < YEAR_3000_MS:
        raise WireError("a frame is of no time")
    if (
        len(snapshot.wakeup_counts) not in {0, BUCKETS}
        or min(snapshot.wakeup_counts, default=0) < 0
    ):
        raise WireError("a histogram has another size")
    return snapshot


def _parts(data: Json, count: int) -> tuple[Json, list[str]]:
    if not isinstance(data, list) or len(data) != 2 or not isinstance(data[1], list):
        raise WireError("a frame has another shape")
    names = [name for name in data[1] if isinstance(name, str)]
    if len(names) != len(data[1]) or len(names) != count:
        raise WireError("a frame names other CPUs than it has")
    return data[0], names


def joined(frames: Iterable[bytes]) -> bytes:
    """Return frames one after the other, each after its length."""
    return b"".join(_LENGTH.pack(len(frame)) + frame for frame in frames)


def parted(raw: bytes, count: int) -> tuple[bytes, ...]:
    """Return the ``count`` frames that were joined. Raises WireError."""
    frames: list[bytes] = []
    at = 0
    while at < len(raw) and len(frames) <= count:
        if at + _LENGTH.size > len(raw):
            raise WireError("a block is cut off")
        (length,) = _LENGTH.unpack_from(raw, at)
        frames.append(raw[at + _LENGTH.size : at + _LENGTH.size + length])
        at += _LENGTH.size + length
    if len(frames) != count or at != len(raw):
        raise WireError("a block has other frames than it says")
    return tuple(frames)


_LENGTH: Final = struct.Struct("<I")
