"""Tools of a model: strict, capped, and unable to do anything but look and write drafts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from schedtui.agent.choices import stand_in
from schedtui.agent.deliberation.proposals import Desk, Proposal
from schedtui.agent.intake import read_goal
from schedtui.agent.observation import profile
from schedtui.agent.planning import plan
from schedtui.agent.tools.answer import CHARACTERS_PER_TOKEN, Answer
from schedtui.agent.tools.drafts import MOST
from schedtui.agent.tools.toolbox import MOST_LOOKS, TOOLS, Toolbox
from schedtui.model.goal import GoalSpec
from schedtui.model.plan import Layer, Plan
from schedtui.model.results import StoredRow
from schedtui.model.wire import Json
from schedtui.store.results import ResultsError
from tests.fakes.model_pursuit import GOAL
from tests.fakes.surroundings import FakeSurroundings, repository
from tests.unit.agent.observed import service_with_report

SLOTS = {
    "name": "mine",
    "base": "",
    "idea": "mine: for tests.",
    "parameters": [],
    "slots": [{"slot": "slice", "code": "7 * NSEC_PER_MSEC"}],
}


def ruled() -> Plan:
    goal = read_goal(GOAL)
    assert isinstance(goal, GoalSpec)
    seen = profile(service_with_report(), 2)
    decided = plan(goal, seen, repository(), 2, ceiling_of=lambda *_: None)
    assert isinstance(decided, Plan)
    return decided


class Boxed:
    """A toolbox, with what was proposed in it."""

    def __init__(self, rows: Sequence[StoredRow] = ()) -> None:
        self.around = FakeSurroundings(service_with_report())
        self.ruled = ruled()
        self.box = Toolbox(self.around, self.ruled, lambda: rows, self._propose)
        self.proposed: list[Proposal] = []

    def _propose(self, data: dict[str, Json]) -> Answer:
        desk = Desk(self.ruled, self.around.policies(), 2, self.box.drafts)
        self.proposed.append(desk.proposal(data, "model x"))
        return Answer(ok=True, summary="taken")

    async def call(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        told = await self.box.call(tool, arguments)
        assert len(told.text) <= told.tokens * CHARACTERS_PER_TOKEN
        answer: dict[str, Any] = json.loads(told.text)
        return answer

    async def request(self, policy: str, **parameters: int) -> dict[str, Any]:
        values = [{"name": name, "value": value} for name, value in parameters.items()]
        return await self.call("request_deploy", policy=policy, parameters=values, why="so")


def objects(schema: Json) -> Iterator[dict[str, Json]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        yield from (found for value in schema.values() for found in objects(value))


@pytest.mark.parametrize("tool", TOOLS, ids=[tool.name for tool in TOOLS])
def test_schemas_are_strict_all_the_way_down(tool: Any) -> None:
    for found in objects(tool.schema):
        assert found["additionalProperties"] is False
        assert isinstance(found["properties"], dict)
        assert found["required"] == list(found["properties"])


async def test_every_answer_keeps_to_its_cap_and_says_what_it_left_out() -> None:
    boxed = Boxed()
    assert (await boxed.call("get_context"))["ok"]
    assert (await boxed.call("profile_workload", seconds=0))["ok"]
    found = await boxed.call("search_policies", query="latency batch game fair slice", most=6)
    assert found["summary"].endswith(f"of {len(repository())} policies")
    for policy in repository():
        for part in ("card", "parameters", "code"):
            assert (await boxed.call("get_policy", policy=policy.name, part=part))["ok"]
    cut = await boxed.call("get_policy", policy="warm_cores", part="code")
    assert cut["left_out"].endswith("more lines")


async def test_a_look_is_measured_three_times_at_most() -> None:
    boxed = Boxed()
    answers = [await boxed.call("profile_workload", seconds=1) for _ in range(MOST_LOOKS + 1)]
    assert [answer["ok"] for answer in answers] == [True] * MOST_LOOKS + [False]


async def test_a_whole_source_becomes_a_candidate_beside_its_base() -> None:
    boxed = Boxed()
    base = next(policy for policy in repository() if policy.name == "fifo_rtc")
    source = base.source.replace("fifo_rtc", "mine").replace("slice_us = 20000", "slice_us = 9000")
    written = await boxed.call("write_source", name="mine", base="fifo_rtc", source=source)
    assert written["ok"]
    assert (await boxed.call("verify", artifact="draft-1"))["ok"]
    assert (await boxed.request("draft-1"))["ok"]
    (proposal,) = boxed.proposed
    assert (proposal.plan.layer, proposal.plan.base) == (Layer.MODIFY, "fifo_rtc")
    assert (proposal.candidate.source, proposal.candidate.base_source) == (source, base.source)
    assert proposal.plan.workload == stand_in(ruled().goal.families[0], ruled().goal.objective)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "fifo_rtc"}, "is the name of a policy"),
        ({"name": "Mine"}, "small letters"),
        ({"name": "a" * 16}, "at most 15"),
        ({"base": "../mine"}, "There is no policy called"),
        ({"slots": []}, "fills no slot"),
        ({"slots": [{"slot": "nice", "code": "1"}]}, "There is no slot called"),
        ({"slots": [{"slot": "slice", "code": "*(u64 *)0"}]}, "Slot slice, line 1"),
        ({"slots": [{"slot": "slice"}]}, "The arguments are exactly: slot, code"),
        ({"slots": "all"}, "slots is a list"),
        ({"idea": "*/"}, "no place in a comment"),
        ({"idea": "\ud800"}, "half a character"),
        ({"more": 1}, "The arguments are exactly"),
    ],
)
async def test_what_is_no_composition_is_refused_in_words(
    changes: dict[str, Any], why: str
) -> None:
    boxed = Boxed()
    answer = await boxed.call("write_slots", **(SLOTS | changes))
    assert not answer["ok"]
    assert why in answer["summary"]
    assert boxed.box.drafts.get("draft-1") is None


@pytest.mark.parametrize(
    ("policy", "parameters", "why"),
    [
        ("fifo_rtc", {"slice_us": 0}, "outside"),
        ("fifo_rtc", {"approved": 1}, "has no parameter"),
        ("layers", {"upper": 1}, "is a table"),
        ("layers", {"by_nice": 2}, "true or false"),
        ("draft-1", {}, "There is no policy called"),
        ("", {}, "There is no policy called"),
    ],
)
async def test_what_cannot_be_proposed_is_refused_in_words(
    policy: str, parameters: dict[str, int], why: str
) -> None:
    boxed = Boxed()
    answer = await boxed.request(policy, **parameters)
    assert not answer["ok"]
    assert why in answer["summary"]
    assert not boxed.proposed


async def test_values_of_a_proposal_are_whole_and_the_rest_is_chosen_by_rules() -> None:
    boxed = Boxed()
    assert (await boxed.request("layers", by_nice=1, slice_us=2000))["ok"]
    values = dict(boxed.proposed[0].plan.parameters)
    assert (values["by_nice"], values["slice_us"]) == (True, 2000)
    assert values.keys() == {"upper", "lower", "by_nice", "slice_us", "ageing_ms"}


async def test_results_that_cannot_be_read_are_no_fault_and_name_no_file() -> None:
    def unreadable() -> tuple[StoredRow, ...]:
        raise ResultsError("/home/somebody/results.sqlite3 cannot be used", "")

    boxed = Boxed()
    box = Toolbox(boxed.around, boxed.ruled, unreadable, lambda _: Answer(ok=True, summary=""))
    told = await box.call("history", {"workload": ""})
    assert (told.answer.ok, "/home" in told.text) == (False, False)


async def test_drafts_have_an_end() -> None:
    boxed = Boxed()
    answers = [await boxed.call("write_slots", **SLOTS) for _ in range(MOST + 1)]
    assert [answer["ok"] for answer in answers] == [True] * MOST + [False]


@pytest.mark.parametrize("arguments", [None, [], "x", 1, {"artifact": None}, {"artifact": 1}])
async def test_arguments_of_any_shape_are_answered(arguments: Json) -> None:
    for tool in TOOLS:
        if tool.properties:
            told = await Boxed().box.call(tool.name, arguments)
            assert not told.answer.ok
