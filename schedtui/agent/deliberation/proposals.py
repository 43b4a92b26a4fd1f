"""From what a model proposes to a plan and a candidate. Every number stays measured or computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from schedtui.agent.configuring import configure
from schedtui.agent.execution import make_candidate
from schedtui.agent.expectation import expected
from schedtui.agent.tools.answer import ToolError
from schedtui.agent.tools.arguments import items, shown, text, whole
from schedtui.agent.tools.drafts import Draft, Drafts
from schedtui.agent.tools.looking import named
from schedtui.model.plan import Candidate, Layer, Plan
from schedtui.model.policy import ParameterType, ParameterValue, Policy
from schedtui.model.text import safe_text
from schedtui.model.wire import Json
from schedtui.policy.errors import PolicyError
from schedtui.policy.values import check_value

SAYS: Final = "the model says: "
"""Stands before every word of a model that a plan has."""

_WHY: Final = 300
_NEW: Final = (
    "its source was written by a model: nothing is known of it but what the gates and the trial "
    "show"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan of a model, and the source it is about."""

    plan: Plan
    candidate: Candidate

    def repeats(self, ruled: Plan) -> bool:
        """Tell whether it is what rules would do as well."""
        mine = self.plan.policy, dict(self.plan.parameters)
        return mine == (ruled.policy, dict(ruled.parameters))


@dataclass(frozen=True, slots=True)
class Desk:
    """What proposals are made from."""

    ruled: Plan
    policies: tuple[Policy, ...]
    cpus: int
    drafts: Drafts

    def proposal(self, data: dict[str, Json], author: str) -> Proposal:
        """Return what the arguments of ``request_deploy`` propose. Raises ToolError, PolicyError.

        Args:
            data: The arguments.
            author: Who is shown as the author.
        """
        name, why = text(data, "policy"), text(data, "why")
        values = items(data, "parameters", "name", "value")
        draft = self.drafts.get(name)
        if draft is not None:
            return self._written(draft, values, why, author)
        return self._configured(named(self.policies, name), values, why, author)

    def _configured(
        self, policy: Policy, values: list[dict[str, Json]], why: str, author: str
    ) -> Proposal:
        ruled = self.ruled
        chosen = configure(policy, ruled.profile, self.cpus, named=ruled.goal.text)
        given = dict(_value(policy, value) for value in values)
        parameters = tuple((n, given.get(n, usual)) for n, usual in chosen.parameters)
        same = policy.name == ruled.policy
        low, high = (ruled.expected_low, ruled.expected_high) if same else self._unknown()
        plan = replace(
            ruled,
            layer=Layer.CONFIGURE,
            policy=policy.name,
            base=policy.name,
            parameters=parameters,
            expected_low=low,
            expected_high=high,
            why=(_said(why), *_instead(ruled, same=same), *chosen.why),
            risks=tuple(dict.fromkeys((*self._unproved(), *chosen.risks, *policy.limits))),
            author=author,
        )
        return Proposal(plan, make_candidate(plan, self.policies))

    def _written(
        self, draft: Draft, values: list[dict[str, Json]], why: str, author: str
    ) -> Proposal:
        if values:
            raise ToolError("A draft has its parameters in it; give none, or write it again.")
        low, high = self._unknown()
        plan = replace(
            self.ruled,
            layer=draft.layer,
            policy=draft.name,
            base=draft.base.name if draft.base else "",
            parameters=draft.parameters,
            expected_low=low,
            expected_high=high,
            why=(_said(why), *_instead(self.ruled, same=False)),
            risks=(_NEW, *self._unproved()),
            author=author,
        )
        return Proposal(plan, draft.candidate(author))

    def _unknown(self) -> tuple[float, float]:
        ruled = self.ruled
        return expected(None, ruled.goal.objective, ruled.profile, ruled.ceiling)

    def _unproved(self) -> tuple[str, ...]:
        """Return the risks that come with the goal and not with a policy."""
        own = {limit for policy in self.policies for limit in policy.limits}
        return tuple(risk for risk in self.ruled.risks if risk not in own)


def _value(policy: Policy, data: dict[str, Json]) -> tuple[str, ParameterValue]:
    name, value = text(data, "name"), whole(data, "value")
    try:
        parameter = policy.parameter(name)
    except KeyError as error:
        raise PolicyError(f"{policy.name} has no parameter called {shown(name)}.") from error
    if parameter.type is ParameterType.NAMES:
        raise PolicyError(f"{name} is a table that is made from what was measured.")
    given = value == 1 if parameter.type is ParameterType.BOOLEAN and value in {0, 1} else value
    return name, check_value(parameter, given)


def _said(why: str) -> str:
    return SAYS + safe_text(why, _WHY)


def _instead(ruled: Plan, *, same: bool) -> tuple[str, ...]:
    return () if same else (f"rules would {ruled.layer} {ruled.policy}: {ruled.why[0]}",)
