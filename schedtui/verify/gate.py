"""Gates, and the draft that passes through them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from schedtui.model.battery import BatteryResult
from schedtui.model.machine import KernelInfo
from schedtui.model.plan import Candidate
from schedtui.model.trial import TrialResult
from schedtui.model.verdict import (
    Basis,
    Finding,
    GateName,
    GateResult,
    InspectReport,
    Severity,
    Tool,
)
from schedtui.objfile.facts import ObjectFacts
from schedtui.policy.external.bundle import Bundle


@dataclass(slots=True)
class Draft:
    """A candidate on its way. Each gate fills in what it learned for those after it."""

    name: str
    """Scheduler name that the kernel shall show; empty accepts the one in the source."""
    source: str
    policy: str = ""
    object: bytes | None = None
    compiler: str = ""
    """Name and version of what made the object."""
    facts: ObjectFacts | None = None
    report: InspectReport | None = None
    battery: BatteryResult | None = None
    trial: TrialResult | None = None
    kernel: KernelInfo | None = None
    """The kernel that the kernel gate asked."""
    guest: tuple[Tool, ...] = ()
    """What runs and loads in its throw-away guests, as the kernel gate was told."""
    results: tuple[GateResult, ...] = ()
    """What the gates so far said, in order."""
    bundle: Bundle | None = None
    """The files of an external scheduler; the object is then their manifest."""

    @property
    def scheduler(self) -> str:
        """Name that the kernel shall show; empty until it is known."""
        return self.name or (self.facts.ops_name if self.facts else "")

    @classmethod
    def of(cls, candidate: Candidate) -> Draft:
        """Return the draft of a candidate."""
        return cls(candidate.name, candidate.source, candidate.policy)


class Cost(StrEnum):
    """How long a gate takes on an ordinary machine."""

    INSTANT = "instant"
    """Below a tenth of a second."""
    SECOND = "second"
    SECONDS = "seconds"
    MINUTES = "minutes"


class Gate(Protocol):
    """One check of the Execution Verifier."""

    @property
    def name(self) -> GateName:
        """Which gate this is."""
        ...

    @property
    def cost(self) -> Cost:
        """How long it takes. Cheap gates come first."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """What must be there for it to run at all, in words for people."""
        ...

    @property
    def doing(self) -> str:
        """What it does, for people, while it runs."""
        ...

    async def run(self, draft: Draft) -> GateResult:
        """Judge the draft. What it raises counts as a rejection."""
        ...


_NOTHING: Final = Basis()


def rejects(findings: Iterable[Finding]) -> bool:
    """Tell whether a finding rejects."""
    return any(found.severity is Severity.ERROR for found in findings)


def worst_first(findings: Iterable[Finding], most: int | None = None) -> tuple[Finding, ...]:
    """Return findings without repeats, errors first, in an order that never varies.

    ``most`` cuts the rest off: what rejects is never among it before what does not.
    """
    return tuple(sorted(set(findings), key=_place)[:most])


def _place(found: Finding) -> tuple[int, int, str, str]:
    return _WEIGHT[found.severity], found.line, found.code, found.sentence


def result_of(
    gate: GateName,
    started: float,
    summary: str,
    findings: Iterable[Finding],
    basis: Basis = _NOTHING,
) -> GateResult:
    """Return the result of a gate that started at ``time.monotonic()`` = ``started``."""
    ordered = worst_first(findings)
    seconds = time.monotonic() - started
    return GateResult(gate, not rejects(ordered), seconds, summary, ordered, basis=basis)


_WEIGHT: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
