"""Trial gate: the candidate runs under load against the default scheduler, in the same boot."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import ClassVar, Final

from schedtui.measure.control import ControlPlan, run_control
from schedtui.measure.sides import DEFAULT_SCHEDULER, DEFAULTS, SETTING, sides, sides_of
from schedtui.measure.statistics import MeasureError, effect
from schedtui.measure.trial import (
    Bench,
    InconclusiveError,
    TrialError,
    broken_guardrails,
    run_trial,
)
from schedtui.model.events import (
    ControlJudged,
    ControlMeasured,
    Event,
    GateProgress,
    PairDropped,
    PairMeasured,
)
from schedtui.model.goal import Direction, Guardrail, Metric
from schedtui.model.parcel import EMPTY, Parcel
from schedtui.model.protocol import Parameters
from schedtui.model.trial import Control, Effect, Pair, TrialResult, WorkloadSpec
from schedtui.model.verdict import Basis, Finding, GateName, GateResult, Tool
from schedtui.verify.basis import basis_in_guest, source_read
from schedtui.verify.catalogue import finding
from schedtui.verify.gate import Cost, Draft, result_of

MAX_WAIT_FLOOR_MS: Final = 250.0
MAX_WAIT_FACTOR: Final = 5.0
"""A wait is too long beyond both of these: the floor, and so many times the default's."""

BATCH_WAIT_MS: Final = 3000.0
"""Longest wait that is all right where the goal is the make-span of a batch."""

GUARDRAIL_CODE: Final = "TRL004"
"""Code of the finding that a guardrail did not hold."""

OpenBench = Callable[[Draft], AbstractAsyncContextManager[Bench]]


@dataclass(frozen=True, slots=True)
class LiveSides:
    """Live parameters of one load of a policy that is on both sides of a trial."""

    baseline: Parameters
    candidate: Parameters


@dataclass(frozen=True, slots=True)
class TrialAim:
    """What a trial measures and for what."""

    workload: WorkloadSpec
    metric: str
    direction: Direction
    guardrails: tuple[Guardrail, ...] = ()
    min_pairs: int = 3
    max_pairs: int = 7
    budget_s: float = 90.0
    control_pairs: int = 0
    """Pairs of the A/A control before the trial; 0 leaves it out."""
    control_for: int = 0
    """Most pairs of the trial that the control speaks for, when that is a later one; else 0."""
    give_up_below: float = 0.0
    """No more pairs are spent once the interval of the factor lies below this."""
    baseline_source: str = ""
    """The policy with a setting where that is the baseline; empty for the default scheduler."""
    baseline_setting: bool = False
    """Whether the baseline's setting is another one than the policy's defaults."""
    live: LiveSides | None = None
    """What is set in the policy that is loaded once; None where each side is a load by itself."""
    parcel: Parcel = EMPTY
    """Files that the workload needs, where it is a command of a person's own."""

    @property
    def baseline(self) -> str:
        """How windows under the baseline are labelled."""
        if not self.baseline_source:
            return DEFAULT_SCHEDULER
        return SETTING if self.baseline_setting else DEFAULTS


class _ControlError(InconclusiveError):
    """The load cannot be judged under the default scheduler either."""


class TrialGate:
    """Runs interleaved pairs and refuses what starves, stalls or is thrown out."""

    name = GateName.TRIAL
    cost: ClassVar[Cost] = Cost.MINUTES
    needs: ClassVar[tuple[str, ...]] = ("a throw-away guest of the exact kernel",)

    def __init__(self, open_bench: OpenBench, aim: TrialAim, emit: Callable[[Event], None]) -> None:
        self._open = open_bench
        self._aim = aim
        self._emit = emit
        self._done = 0
        self.doing = f"running {aim.workload.title} against {sides(aim.baseline).baseline}, in turn"

    async def run(self, draft: Draft) -> GateResult:
        """Run the trial; its result stays in the draft."""
        started = time.monotonic()
        summary, findings = await self._said(draft)
        return result_of(self.name, started, summary, findings, self._basis(draft))

    async def _said(self, draft: Draft) -> tuple[str, tuple[Finding, ...]]:
        try:
            result = await self._tried_twice(draft)
        except InconclusiveError as error:
            lost = finding(_code_of(error), reason=str(error))
            return "stopped" if error.ejected else "no result", (lost,)
        except TrialError as error:
            return "stopped", (finding("TRL001", reason=str(error)),)
        draft.trial = result
        return summary_of(result), self._judge(result)

    def _basis(self, draft: Draft) -> Basis:
        other = self._aim.baseline_source
        also = [source_read(other, "baseline source")] if other else []
        return basis_in_guest(draft, Tool("workload", self._aim.workload.name), also=also)

    async def _tried_twice(self, draft: Draft) -> TrialResult:
        """A machine that is lost or stands still once may be the emulator's or the host's fault."""
        try:
            return await self._tried(draft)
        except InconclusiveError as error:
            self._done = 0
            note = f"inconclusive ({error}); once more in a fresh machine"
            self._emit(GateProgress(self.name, 0, self._aim.max_pairs, note))
            return await self._tried(draft)

    async def _tried(self, draft: Draft) -> TrialResult:
        async with self._open(draft) as bench:
            return await self._measure(bench, draft)

    async def _measure(self, bench: Bench, draft: Draft) -> TrialResult:
        aim = self._aim
        control = await self._control(bench) if aim.control_pairs else None
        result = await run_trial(
            bench,
            aim.workload,
            draft.scheduler,
            (aim.metric, aim.direction),
            aim.guardrails,
            min_pairs=aim.min_pairs,
            max_pairs=aim.max_pairs,
            seconds_budget=aim.budget_s,
            give_up_below=aim.give_up_below,
            baseline=aim.baseline,
            before=(*control.dropped, *control.pairs) if control else (),
            on_pair=self._on_pair,
            on_dropped=self._on_dropped,
        )
        return dataclasses.replace(result, control=control)

    async def _control(self, bench: Bench) -> Control:
        """Judge the host. What fails here is not the candidate's doing: it is not attached."""
        aim = self._aim
        most = aim.control_for or aim.max_pairs
        plan = ControlPlan(
            aim.workload,
            aim.metric,
            aim.direction,
            most,
            aim.control_pairs,
            baseline=aim.baseline,
        )
        try:
            control = await run_control(
                bench, plan, on_pair=self._on_control_pair, on_dropped=self._on_dropped
            )
            # What the trial judges besides must be there under the default scheduler as well.
            for rail in aim.guardrails:
                effect(control.pairs, rail.metric, rail.direction)
        except InconclusiveError:
            raise
        except MeasureError as error:
            raise _ControlError(str(error)) from error
        self._emit(ControlJudged(control))
        return control

    def _on_control_pair(self, pair: Pair, effect: Effect | None) -> None:
        self._emit(ControlMeasured(pair, effect))
        note = "pairs of the baseline against itself"
        rounds = 1 + pair.index // self._aim.control_pairs
        total = rounds * self._aim.control_pairs
        self._emit(GateProgress(self.name, pair.index + 1, total, note))

    def _on_dropped(self, pair: Pair) -> None:
        self._emit(PairDropped(pair))
        note = f"pair {pair.index + 1} again: {pair.contaminated}"
        self._emit(GateProgress(self.name, self._done, self._aim.max_pairs, note))

    def _on_pair(self, pair: Pair, effect: Effect | None) -> None:
        self._done += 1
        self._emit(PairMeasured(pair, effect))
        note = f"pairs at most, {self._aim.workload.title}"
        self._emit(GateProgress(self.name, self._done, self._aim.max_pairs, note))

    def _judge(self, result: TrialResult) -> tuple[Finding, ...]:
        findings: list[Finding] = []
        limit = self._wait_limit_ms(result)
        if result.starved and result.max_wait_ms > limit:
            findings.append(finding("TRL002", names=", ".join(result.starved)))
        if result.control and result.control.unfit:
            return tuple(findings)  # compared with such a host's default scheduler, nothing is sure
        if result.max_wait_ms > limit:
            findings.append(
                finding("TRL003", wait=f"{result.max_wait_ms:.0f}", limit=f"{limit:.0f}")
            )
        findings += [
            finding(GUARDRAIL_CODE, metric=_words(seen.metric), factor=f"{1 / seen.factor:.2f}")
            for _, seen in broken_guardrails(result, self._aim.guardrails)
        ]
        return tuple(findings)

    def _wait_limit_ms(self, result: TrialResult) -> float:
        limit = max(MAX_WAIT_FLOOR_MS, MAX_WAIT_FACTOR * result.baseline_max_wait_ms)
        # Ordering a batch is making some jobs wait: only what nears the watchdog is too much.
        return max(limit, BATCH_WAIT_MS) if self._aim.metric == Metric.MAKESPAN else limit


def _code_of(error: InconclusiveError) -> str:
    if isinstance(error, _ControlError):
        return "TRL033"
    return "TRL001" if error.ejected else "TRL005"


def summary_of(result: TrialResult) -> str:
    """Return the trial in one line. Why a host is unfit was told when its control was judged."""
    if result.control and result.control.unfit:
        return "nothing can be claimed: this host is unfit"
    seen = result.objective
    return (
        f"{_words(seen.metric)} {seen.factor:.2f}x better "
        f"[{seen.low:.2f}, {seen.high:.2f}], "
        f"{seen.pairs} pairs, longest wait {result.max_wait_ms:.0f} ms "
        f"({sides_of(result.pairs).brief} {result.baseline_max_wait_ms:.0f})"
    )


def _words(metric: str) -> str:
    """Return a metric without its unit, in words."""
    for unit in ("_us", "_ms", "_pct", "_per_s"):
        metric = metric.removesuffix(unit)
    return metric.replace("_", " ")
