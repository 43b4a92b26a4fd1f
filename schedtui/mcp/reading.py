"""Tools that read what is kept: policies, loads, findings, and the results of trials."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final, Literal

from pydantic import Field

from schedtui.engine.port import EngineError
from schedtui.mcp.answers import (
    FindingAnswer,
    HistoryAnswer,
    LoadBrief,
    LoadsAnswer,
    ParameterCard,
    PoliciesAnswer,
    PolicyAnswer,
    PolicyBrief,
    ResultBrief,
)
from schedtui.mcp.capping import SOURCE_CAP
from schedtui.mcp.hub import Hub
from schedtui.mcp.telling import answering
from schedtui.measure.recheck import recheck
from schedtui.measure.wording import load_name, when_text
from schedtui.model.external import External, Listed
from schedtui.model.goal import Family
from schedtui.model.policy import Match, Parameter, Policy
from schedtui.model.results import StoredRow
from schedtui.model.text import safe_text
from schedtui.policy.search import search
from schedtui.verify.catalogue import UnknownCodeError, entry_of

RESULTS: Final = 20
"""Results that a history shows, the newest."""

Words = Annotated[str, Field(min_length=1, max_length=400, description="In any order")]
Name = Annotated[str, Field(min_length=1, max_length=64)]
AnyFamily = Annotated[Family | None, Field(description="Only policies made for this family")]
Most = Annotated[int, Field(ge=1, le=12, description="Most policies in the answer")]

RESULT_UNITS: Final = {
    "factor": "times better than the baseline; 1 is no difference, below 1 is worse",
    "low": "lower end of the 95 % interval of the factor",
    "high": "upper end of the 95 % interval of the factor",
}


class Reading:
    """Tools that start nothing."""

    def __init__(self, hub: Hub) -> None:
        self._desk = hub.desk

    @answering()
    async def list_policies(self, family: AnyFamily = None) -> PoliciesAnswer:
        """All policies of the repository, and installed scx_* programs, in brief."""
        found = [each for each in self._desk.policies() if family in {None, *each.families}]
        return PoliciesAnswer(
            summary=f"{len(found)} policies" + (f" for {family}" if family else ""),
            next="`show_policy` has parameters and source of one",
            policies=tuple(_brief(each) for each in found),
        )

    @answering()
    async def search_policies(
        self, words: Words, family: AnyFamily = None, most: Most = 6
    ) -> PoliciesAnswer:
        """The policies that words fit, best first, and which word stands where."""
        policies = self._desk.policies()
        matches = search(policies, words, family)[:most]
        named = {each.name: each for each in policies}
        return PoliciesAnswer(
            summary=f"{len(matches)} policies have some of the words",
            next="`show_policy` has parameters and source of one" if matches else "try other words",
            units={"score": "0 to 1, higher fits better"},
            policies=tuple(_brief(named[match.name], match) for match in matches),
        )

    @answering(SOURCE_CAP)
    async def show_policy(
        self, name: Name, part: Literal["card", "source"] = "card"
    ) -> PolicyAnswer:
        """One policy: use cases, limits, requirements and parameters; `source` adds its BPF C."""
        return policy_answer(named_policy(self._desk.policies(), name), source=part == "source")

    @answering()
    async def list_loads(self) -> LoadsAnswer:
        """The built-in loads that trials measure with, and precisely what each one reports."""
        loads = self._desk.loads()
        return LoadsAnswer(
            summary=f"{len(loads)} built-in loads",
            units={"window_s": "s; 0 where the load ends by itself"},
            loads=tuple(
                LoadBrief(
                    name=each.name,
                    title=each.title,
                    window_s=each.seconds,
                    objective=each.objective,
                    reports=each.reports,
                )
                for each in loads
            ),
        )

    @answering()
    async def history(
        self, result: Annotated[int, Field(ge=0, description="Number of one; 0 lists")] = 0
    ) -> HistoryAnswer:
        """Results of trials, newest first, or one of them whole with its evidence.

        All figures were measured by schedtui; nothing can be written into the history from here.
        """
        rows = self._desk.rows()
        if not result:
            newest = tuple(_result(each) for each in reversed(rows[-RESULTS:]))
            summary = f"{len(rows)} results are kept; these are the newest {len(newest)}"
            return HistoryAnswer(summary=summary, units=RESULT_UNITS, results=newest, evidence=())
        stored = next((each for each in rows if each.id == result), None)
        if stored is None:
            raise EngineError(f"there is no result {result}", "call `history` without a number")
        return self._whole(stored)

    def _whole(self, stored: StoredRow) -> HistoryAnswer:
        problem = stored.problem or (recheck(stored.row) if stored.row else "")
        lines = self._desk.evidence(stored.row) if stored.row else ()
        return HistoryAnswer(
            summary=f"not to be believed: {problem}" if problem else " ".join(lines[:1]),
            units=RESULT_UNITS,
            results=(_result(stored, problem),),
            evidence=lines,
        )

    @answering()
    async def explain_finding(self, code: Name) -> FindingAnswer:
        """What a finding of a gate means and how to mend it, by its code such as SRC003."""
        try:
            entry = entry_of(code.upper())
        except UnknownCodeError as error:
            sentence = f"there is no finding {safe_text(code)}"
            raise EngineError(sentence, "read schedtui://findings") from error
        return FindingAnswer(
            summary=entry.sentence,
            code=entry.code,
            severity=str(entry.severity),
            sentence=entry.sentence,
            hint=entry.hint,
            explanation=entry.explanation,
        )


def named_policy(policies: Iterable[Listed], name: str) -> Listed:
    """Return the policy of a name. Raises EngineError."""
    known = list(policies)
    for each in known:
        if each.name == name:
            return each
    names = ", ".join(each.name for each in known)
    raise EngineError(f"there is no policy called {safe_text(name)}", f"one of: {names}")


def policy_answer(policy: Listed, *, source: bool) -> PolicyAnswer:
    """Return all that there is to say about a policy."""
    external = isinstance(policy, External)
    return PolicyAnswer(
        summary=f"{policy.name}: {policy.title} ({policy.origin})",
        next="" if external else "`trial` measures it; name it in the goal of `propose` to have it",
        units={"default": "see the unit of the parameter"},
        name=policy.name,
        title=policy.title,
        origin=str(policy.origin),
        description=policy.description,
        families=tuple(map(str, policy.families)),
        tags=policy.tags,
        use_cases=policy.use_cases,
        limits=policy.limits,
        requires=policy.requires,
        parameters=tuple(_card(each) for each in policy.parameters),
        source=policy.source if source and isinstance(policy, Policy) else "",
    )


def _card(parameter: Parameter) -> ParameterCard:
    default = parameter.default
    return ParameterCard(
        name=parameter.name,
        type=str(parameter.type),
        default="a table of process names" if isinstance(default, tuple) else str(default),
        minimum=parameter.minimum,
        maximum=parameter.maximum,
        unit=parameter.unit,
        meaning=parameter.meaning,
    )


def _brief(policy: Listed, match: Match | None = None) -> PolicyBrief:
    words = match.words if match else ()
    return PolicyBrief(
        name=policy.name,
        title=policy.title,
        origin=str(policy.origin),
        families=tuple(map(str, policy.families)),
        limits=policy.limits[:2],
        why=tuple(f"{each.word}: {', '.join(each.fields)}" for each in words),
        score=match.score if match else 0.0,
    )


def _result(stored: StoredRow, problem: str = "") -> ResultBrief:
    row = stored.row
    effect = row.trial.objective if row and row.trial else None
    return ResultBrief(
        result=stored.id,
        when=when_text(row) if row else "",
        policy=row.policy if row else "",
        load=load_name(row.workload) if row else "",
        metric=row.metric if row else "",
        outcome=row.outcome if row else "",
        factor=effect.factor if effect else None,
        low=effect.low if effect else None,
        high=effect.high if effect else None,
        problem=problem or stored.problem,
    )
