"""Tools that prove in throw-away guests: the gates, and a measured trial. They deploy nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Annotated, Any, Final, Literal, cast

from mcp.server.mcpserver import Context
from pydantic import Field

from schedtui.engine.port import EngineError
from schedtui.engine.trying import Tried, no_result, rejections
from schedtui.mcp.answers import FoundThing, GateBrief, TrialAnswer, VerifyAnswer
from schedtui.mcp.hub import Hub
from schedtui.mcp.port import TrialWish, VerifyWish
from schedtui.mcp.reading import RESULT_UNITS, Name
from schedtui.mcp.telling import Progress, answering
from schedtui.measure.wording import fix
from schedtui.model.events import Event, Verified
from schedtui.model.results import NO_RESULT, REJECTED
from schedtui.model.text import safe_text
from schedtui.model.verdict import GateResult, Verdict
from schedtui.verify.tokens import verdict_chain

SOURCE_LIMIT: Final = 1 << 18
"""Longest source that is taken, in characters."""

FINDINGS: Final = 24
"""Most findings of an answer."""

GATE_UNITS: Final = {"seconds": "s"}

Source = Annotated[str, Field(min_length=1, max_length=SOURCE_LIMIT, description="BPF C, whole")]
Load = Annotated[str, Field(max_length=64, description="A built-in load, see `list_loads`")]
Pairs = Annotated[int, Field(ge=2, le=20, description="Most pairs of windows")]
Metric = Annotated[str, Field(max_length=64, description="What decides; empty is the usual one")]
Window = Annotated[int, Field(ge=0, le=30, description="Seconds of one window; 0 is the usual")]
Settings = Annotated[
    tuple[Annotated[str, Field(max_length=200)], ...],
    Field(max_length=16, description="Parameters of the policy as NAME=VALUE"),
]


class Proving:
    """Tools that take long: they report progress and can be cancelled."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @answering()
    async def verify(
        self,
        context: Context[Any, Any],
        source: Source,
        name: Name = "candidate.bpf.c",
        load: Load = "",
        battery: Literal["none", "quick", "full"] = "quick",
    ) -> VerifyAnswer:
        """Take a scheduler's BPF C through the gates. Deploys nothing.

        Rules, compile, object, kernel verifier, a battery of exercises in throw-away guests and,
        with `load`, a trial against the default scheduler. Ten seconds to two minutes.
        """
        require_load(self._hub, load)
        wish = VerifyWish(safe_text(name), source, load, battery)
        with self._hub.only("verifying a source"):
            async with Progress(context, self._hub.desk.story()) as progress:
                return _verified(await self._verdict(wish, progress))

    async def _verdict(self, wish: VerifyWish, progress: Progress) -> Verdict:
        stream = cast("AsyncGenerator[Event]", self._hub.desk.verify(wish))
        # Closing the stream cancels what stands behind it.
        async with aclosing(stream) as events:
            async for event in events:
                progress.tell(event)
                if isinstance(event, Verified):
                    return event.verdict
        raise EngineError("the verifier ended without a verdict", "call it again", missing=False)

    @answering()
    async def trial(
        self,
        context: Context[Any, Any],
        policy: Name,
        load: Load,
        metric: Metric = "",
        pairs: Pairs = 7,
        seconds: Window = 0,
        settings: Settings = (),
    ) -> TrialAnswer:
        """Measure a policy against the default scheduler in throw-away guests. Deploys nothing.

        Interleaved pairs with an interval, after a control of the default against itself. One to
        five minutes. The result is kept in the history.
        """
        wish = TrialWish(policy, load, metric, pairs, seconds, settings)
        with self._hub.only("measuring a trial"):
            async with Progress(context, self._hub.desk.story()) as progress:
                tried = await self._hub.desk.trial(wish, progress.tell)
        return self._tried(wish, tried)

    def _tried(self, wish: TrialWish, tried: Tried) -> TrialAnswer:
        row, gates = tried.row, tried.verdict.gates
        unanswered = no_result(gates) and not rejections(gates)
        outcome = row.outcome if row else NO_RESULT if unanswered else REJECTED
        seen = row.trial.objective if row and row.trial else None
        lines = self._hub.desk.evidence(row) if row else ()
        trouble = tried.kept.trouble
        return TrialAnswer(
            summary=lines[0] if lines else f"{wish.policy}: {outcome} before the trial",
            next=trouble.sentence if trouble else fix(outcome),
            units={**RESULT_UNITS, **_median_units(seen.metric if seen else "")},
            policy=wish.policy,
            load=wish.load,
            metric=row.metric if row else wish.metric,
            outcome=outcome,
            factor=seen.factor if seen else None,
            low=seen.low if seen else None,
            high=seen.high if seen else None,
            pairs=seen.pairs if seen else 0,
            baseline_median=seen.baseline_median if seen else None,
            candidate_median=seen.candidate_median if seen else None,
            evidence=lines,
            findings=found_things(gates),
            result=tried.kept.number,
        )


def require_load(hub: Hub, name: str) -> None:
    """Raise EngineError when a load is named that there is not."""
    known = [each.name for each in hub.desk.loads()]
    if name and name not in known:
        sentence = f"there is no load called {safe_text(name)}"
        raise EngineError(sentence, f"one of: {', '.join(known)}", missing=False)


def gate_briefs(gates: Iterable[GateResult]) -> tuple[GateBrief, ...]:
    """Return what each gate said."""
    return tuple(
        GateBrief(gate=str(each.gate), passed=each.passed, seconds=each.seconds, seen=each.summary)
        for each in gates
    )


def found_things(gates: Iterable[GateResult]) -> tuple[FoundThing, ...]:
    """Return the findings of all gates, the first ones."""
    found = [finding for gate in gates for finding in gate.findings]
    return tuple(
        FoundThing(
            code=each.code,
            severity=str(each.severity),
            line=each.line,
            sentence=each.sentence,
            hint=each.hint,
        )
        for each in found[:FINDINGS]
    )


def _verified(verdict: Verdict) -> VerifyAnswer:
    no = next((gate.gate for gate in verdict.gates if not gate.passed), None)
    return VerifyAnswer(
        summary="all gates pass" if no is None else f"gate {no} says no",
        next="" if no is None else "mend what the findings say; `explain_finding` says more",
        units={**GATE_UNITS, "line": "1-based line of the source; 0 where it has none"},
        passed=verdict.passed,
        gates=gate_briefs(verdict.gates),
        findings=found_things(verdict.gates),
        source_sha256=verdict.source_sha256,
        object_sha256=verdict.object_sha256,
        kernel=verdict.kernel_release,
        chain=verdict_chain(verdict)[-1],
    )


def _median_units(metric: str) -> dict[str, str]:
    named = {"_us": "microseconds", "_ms": "milliseconds", "_per_s": "per second", "_pct": "%"}
    unit = next((text for ending, text in named.items() if metric.endswith(ending)), "")
    return {"baseline_median": unit, "candidate_median": unit} if unit else {}
