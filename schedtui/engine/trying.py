"""One trial from its request to its kept row: what trials, sweeps and tunings have in common."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from typing import Protocol, cast

import schedtui
from schedtui.engine.port import EngineError
from schedtui.measure.judgement import judge_trial
from schedtui.model.events import Event, Verified
from schedtui.model.policy import ParameterValues
from schedtui.model.results import ResultRow
from schedtui.model.sweep import Leaving, Place
from schedtui.model.verdict import Finding, GateName, GateResult, Severity, Verdict
from schedtui.policy.external.bundle import Bundle
from schedtui.store.results import ResultsError
from schedtui.verify.basis import source_sha256
from schedtui.verify.trial_gate import GUARDRAIL_CODE, TrialAim
from schedtui.verify.verifier import UNDECIDED_CODES


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """A source and what is measured of it."""

    name: str
    """Policy of the repository, or name of the file."""
    source: str
    parameters: ParameterValues
    aim: TrialAim
    command: tuple[str, ...]
    """The command line that asks for the same again."""
    baseline_parameters: ParameterValues = ()
    """Those of the aim's baseline, where that is the policy itself; else empty."""
    bundle: Bundle | None = None
    """The files of an external scheduler, which has no source; else None."""


class Trier(Protocol):
    """Takes a source through the gates and its trial."""

    def trial(self, name: str, source: str, aim: TrialAim) -> AsyncIterator[Event]:
        """Yield the gates' events, those of the trial among them; the last one is Verified."""
        ...

    def holding(self) -> AbstractAsyncContextManager[None]:
        """Keep what is loaded from trial to trial, as long as it is the same, until the end."""
        ...

    def trial_program(self, bundle: Bundle, aim: TrialAim) -> AsyncIterator[Event]:
        """The same for an external scheduler."""
        ...


class Keeper(Protocol):
    """Where rows are kept."""

    def append(self, row: ResultRow) -> int:
        """Keep one row and return its number. Raises ResultsError."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a row."""

    number: int = 0
    """0 when it could not be kept."""
    trouble: EngineError | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial that is over."""

    verdict: Verdict
    row: ResultRow | None
    """None when a gate before the trial said no."""
    kept: Kept = Kept()


async def try_and_keep(
    request: TrialRequest,
    trier: Trier,
    keeper: Keeper,
    emit: Callable[[Event], None],
    sweep_round: int = 0,
) -> Tried:
    """Run one trial and keep its row. A row that cannot be kept loses no answer.

    ``emit`` is told everything up to Verified. Raises EngineError when the trial breaks off.
    """
    verdict = await _verdict_on(request, trier, emit)
    row = _result_row(request, verdict, sweep_round)
    return Tried(verdict, row, _kept(keeper, row) if row else Kept())


async def _verdict_on(
    request: TrialRequest, trier: Trier, emit: Callable[[Event], None]
) -> Verdict:
    if request.bundle is not None:
        stream = trier.trial_program(request.bundle, request.aim)
    else:
        stream = trier.trial(request.name, request.source, request.aim)
    # Closing the stream cancels what stands behind it.
    async with aclosing(cast("AsyncGenerator[Event]", stream)) as events:
        async for event in events:
            emit(event)
            if isinstance(event, Verified):
                return event.verdict
    raise EngineError("the trial ended without a verdict", "run it again", missing=False)


def _kept(keeper: Keeper, row: ResultRow) -> Kept:
    try:
        return Kept(keeper.append(row))
    except ResultsError as error:
        return Kept(trouble=EngineError(error.sentence, error.fix))


def _result_row(request: TrialRequest, verdict: Verdict, sweep_round: int) -> ResultRow | None:
    """Return what is kept of a trial, None when the candidate did not get as far as that."""
    gate = _trial_gate(verdict)
    if gate is None:
        return None
    aim, trial = request.aim, verdict.trial
    return ResultRow(
        unix_ms=time.time_ns() // 1_000_000,
        version=schedtui.__version__,
        command=request.command,
        policy=request.name,
        scheduler=verdict.candidate,
        parameters=request.parameters,
        source_sha256=verdict.source_sha256,
        object_sha256=verdict.object_sha256,
        compiler=verdict.compiler,
        kernel_release=verdict.kernel_release,
        kernel_build_id=verdict.kernel_build_id,
        kernel_btf_sha256=verdict.kernel_btf_sha256,
        workload=aim.workload,
        metric=aim.metric,
        direction=aim.direction,
        max_pairs=aim.max_pairs,
        control_pairs=aim.control_pairs,
        guardrails=aim.guardrails,
        rejections=rejections((gate,)),
        trial=trial,
        judgement=judge_trial(trial, aim.guardrails) if trial else None,
        no_result=no_result((gate,)),
        sweep_round=sweep_round,
        control_for=aim.control_for,
        baseline_parameters=request.baseline_parameters,
        carried=aim.parcel.hashes,
        baseline_source_sha256=source_sha256(aim.baseline_source) if aim.baseline_source else "",
        program_sha256=verdict.program_sha256,
        live=tuple(name for name, _ in aim.live.candidate) if aim.live else (),
    )


def _trial_gate(verdict: Verdict) -> GateResult | None:
    return next((gate for gate in verdict.gates if gate.gate is GateName.TRIAL), None)


def rejections(gates: Iterable[GateResult]) -> tuple[str, ...]:
    """Return what speaks against the candidate apart from guardrails, which are judged apart."""
    return tuple(
        found.sentence
        for gate in gates
        if not gate.inconclusive
        for found in _errors(gate)
        if found.code not in {GUARDRAIL_CODE, *UNDECIDED_CODES}
    )


def no_result(gates: Iterable[GateResult]) -> str:
    """Return why there is no result though nothing speaks against the candidate, else nothing."""
    unanswered = (found for gate in gates if gate.inconclusive for found in _errors(gate))
    return next((found.sentence for found in unanswered), "")


def _errors(gate: GateResult) -> Iterator[Finding]:
    return (found for found in gate.findings if found.severity is Severity.ERROR)


def stopped(policy: str, verdict: Verdict) -> Place:
    """Return the place of a policy that did not get as far as its trial."""
    against = rejections(verdict.gates)
    unanswered = "" if against else no_result(verdict.gates)
    if unanswered:
        return Place(policy, None, Leaving.NO_RESULT, unanswered)
    return Place(policy, None, Leaving.REJECTED, against[0] if against else "a gate said no")
