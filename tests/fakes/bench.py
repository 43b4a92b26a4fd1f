"""A bench without a machine: windows come from a known effect with seeded noise."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from schedtui.measure.trial import TrialError
from schedtui.model.trial import Disturbance, MachineShape, WorkloadSpec

Metrics = tuple[tuple[str, float], ...]


@dataclass
class FakeBench:
    """Multiplies each metric by the candidate's factor, a slow drift and log-normal noise."""

    baseline: dict[str, float]
    candidate: dict[str, float]
    noise: float = 0.03
    drift: float = 1.0
    """Factor by which the whole machine gets slower from window to window."""
    seed: int = 1
    window_s: float = 0.0
    missing_after: int | None = None
    """Number of windows after which the first metric is no longer reported."""
    ejected_after: int | None = None
    """Number of windows after which the candidate is found to be thrown out."""
    new_boot_after: int | None = None
    kept: Sequence[float] | None = None
    """Share of its CPU time that the host keeps from each window, the last one for all later; those
    of short windows count. None: nobody can see it."""
    starving: tuple[str, ...] = ()
    attached: bool = False
    calls: list[str] = field(default_factory=list)
    specs: list[WorkloadSpec] = field(default_factory=list)
    first_attached: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 - noise, not secrets

    @property
    def boot_id(self) -> str:
        return "boot-2" if self._past(self.new_boot_after) else "boot-1"

    @property
    def machine(self) -> MachineShape:
        return MachineShape(2, 512, "tcg")

    async def attach(self) -> None:
        assert not self.attached
        self.calls.append("attach")
        self.attached = True
        self.first_attached.set()

    async def detach(self) -> None:
        assert self.attached
        self.calls.append("detach")
        self.attached = False
        if self._past(self.ejected_after):
            raise TrialError("the kernel threw it out: runnable task stall")

    async def window(self, spec: WorkloadSpec) -> Metrics:
        self.specs.append(spec)
        self.calls.append("B" if self.attached else "A")
        await asyncio.sleep(self.window_s)
        level = self.candidate if self.attached else self.baseline
        slower = self.drift ** len(self.specs)
        metrics = tuple((name, value * slower * self._noise()) for name, value in level.items())
        return metrics[1:] if self._past(self.missing_after) else metrics

    async def longest_wait_ms(self) -> float:
        return 12.0 if self.attached else 40.0

    async def starved(self) -> tuple[str, ...]:
        return self.starving if self.attached else ()

    async def disturbance(self) -> Disturbance | None:
        return None if self.kept is None else Disturbance(self._kept(), 0.0, 0.3, 0.5)

    def _kept(self) -> float:
        kept = self.kept or [0.0]
        return kept[min(len(self.specs), len(kept)) - 1]

    def _past(self, limit: int | None) -> bool:
        return limit is not None and len(self.specs) > limit

    def _noise(self) -> float:
        return math.exp(self._chance.gauss(0, self.noise))


@dataclass
class PeriodicBench(FakeBench):
    """Something else on its host slows the first and the last of every four windows.

    The windows of pairs in the order ABBA fall into this beat, so that one side always suffers.
    """

    slower: float = 1.3
    offset: int = 0
    """Windows by which the beat comes later than after one window of warm-up."""

    def _noise(self) -> float:
        beat = (len(self.specs) - 2 - self.offset) % 4
        return super()._noise() * (self.slower if beat in {0, 3} else 1.0)
