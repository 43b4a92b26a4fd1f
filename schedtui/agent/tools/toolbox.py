"""The tools of one goal: what each takes, how long its answer may be, and who answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from schedtui.agent.backends.port import Tool
from schedtui.agent.observation import profile
from schedtui.agent.tools.answer import Answer, ToolError, refused
from schedtui.agent.tools.arguments import (
    TEXT,
    WHOLE,
    list_of,
    members,
    one_of,
    shown,
    text,
    whole,
)
from schedtui.agent.tools.drafts import Drafts
from schedtui.agent.tools.looking import (
    MOST_FOUND,
    PARTS,
    context,
    found,
    history,
    observed,
    shown_policy,
)
from schedtui.model.plan import Plan
from schedtui.model.policy import Policy
from schedtui.model.results import StoredRow
from schedtui.model.slots import SlotName
from schedtui.model.telemetry import Snapshot
from schedtui.model.wire import Json
from schedtui.policy.errors import PolicyError
from schedtui.store.results import ResultsError

MOST_SECONDS: Final = 8
"""Longest look at the target that a model may ask for."""

MOST_LOOKS: Final = 3
"""Times that it can be measured anew for one goal."""

REQUEST_DEPLOY: Final = "request_deploy"

TOOLS: Final = (
    Tool("get_context", "The goal, the target, and what rules would do.", {}, 350),
    Tool(
        "profile_workload",
        f"What runs on the target, measured anew for 1 to {MOST_SECONDS} seconds; 0 returns the "
        "measurement that is there.",
        {"seconds": WHOLE},
        1000,
    ),
    Tool(
        "search_policies",
        f"Policies of the repository that words fit, at most {MOST_FOUND}.",
        {"query": TEXT, "most": WHOLE},
        1250,
    ),
    Tool(
        "get_policy",
        "One part of a policy: its card, its parameters with their ranges, or its code.",
        {"policy": TEXT, "part": one_of(*PARTS)},
        1500,
    ),
    Tool(
        "write_slots",
        "Write a scheduler by filling slots of the scaffold; the answer is a draft or the first "
        "fault. base is the policy that it changes, empty for a new one.",
        {
            "name": TEXT,
            "base": TEXT,
            "idea": TEXT,
            "parameters": list_of(
                name=TEXT, meaning=TEXT, unit=TEXT, default=WHOLE, minimum=WHOLE, maximum=WHOLE
            ),
            "slots": list_of(slot=one_of(*SlotName), code=TEXT),
        },
        600,
    ),
    Tool(
        "write_source",
        "Write a whole BPF C source. Only when slots cannot say it: most such sources fail.",
        {"name": TEXT, "base": TEXT, "source": TEXT},
        600,
    ),
    Tool("verify", "What the source rules say of a draft.", {"artifact": TEXT}, 600),
    Tool(
        "history",
        "Results of earlier trials under a built-in load, newest first; all when it is empty.",
        {"workload": TEXT},
        600,
    ),
    Tool(
        REQUEST_DEPLOY,
        "Propose a policy of the repository with parameters, or a draft without, as your answer. "
        "It goes through all gates and a trial; then a person decides. Nothing is deployed here. "
        "Parameters that are not named are chosen by rules. why is one sentence.",
        {"policy": TEXT, "parameters": list_of(name=TEXT, value=WHOLE), "why": TEXT},
        600,
    ),
)
"""In the order in which a model gets them, which never changes."""


class Bench(Protocol):
    """What tools need of a session. Nothing here changes a target."""

    @property
    def target(self) -> str:
        """Name of the target."""
        ...

    @property
    def cpus(self) -> int:
        """Number of the target's CPUs."""
        ...

    def policies(self) -> tuple[Policy, ...]:
        """Return the repository."""
        ...

    async def observe(self, seconds: float) -> list[Snapshot]:
        """Return the samples of the next seconds."""
        ...


Propose = Callable[[dict[str, Json]], Answer]
Rows = Callable[[], Sequence[StoredRow]]
"""Results of earlier trials, oldest first."""

_Handler = Callable[[Json], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, as text that keeps to the tool's limit."""

    answer: Answer
    text: str
    tokens: int


class Toolbox:
    """Answers calls. Nothing that a model writes makes it raise anything but for a lost target."""

    def __init__(self, bench: Bench, plan: Plan, rows: Rows, propose: Propose) -> None:
        self._bench = bench
        self._plan = plan
        self._rows = rows
        self._propose = propose
        self._looks = 0
        self.drafts = Drafts(bench.policies())
        self._handlers: dict[str, _Handler] = {
            "get_context": self._context,
            "profile_workload": self._profile,
            "search_policies": self._search,
            "get_policy": self._policy,
            "write_slots": self._slots,
            "write_source": self._source,
            "verify": self._verify,
            "history": self._history,
            REQUEST_DEPLOY: self._request,
        }

    async def call(self, name: str, arguments: Json) -> Told:
        """Answer one call."""
        tool = next((tool for tool in TOOLS if tool.name == name), None)
        if tool is None:
            answer = refused(f"There is no tool called {shown(name)}.")
            return Told(answer, answer.text(200), 200)
        try:
            answer = await self._handlers[name](arguments)
        except (ToolError, PolicyError) as error:
            answer = refused(str(error))
        return Told(answer, answer.text(tool.tokens), tool.tokens)

    async def _context(self, arguments: Json) -> Answer:
        members(arguments)
        return context(self._plan, self._bench.target, self._bench.cpus)

    async def _profile(self, arguments: Json) -> Answer:
        seconds = whole(members(arguments, "seconds"), "seconds")
        if seconds <= 0:
            return observed(self._plan.profile)
        if self._looks >= MOST_LOOKS:
            raise ToolError(f"It was measured {MOST_LOOKS} times; ask with 0 seconds.")
        self._looks += 1
        samples = await self._bench.observe(float(min(seconds, MOST_SECONDS)))
        return observed(profile(samples, self._bench.cpus))

    async def _search(self, arguments: Json) -> Answer:
        data = members(arguments, "query", "most")
        return found(self._bench.policies(), text(data, "query", 400), whole(data, "most"))

    async def _policy(self, arguments: Json) -> Answer:
        data = members(arguments, "policy", "part")
        return shown_policy(self._bench.policies(), text(data, "policy"), text(data, "part"))

    async def _slots(self, arguments: Json) -> Answer:
        names = ("name", "base", "idea", "parameters", "slots")
        return self.drafts.write_slots(members(arguments, *names))

    async def _source(self, arguments: Json) -> Answer:
        return self.drafts.write_source(members(arguments, "name", "base", "source"))

    async def _verify(self, arguments: Json) -> Answer:
        return self.drafts.verify(members(arguments, "artifact"))

    async def _history(self, arguments: Json) -> Answer:
        load = text(members(arguments, "workload"), "workload", 200)
        try:
            return history(self._rows(), load)
        except ResultsError as error:  # its words name files, which are nobody's business
            raise ToolError("Earlier results cannot be read.") from error

    async def _request(self, arguments: Json) -> Answer:
        return self._propose(members(arguments, "policy", "parameters", "why"))
