"""Logarithmic latency histogram, shared by the BPF probe, the node and the screen.

Bucket layout (the BPF side in ``bpf/include/schedtui_hist.h`` computes the same index): bucket 0
holds everything below 1.024 us; above that, every power of two is divided into four equal
steps, up to about 68 s. The width of a bucket is at most a quarter of its lower edge, so a
percentile read from it is at most 25 % too high.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

BUCKETS: Final = 105
_BASE_SHIFT: Final = 10
_STEPS: Final = 4


def bucket_of(nanoseconds: int) -> int:
    """Return the bucket index for a duration in nanoseconds (negative counts as zero)."""
    if nanoseconds < 1 << _BASE_SHIFT:
        return 0
    octave = nanoseconds.bit_length() - 1
    step = (nanoseconds >> (octave - 2)) & (_STEPS - 1)
    return min(1 + (octave - _BASE_SHIFT) * _STEPS + step, BUCKETS - 1)


def upper_edge_ns(bucket: int) -> int:
    """Return the exclusive upper edge of a bucket in nanoseconds."""
    if bucket <= 0:
        return 1 << _BASE_SHIFT
    octave, step = divmod(bucket - 1, _STEPS)
    return (1 << (octave + _BASE_SHIFT)) + (step + 1) * (1 << (octave + _BASE_SHIFT - 2))


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles of one latency in microseconds, with the number of observations behind them."""

    count: int
    p50_us: float
    p90_us: float
    p99_us: float
    max_us: float


def summarise(counts: Sequence[int]) -> Latency | None:
    """Return percentiles of a histogram, or None when it holds no observation.

    A percentile is the upper edge of the bucket in which it falls: never too low.
    """
    total = sum(counts)
    if total == 0:
        return None
    p50, p90, p99, top = _edges_at(counts, total, (0.5, 0.9, 0.99, 1.0))
    return Latency(total, p50, p90, p99, top)


def _edges_at(counts: Sequence[int], total: int, quantiles: Iterable[float]) -> list[float]:
    edges: list[float] = []
    seen, bucket = 0, -1
    for quantile in quantiles:
        wanted = max(1, int(total * quantile + 0.999999))
        while seen < wanted:
            bucket += 1
            seen += counts[bucket]
        edges.append(upper_edge_ns(bucket) / 1000)
    return edges


def added(left: Sequence[int], right: Sequence[int]) -> tuple[int, ...]:
    """Return the bucket-wise sum of two histograms of equal length."""
    if len(left) != len(right):
        raise ValueError("histograms of different lengths")
    return tuple(map(operator.add, left, right))


def subtracted(later: Sequence[int], earlier: Sequence[int]) -> tuple[int, ...]:
    """Return what was counted between two readings of one growing histogram."""
    return tuple(max(0, a - b) for a, b in zip(later, earlier, strict=True))
