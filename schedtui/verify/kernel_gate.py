"""The fourth gate: the kernel's own BPF verifier, in a throw-away machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Final, Protocol, runtime_checkable

from schedtui.model.machine import KernelInfo
from schedtui.model.verdict import Finding, GateName, GateResult, InspectReport
from schedtui.objfile.facts import ObjectFacts
from schedtui.verify.catalogue import finding
from schedtui.verify.gate import Draft, result_of
from schedtui.verify.kernel_log import refusal

INSN_LIMIT: Final = 200_000
SECONDS_LIMIT: Final = 45.0
"""Longest time for the guest's start and the kernel's answer together."""
_KERNEL_NAME_LENGTH: Final = 15


class InspectError(Exception):
    """The kernel could not be asked; the message says why."""


class Inspector(Protocol):
    """Loads an object into the kernel it would run on, without attaching it."""

    async def inspect(self, object_bytes: bytes) -> InspectReport:
        """Return the kernel's answer. Raises InspectError when there is none."""
        ...


@runtime_checkable
class NamesKernel(Protocol):
    """An inspector that also says which kernel it asked, once it has."""

    kernel: KernelInfo | None


class KernelGate:
    """Asks the kernel."""

    name = GateName.KERNEL
    doing = "asking the kernel's verifier in a throw-away machine"

    def __init__(
        self,
        inspector: Inspector,
        kernel: KernelInfo | None = None,
        seconds_limit: float = SECONDS_LIMIT,
    ) -> None:
        self._inspector = inspector
        self._kernel = kernel
        self._limit = seconds_limit

    async def run(self, draft: Draft) -> GateResult:
        """Load without attaching; the report stays in the draft."""
        started = time.monotonic()
        if draft.object is None or draft.facts is None:
            missing = finding("KRN011", reason="there is no object that was read")
            return result_of(self.name, started, "no object", [missing])
        try:
            async with asyncio.timeout(self._limit):
                report = await self._inspector.inspect(draft.object)
        except TimeoutError:
            return result_of(self.name, started, "no answer in time", [_too_long(self._limit)])
        except InspectError as error:
            return result_of(self.name, started, "no answer", [finding("KRN011", reason=error)])
        draft.report = report
        draft.kernel = self._kernel or self._asked() or draft.kernel
        findings = judge_report(report, draft.facts)
        return result_of(self.name, started, _summary(report), findings)

    def _asked(self) -> KernelInfo | None:
        return self._inspector.kernel if isinstance(self._inspector, NamesKernel) else None


def judge_report(report: InspectReport, facts: ObjectFacts) -> tuple[Finding, ...]:
    """Return what the kernel's answer means for an object."""
    if not report.ok:
        return (refusal(report),)
    return (*_costs(report), *_mismatch(report, facts))


def _costs(report: InspectReport) -> Iterator[Finding]:
    for program in report.programs:
        insns = program.processed_insns
        if insns > INSN_LIMIT:
            yield finding("KRN009", program=program.name, insns=insns, limit=INSN_LIMIT)


def _too_long(limit: float) -> Finding:
    return finding("KRN010", limit=f"{limit:g}")


def _mismatch(report: InspectReport, facts: ObjectFacts) -> Iterator[Finding]:
    """The kernel must have checked the operations, all of them and nothing else."""
    expected = {program[:_KERNEL_NAME_LENGTH] for _, program in facts.ops_callbacks}
    checked = {program.name[:_KERNEL_NAME_LENGTH] for program in report.programs}
    if missing := sorted(expected - checked):
        yield finding("KRN012", what=f"it says nothing about {', '.join(missing)}")
    if extra := sorted(checked - expected):
        yield finding("KRN012", what=f"it also checked {', '.join(extra)}")


def _summary(report: InspectReport) -> str:
    if not report.ok:
        return "refused"
    insns = sum(program.processed_insns for program in report.programs)
    return f"{len(report.programs)} programs, {insns} insns processed, {report.seconds:.2f} s"
