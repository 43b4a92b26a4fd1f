"""Counts what was stopped where, and where kernels differ."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from schedtui.model.verdict import GateName, GateResult
from tests.perf.row import Row
from tests.vm.faults.corpus import Fault
from tests.vm.faults.gates import errors, meets

_ORDER = list(GateName)
_SHOWN = 6


@dataclass
class Tally:
    """Outcomes of faults on kernels."""

    title: str
    outcomes: dict[str, dict[str, str]] = field(default_factory=dict)
    """By fault, then by kernel series: the gate that stopped it."""
    missed: list[str] = field(default_factory=list)
    explained: set[tuple[str, str]] = field(default_factory=set)
    """Fault and series whose outcome is the one stated for just this kernel and gate."""

    def add(self, fault: Fault, series: str, result: GateResult) -> None:
        """Count one outcome."""
        self.outcomes.setdefault(fault.id, {})[series] = _class(result)
        if _is_stated(fault, series, result):
            self.explained.add((fault.id, series))
        if not in_time(fault, series, result):
            codes = " ".join(errors(result.findings)) or "nothing"
            self.missed.append(f"{fault.id} on {series}: {result.gate.value} {codes}")
            print(f"  missed: {self.missed[-1]}", file=sys.stderr)

    def rows(self) -> list[Row]:
        """Return the share that was stopped in time, and how many kernels disagree on."""
        number = sum(len(kernels) for kernels in self.outcomes.values())
        stopped = 100 * (1 - len(self.missed) / number) if number else 0.0
        kernels = sorted({series for each in self.outcomes.values() for series in each})
        what = f"{len(self.outcomes)} faults on {', '.join(kernels)}"
        differing = [each for each in self.outcomes if len(self._unexplained(each)) > 1]
        return [
            Row(
                f"{self.title}: stopped in time", stopped, "%", 100, False, _with(what, self.missed)
            ),
            Row(
                f"{self.title}: kernels differ, unexplained",
                len(differing),
                "",
                0,
                at_most=True,
                detail=_with(what, differing),
            ),
        ]

    def _unexplained(self, identity: str) -> set[str]:
        seen = self.outcomes[identity]
        return {seen[series] for series in seen if (identity, series) not in self.explained}


def _is_stated(fault: Fault, series: str, result: GateResult) -> bool:
    """Tell whether what a gate said on a kernel is stated for that kernel by itself."""
    stated = [*fault.overrides, *fault.alone_overrides]
    return any(on == series and meets(result, stop) for on, stop in stated)


def _with(what: str, named: list[str]) -> str:
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    return f"{what}; {', '.join(named[:_SHOWN])}{more}" if named else what


def _class(result: GateResult) -> str:
    return f"passed {result.gate.value}" if result.passed else f"stopped by {result.gate.value}"


def in_time(fault: Fault, series: str, result: GateResult) -> bool:
    """Tell whether the gate that should stop a fault did, or one before it."""
    expected = fault.stops_on(series)
    if not expected.codes:
        return meets(result, expected)
    if result.passed:
        return False
    earlier = _ORDER.index(result.gate) < _ORDER.index(expected.gate)
    return earlier or meets(result, expected)
