"""The latency histogram, and the proof that C and Python sort durations alike."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from schedtui.model.histogram import (
    BUCKETS,
    added,
    bucket_of,
    subtracted,
    summarise,
    upper_edge_ns,
)
from schedtui.resources import resource_dir

Bucket = Callable[[int], int]


@pytest.fixture(scope="module")
def bucket_in_c(tmp_path_factory: pytest.TempPathFactory) -> Bucket:
    """The function of bpf/include/schedtui_hist.h, compiled for this machine."""
    folder = tmp_path_factory.mktemp("hist")
    source = folder / "bucket.c"
    source.write_text(
        '#include "schedtui_hist.h"\n'
        "unsigned bucket(unsigned long long ns) { return schedtui_bucket(ns); }\n"
    )
    library = folder / "bucket.so"
    compile_for_host(source, library)
    function = ctypes.CDLL(str(library)).bucket
    function.argtypes = [ctypes.c_uint64]
    function.restype = ctypes.c_uint
    return lambda ns: int(function(ns))


def compile_for_host(source: Path, library: Path) -> None:
    include = resource_dir("bpf") / "include"
    compiler = [sys.executable, "-m", "ziglang", "cc"]
    flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-nostdlib"]
    command = [*compiler, *flags, "-I", str(include), "-o", str(library), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=150)
    assert done.returncode == 0, done.stderr


def interesting_values() -> list[int]:
    edges = [upper_edge_ns(bucket) + off for bucket in range(BUCKETS) for off in (-1, 0, 1)]
    powers = [(1 << bit) + off for bit in range(64) for off in (-1, 0, 1)]
    spread = [(i * 0x9E3779B97F4A7C15 % 2**64) >> i % 64 for i in range(20_000)]
    return [*range(5000), *edges, *powers, *spread]


def test_c_and_python_agree_on_every_bucket(bucket_in_c: Bucket) -> None:
    values = [value for value in interesting_values() if 0 <= value < 1 << 64]
    wrong = [v for v in values if bucket_in_c(v) != bucket_of(v)]
    assert wrong == []


def test_every_bucket_is_reached(bucket_in_c: Bucket) -> None:
    reached = {bucket_in_c(upper_edge_ns(bucket) - 1) for bucket in range(BUCKETS)}
    assert reached == set(range(BUCKETS))


def test_a_value_lies_below_the_upper_edge_of_its_bucket_and_close_to_it() -> None:
    for value in interesting_values():
        if 1 << 10 <= value < 1 << 36:
            edge = upper_edge_ns(bucket_of(value))
            assert value < edge <= value * 1.25 + 1


def test_buckets_grow_with_the_duration() -> None:
    edges = [upper_edge_ns(bucket) for bucket in range(BUCKETS)]
    assert edges == sorted(set(edges))
    assert bucket_of(-5) == 0
    assert bucket_of(1 << 63) == BUCKETS - 1


def test_an_empty_histogram_has_no_percentiles() -> None:
    assert summarise([0] * BUCKETS) is None


def test_percentiles_are_the_upper_edges_of_their_buckets() -> None:
    counts = [0] * BUCKETS
    counts[bucket_of(2_000)] = 98
    counts[bucket_of(1_000_000)] = 2
    latency = summarise(counts)
    assert latency is not None
    assert latency.count == 100
    assert latency.p50_us == latency.p90_us == upper_edge_ns(bucket_of(2_000)) / 1000
    assert latency.p99_us == latency.max_us == upper_edge_ns(bucket_of(1_000_000)) / 1000


def test_one_observation_is_every_percentile() -> None:
    counts = [0] * BUCKETS
    counts[5] = 1
    latency = summarise(counts)
    assert latency is not None
    assert latency.p50_us == latency.max_us == upper_edge_ns(5) / 1000


def test_sums_and_differences_are_per_bucket() -> None:
    assert added([1, 2], [3, 4]) == (4, 6)
    assert subtracted([5, 2], [3, 2]) == (2, 0)
    assert subtracted([1, 0], [3, 0]) == (0, 0)
    with pytest.raises(ValueError, match="length"):
        added([1], [1, 2])
