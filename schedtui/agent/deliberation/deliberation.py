"""The controller of a model: it owns budget, tools, repairs and escalation; the model proposes."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Final

from schedtui.agent.backends.routes import Route, Size
from schedtui.agent.deliberation.conversation import Asking, Conversation, EndedError
from schedtui.agent.deliberation.instructions import against, instructions
from schedtui.agent.deliberation.proposals import Desk, Proposal
from schedtui.agent.tools.answer import Answer, refused
from schedtui.agent.tools.drafts import finding_line
from schedtui.agent.tools.looking import context, observed
from schedtui.agent.tools.toolbox import TOOLS, Bench, Rows, Toolbox
from schedtui.model.events import Decided
from schedtui.model.plan import Plan
from schedtui.model.text import safe_text
from schedtui.model.verdict import Verdict
from schedtui.model.wire import Json

REPAIRS: Final = 4
"""Most repairs of one goal."""

PATIENCE: Final = 2
"""Repairs that may fail before a larger model goes on."""

_FIRST: Final = "Everything below was read or measured by the program.\n"
_TOKENS: Final = 1200


class Deliberation:
    """One plan with a model. Nothing that the model does ends it but with a decision in words."""

    def __init__(
        self, asking: Asking, by_size: Mapping[Size, Route], bench: Bench, ruled: Plan, rows: Rows
    ) -> None:
        self._asking = asking
        self._emit = asking.emit
        self._bench = bench
        self._ruled = ruled
        self._routes = by_size
        self._box = Toolbox(bench, ruled, rows, self._propose)
        self._desk = Desk(ruled, bench.policies(), bench.cpus, self._box.drafts)
        self._route = self._routes[Size.MEDIUM]
        self._talk = self._conversation()
        self._proposal: Proposal | None = None
        self._repairs = 0

    async def propose(self) -> Proposal | None:
        """Return the first proposal, None when there is none; the reason is told."""
        return await self._until_proposed(self._talk.say(self._handed_over()))

    async def repair(self, verdict: Verdict) -> Proposal | None:
        """Return the next proposal after a gate said no, None when there is none."""
        if self._repairs >= REPAIRS:
            self._give_up(f"{REPAIRS} repairs did not help")
            return None
        self._repairs += 1
        larger = self._routes[Size.LARGE]
        if self._repairs > PATIENCE and larger.model != self._route.model:
            self._emit(Decided(f"{larger.model} goes on", f"{PATIENCE} repairs did not help"))
            self._route = larger
            # Models do not read each other's thoughts: a transcript is of one model only.
            self._talk = self._conversation()
            words = self._handed_over() + self._failed(verdict)
            return await self._until_proposed(self._talk.say(words))
        return await self._until_proposed(self._talk.answer(_findings(verdict)))

    async def _until_proposed(self, going: Awaitable[bool]) -> Proposal | None:
        self._proposal = None
        try:
            proposed = await going
        except EndedError as error:
            self._give_up(str(error))
            return None
        if not proposed:
            self._give_up(f"{self._route.model} proposes nothing")
        return self._proposal

    def _give_up(self, why: str) -> None:
        self._emit(Decided("rules go on without the model", why))

    def _conversation(self) -> Conversation:
        return Conversation(self._asking, self._route, instructions(), TOOLS, self._box)

    def _propose(self, data: dict[str, Json]) -> Answer:
        self._proposal = self._desk.proposal(data, f"model {self._asking.who}")
        return Answer(ok=True, summary=f"{self._proposal.plan.policy} goes to the gates")

    def _handed_over(self) -> str:
        """Return the state of things, as a message."""
        bench, ruled = self._bench, self._ruled
        there = context(ruled, bench.target, bench.cpus).text(_TOKENS)
        return f"{_FIRST}context: {there}\nobserved: {observed(ruled.profile).text(_TOKENS)}\n"

    def _failed(self, verdict: Verdict) -> str:
        draft = self._proposal.candidate.source if self._proposal else ""
        last = f"The last draft failed; its findings: {_findings(verdict).text(600)}\n"
        return last + (f"Its source (quoted):\n{draft}\n" if draft else "")


def _findings(verdict: Verdict) -> Answer:
    gate = next(result for result in verdict.gates if not result.passed)
    lines = tuple(map(finding_line, gate.findings))
    said = refused(safe_text(against(verdict)), "mend exactly this, then propose again")
    return Answer(ok=False, summary=said.summary, lines=lines, next_hint=said.next_hint)
