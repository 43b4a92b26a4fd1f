"""A machine on which what a policy is worth depends on one of its parameters."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from schedtui.model.goal import Metric
from schedtui.verify.trial_gate import TrialAim
from tests.fakes.bench import FakeBench
from tests.fakes.results import BEFORE
from tests.fakes.trying import BenchVerifier

_SLICE = re.compile(r"(?:u64|LIVE_PARAMETER) slice_ns = (?:{ )?(\d+)[;,]")

Worth = Callable[[float], float]
"""By slice in milliseconds: how many times the p99 is better than under the default scheduler."""


@dataclass
class SettingVerifier(BenchVerifier):
    """Runs every trial on a machine that knows what each slice is worth."""

    worth: Worth = lambda _: 1.0
    rate: Worth = lambda _: 1.0
    more: dict[str, Any] = field(default_factory=lambda: {"noise": 0.01})
    kind: type[FakeBench] = FakeBench
    made: list[FakeBench] = field(default_factory=list)
    third: asyncio.Event = field(default_factory=asyncio.Event)
    """The third machine has been made."""

    def bench_for(self, name: str, source: str, aim: TrialAim) -> FakeBench:
        before = self._metrics(aim.baseline_source) if aim.baseline_source else dict(BEFORE)
        after = self._worth(aim.live.candidate[0][1] / 1e6) if aim.live else self._metrics(source)
        bench = self.kind(before, after, seed=len(self.tried), **self.more)
        self.made.append(bench)
        if len(self.made) == 3:
            self.third.set()
        return bench

    def _metrics(self, source: str) -> dict[str, float]:
        return self._worth(slice_ms(source))

    def _worth(self, milliseconds: float) -> dict[str, float]:
        return {str(name): value for name, value in BEFORE.items()} | {
            str(Metric.REQUEST_P99.value): BEFORE[Metric.REQUEST_P99] / self.worth(milliseconds),
            str(Metric.RATE.value): BEFORE[Metric.RATE] * self.rate(milliseconds),
        }


def slice_ms(source: str) -> float:
    found = _SLICE.search(source)
    assert found is not None, "the source has no slice_ns"
    return int(found[1]) / 1_000_000
