"""The recent past of a target in memory: half an hour in a few megabytes."""

from __future__ import annotations

from collections import deque
from typing import Final

from schedtui.model.telemetry import CpuSample, Snapshot
from schedtui.tape.block import FRAMES, sealed, unsealed
from schedtui.tape.frame import cpus_of, packed, unpacked
from schedtui.tape.index import Index, point_of

KEPT_MS: Final = 32 * 60 * 1000
"""What is older than this is forgotten: half an hour and some."""

KEPT_BYTES: Final = 64 << 20
"""Most that blocks take; on a large machine sampled often, less than half an hour is kept."""

MANY_CPUS: Final = 128
GAP_MS: Final = 400
"""Of machines with more than MANY_CPUS, samples nearer than this to the one before are not kept."""

_OPEN_BLOCKS: Final = 4


class MemoryTape:
    """Samples as they come, packed in blocks; the newest one is there as it came."""

    def __init__(self, kept_ms: int = KEPT_MS, kept_bytes: int = KEPT_BYTES) -> None:
        self.index = Index()
        self.newest: Snapshot | None = None
        self._kept_ms = kept_ms
        self._kept_bytes = kept_bytes
        self._blocks: deque[bytes] = deque()
        self._fresh: list[bytes] = []
        self._opened: dict[int, tuple[bytes, ...]] = {}
        self._bytes = 0

    @property
    def size(self) -> int:
        """What all kept frames take, in bytes."""
        return self._bytes + sum(map(len, self._fresh))

    def add(self, snapshot: Snapshot) -> bool:
        """Keep the newest snapshot; returns False when it is too near to the one before."""
        if self._too_near(snapshot):
            self.newest = snapshot
            return False
        self.newest = snapshot
        self._fresh.append(packed(snapshot))
        self.index.add(point_of(snapshot))
        if len(self._fresh) == FRAMES:
            self._seal()
        return True

    def _too_near(self, snapshot: Snapshot) -> bool:
        index = self.index
        if len(snapshot.cpus) <= MANY_CPUS or index.end == index.first:
            return False
        return 0 <= snapshot.unix_ms - index.time(index.end - 1) < GAP_MS

    def _seal(self) -> None:
        block = sealed(self._fresh)
        self._fresh = []
        self._blocks.append(block)
        self._bytes += len(block)
        oldest = self.index.time(self.index.end - 1) - self._kept_ms
        while len(self._blocks) > 1 and (
            self.index.time(self.index.first + FRAMES) < oldest or self._bytes > self._kept_bytes
        ):
            self._bytes -= len(self._blocks.popleft())
            self._opened.pop(self.index.first // FRAMES, None)
            self.index.drop(FRAMES)

    def snapshot(self, number: int) -> Snapshot:
        """See the port."""
        return unpacked(self._frame(number))

    def cpus(self, number: int) -> tuple[CpuSample, ...]:
        """See the port."""
        return cpus_of(self._frame(number))

    def _frame(self, number: int) -> bytes:
        block, place = divmod(number, FRAMES)
        sealed_at = block - self.index.first // FRAMES
        if sealed_at >= len(self._blocks):
            return self._fresh[place]
        if block not in self._opened:
            if len(self._opened) >= _OPEN_BLOCKS:
                del self._opened[next(iter(self._opened))]
            self._opened[block] = unsealed(self._blocks[sealed_at], FRAMES)
        return self._opened[block][place]
