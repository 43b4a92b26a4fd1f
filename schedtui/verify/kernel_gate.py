"""The fourth gate: the kernel's own BPF verifier, in a throw-away machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import ClassVar, Final, Protocol, runtime_checkable

from schedtui.model.machine import KernelInfo
from schedtui.model.sealing import ops_sha256
from schedtui.model.verdict import Finding, GateName, GateResult, InspectReport, Tool
from schedtui.node.ops_rules import OpsError, clamped
from schedtui.objfile.facts import ObjectFacts
from schedtui.verify.basis import basis_in_guest
from schedtui.verify.catalogue import finding
from schedtui.verify.gate import Cost, Draft, result_of
from schedtui.verify.kernel_calls import compared, unexpected
from schedtui.verify.kernel_log import refusal
from schedtui.verify.source_place import definition, line_text, quoting

INSN_LIMIT: Final = 200_000
STATE_LIMIT: Final = 20_000
"""Most states of one program that the kernel may have to remember at a time."""
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
class NamesGuest(Protocol):
    """An inspector that also says which kernel it asked, once it has, and in what guest."""

    kernel: KernelInfo | None

    @property
    def guest(self) -> tuple[Tool, ...]:
        """What the kernel runs in."""
        ...


class KernelGate:
    """Asks the kernel."""

    name = GateName.KERNEL
    cost: ClassVar[Cost] = Cost.SECOND
    needs: ClassVar[tuple[str, ...]] = ("a throw-away guest of the exact kernel",)
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
            return self._unanswered(started, draft, "no answer in time", _too_long(self._limit))
        except InspectError as error:
            lost = finding("KRN011", reason=error)
            return self._unanswered(started, draft, "no answer", lost)
        draft.report = report
        self._name_guest(draft, report.libbpf)
        findings = judge_report(report, draft.facts, draft.source, self._limit)
        summary = _summary(report, draft.facts)
        return result_of(self.name, started, summary, findings, basis_in_guest(draft))

    def _unanswered(self, started: float, draft: Draft, summary: str, found: Finding) -> GateResult:
        self._name_guest(draft)
        return result_of(self.name, started, summary, [found], basis_in_guest(draft))

    def _name_guest(self, draft: Draft, libbpf: str = "") -> None:
        """Leave in the draft which kernel was asked, and in what, as far as that is known."""
        asked = self._inspector
        loader = (Tool("libbpf", libbpf),) if libbpf else ()
        draft.guest = loader
        if isinstance(asked, NamesGuest) and asked.kernel:
            draft.kernel, draft.guest = asked.kernel, (*asked.guest, *loader)
        draft.kernel = self._kernel or draft.kernel


def judge_report(
    report: InspectReport, facts: ObjectFacts, source: str = "", limit: float = SECONDS_LIMIT
) -> tuple[Finding, ...]:
    """Return what the kernel's answer means for an object; ``limit`` is in seconds."""
    if not report.ok:
        return (refusal(report, source),)
    costs = tuple(_costs(report, source, limit))
    # What costs too much is not traced to its end, which would only be said twice.
    calls = () if costs else tuple(unexpected(report, facts, source))
    return (*costs, *_mismatch(report, facts), *calls)


def _costs(report: InspectReport, source: str, limit: float) -> Iterator[Finding]:
    for program in report.programs:
        name, insns, states = program.name, program.processed_insns, program.peak_states
        line = definition(source, name)
        text = line_text(source, line)
        if insns > INSN_LIMIT:
            found = finding("KRN009", line, program=name, insns=insns, limit=INSN_LIMIT)
            yield quoting(found, text)
        if states > STATE_LIMIT:
            found = finding("KRN016", line, program=name, states=states, limit=STATE_LIMIT)
            yield quoting(found, text)
    if report.seconds > limit:
        yield _too_long(limit)


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
    if report.ops_sha256 != clamped_ops_sha256(facts):
        yield finding("KRN012", what="it was asked about other data members")


def clamped_ops_sha256(facts: ObjectFacts) -> str:
    """Return what the loader's hash of the data members must be; empty when none can be."""
    try:
        return ops_sha256(facts.ops_name, clamped(dict(facts.ops_data), 0))
    except OpsError:
        return ""


def _summary(report: InspectReport, facts: ObjectFacts) -> str:
    if not report.ok:
        return "refused"
    insns = sum(program.processed_insns for program in report.programs)
    called, unseen = compared(report, facts)
    calls = f"{len(called)} functions called"
    if unseen:
        calls += f", {len(unseen)} in dead branches"
    return (
        f"{len(report.programs)} programs, {insns} insns processed, {calls}, {report.seconds:.2f} s"
    )
