"""Tools that write: a model's source is a draft, which the gates know nothing about yet."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schedtui.agent.tools.answer import Answer, ToolError
from schedtui.agent.tools.arguments import items, shown, text, whole
from schedtui.agent.tools.looking import named
from schedtui.model.composition import Composition
from schedtui.model.goal import Layer
from schedtui.model.plan import Candidate
from schedtui.model.policy import Parameter, ParameterType, ParameterValues, Policy
from schedtui.model.slots import SlotFilling, SlotName
from schedtui.model.text import safe_text
from schedtui.model.verdict import Finding, Severity
from schedtui.model.wire import Json
from schedtui.policy.composing import compose
from schedtui.policy.errors import PolicyError
from schedtui.policy.fields import is_identifier
from schedtui.verify.rules_gate import judge

MOST: Final = 16
"""Drafts of one goal."""

_SOURCE_LIMIT: Final = 60_000
_NAME_LIMIT: Final = 15


@dataclass(frozen=True, slots=True)
class Draft:
    """A source of a model, complete."""

    id: str
    layer: Layer
    name: str
    source: str
    base: Policy | None
    parameters: ParameterValues
    whole: bool
    """It was written as a whole and not as slots."""

    def candidate(self, author: str) -> Candidate:
        """Return it as a candidate for the gates."""
        return Candidate(
            name=self.name,
            policy=self.name,
            source=self.source,
            source_sha256=hashlib.sha256(self.source.encode("utf-8")).hexdigest(),
            base_name=self.base.name if self.base else "",
            base_source=self.base.source if self.base else "",
            parameters=self.parameters,
            author=author,
        )


class Drafts:
    """The drafts of one goal."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = policies
        self._drafts: dict[str, Draft] = {}

    def get(self, name: str) -> Draft | None:
        """Return the draft of an id, None when there is none."""
        return self._drafts.get(name)

    def write_slots(self, data: dict[str, Json]) -> Answer:
        """Compose a source from slots. Raises ToolError, PolicyError."""
        name, base = self._name(data), self._base(data)
        parameters = tuple(map(_parameter, items(data, "parameters", *_PARAMETER)))
        slots = items(data, "slots", "slot", "code")
        fillings = tuple(SlotFilling(_slot(text(s, "slot")), text(s, "code")) for s in slots)
        idea = text(data, "idea")
        source = compose(Composition(name, idea, parameters, fillings))
        values = tuple((each.name, each.default) for each in parameters)
        return self._keep(name, source, base, values, whole=False)

    def write_source(self, data: dict[str, Json]) -> Answer:
        """Take a whole source. Raises ToolError."""
        name, base = self._name(data), self._base(data)
        return self._keep(name, text(data, "source", _SOURCE_LIMIT), base, (), whole=True)

    def verify(self, data: dict[str, Json]) -> Answer:
        """Ask the first gate about a draft. Raises ToolError."""
        draft = self.get(text(data, "artifact"))
        if draft is None:
            known = ", ".join(self._drafts) or "none yet"
            raise ToolError(f"There is no draft of that name; there are: {known}.")
        return _judged(draft)

    def _keep(
        self, name: str, source: str, base: Policy | None, values: ParameterValues, *, whole: bool
    ) -> Answer:
        if len(self._drafts) >= MOST:
            raise ToolError(f"There are {MOST} drafts already, which is the most.")
        number = f"draft-{len(self._drafts) + 1}"
        layer = Layer.MODIFY if base else Layer.CREATE
        draft = Draft(number, layer, name, source, base, values, whole)
        self._drafts[number] = draft
        return _judged(draft)

    def _name(self, data: dict[str, Json]) -> str:
        name = text(data, "name")
        if not is_identifier(name) or len(name) > _NAME_LIMIT:
            raise ToolError(f"A name has small letters, digits and _, at most {_NAME_LIMIT}.")
        if any(policy.name == name for policy in self._policies):
            raise ToolError(f"{name} is the name of a policy of the repository; take another.")
        return name

    def _base(self, data: dict[str, Json]) -> Policy | None:
        base = text(data, "base")
        return named(self._policies, base) if base else None


_PARAMETER: Final = ("name", "meaning", "unit", "default", "minimum", "maximum")


def _parameter(data: dict[str, Json]) -> Parameter:
    return Parameter(
        name=text(data, "name"),
        type=ParameterType.INTEGER,
        default=whole(data, "default"),
        unit=text(data, "unit", 8),
        meaning=text(data, "meaning", 200),
        minimum=whole(data, "minimum"),
        maximum=whole(data, "maximum"),
    )


def _slot(name: str) -> SlotName:
    try:
        return SlotName(name)
    except ValueError as error:
        raise PolicyError(f"There is no slot called {shown(name)}.") from error


def _judged(draft: Draft) -> Answer:
    _, findings = judge(draft.source, draft.name)
    against = [each for each in findings if each.severity is Severity.ERROR]
    lines = tuple(finding_line(each) for each in (against or findings))
    size = f"{draft.source.count(chr(10))} lines"
    if against:
        summary = f"{draft.id} ({size}) fails {len(against)} source rules"
        return Answer(ok=False, summary=summary, lines=lines, next_hint="mend it and write again")
    hint = f"request_deploy with policy {draft.id} proposes it to the gates"
    return Answer(ok=True, summary=f"{draft.id} ({size}) passes the source rules", lines=lines,
                  next_hint=hint)  # fmt: skip


def finding_line(found: Finding) -> str:
    """Return a finding as a model gets it."""
    place = f"line {found.line}: " if found.line else ""
    return safe_text(f"{found.code} {place}{found.sentence} {found.hint}".rstrip())
