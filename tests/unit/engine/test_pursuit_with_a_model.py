"""A goal with a model: it proposes, the program checks, pays, repairs, and goes on without it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from itertools import pairwise

import pytest

from schedtui.agent.backends.credentials import Credentials
from schedtui.agent.backends.opening import Limits, ModelChoice
from schedtui.agent.deliberation.planner import Planner
from schedtui.engine.pursuit import Pursuit
from schedtui.model.deployment import Approval, ApprovalRequest
from schedtui.model.events import (
    Asked,
    CandidateMade,
    Decided,
    Event,
    Finished,
    GoalRead,
    Planned,
    Spent,
    Thought,
    ToolAnswered,
)
from schedtui.model.goal import Family, Metric
from schedtui.model.plan import Layer
from schedtui.model.trial import Outcome
from schedtui.model.verdict import GateResult
from tests.fakes.model_pursuit import GOAL, NO, SECRET, Pursued, pursued
from tests.fakes.model_server import scenario, serving
from tests.fakes.surroundings import FakeSurroundings
from tests.unit.agent.observed import service_with_report


def around(*said: GateResult | None, outcome: Outcome = Outcome.BETTER) -> FakeSurroundings:
    return FakeSurroundings(service_with_report(), said, outcome)


def decisions(came: Pursued) -> list[str]:
    return [f"{each.what}: {each.why}" for each in came.of(Decided)]


async def test_a_policy_is_configured_in_three_turns() -> None:
    came = await pursued(around(), *scenario("configure"), approve=True)
    (plan,) = (event.plan for event in came.of(Planned))
    assert (plan.layer, plan.policy) == (Layer.CONFIGURE, "fifo_rtc")
    assert dict(plan.parameters)["slice_us"] == 30000
    assert plan.author == "model claude-sonnet-5-5, answered by scripted"
    assert plan.why[0].startswith("the model says: requests that run")
    assert "slice_us = 30000;" in came.around.verified[0].source
    assert [each.ok for each in came.of(ToolAnswered)] == [True] * 4
    assert [request.plan for request in came.around.deployed] == [plan]
    assert came.events[-1] == Finished(0, "fifo_rtc is in charge of sandbox; r rolls back")


async def test_what_it_cost_is_counted_turn_by_turn() -> None:
    came = await pursued(around(), *scenario("configure"))
    spent = came.of(Spent)
    assert [each.total.turns for each in spent] == [1, 2, 3]
    paid = sum(each.dollars or 0 for each in spent)
    assert spent[-1].total.dollars == pytest.approx(paid)
    # 1800 fresh, 5200 written, 12200 read, 670 said, at the prices of the medium model.
    assert paid == pytest.approx((1800 * 2 + 5200 * 2.5 + 12200 * 0.1 + 670 * 10) / 1e6)


async def test_the_transcript_is_only_appended_to() -> None:
    came = await pursued(around(NO), *scenario("create"))
    bodies = [heard.body for heard in came.server.asked]
    assert len(bodies) == 5
    for earlier, later in pairwise(bodies):
        assert later["messages"][: len(earlier["messages"])] == earlier["messages"]
        assert (later["system"], later["tools"]) == (earlier["system"], earlier["tools"])


async def test_slots_are_repaired_with_what_the_composer_and_a_gate_say() -> None:
    came = await pursued(around(NO), *scenario("create"))
    assert [event.plan.layer for event in came.of(Planned)] == [Layer.CREATE] * 2
    first, second = came.around.verified
    assert "turn_us = 30000;" in first.source
    assert "turn_us = 20000;" in second.source
    assert second.base_source == ""
    assert "CMP001 line 12: a turn is too long shorten it" in came.server.asked[3].last
    assert [request.candidate for request in came.asked] == [second]
    assert not came.around.deployed


async def test_a_larger_model_goes_on_after_two_repairs_and_gives_up_after_four() -> None:
    turns = scenario("create")
    write, propose = dict(turns[1]), dict(turns[2])
    del write["expect"], propose["expect"]
    call = propose["tool"][0]

    def round_of(number: int) -> tuple[dict[str, object], ...]:
        given = call["input"] | {"policy": f"draft-{number}"}
        return write, {**propose, "tool": [{**call, "input": given}]}

    rounds = [turn for number in range(1, 6) for turn in round_of(number)]
    came = await pursued(around(*[NO] * 5), *rounds)
    assert [heard.body["model"] for heard in came.server.asked] == (
        ["claude-sonnet-5-5"] * 6 + ["claude-opus-5-5"] * 4
    )
    handed = came.server.asked[6].body["messages"]
    assert len(handed) == 1
    assert "a turn is too long" in handed[0]["content"]
    assert "slot_slice" in handed[0]["content"]
    assert decisions(came) == [
        "claude-opus-5-5 goes on: 2 repairs did not help",
        "rules go on without the model: 4 repairs did not help",
    ]
    assert came.around.verified[-1].author == "offline rules"
    assert came.asked[0].candidate.author == "offline rules"


async def test_without_a_key_one_line_says_so_and_rules_plan() -> None:
    came = await pursued(around(), key="")
    assert decisions(came) == [
        "rules plan without a model: there is no key for a model (ANTHROPIC_API_KEY is not set)"
    ]
    assert not came.server.heard
    assert came.around.verified[0].author == "offline rules"


async def test_offline_asks_nobody_and_says_nothing() -> None:
    came = await pursued(around(), model="offline")
    assert not came.server.heard
    assert not came.of(Decided)


@pytest.mark.parametrize(
    ("turn", "why"),
    [
        ({"stop": "refusal", "category": "cyber"}, "declines to answer (cyber)"),
        ({"error": 401}, "it does not accept the key"),
        ({"error": 400}, "it does not accept the request"),
        ({"text": "I cannot say."}, "proposes nothing"),
        ({"tool": [{"name": "look", "input": "{no json"}]}, ""),
        ({"tool": [{"name": "verify", "input": '{"artifact": "\\ud800"}'}]}, ""),
    ],
)
async def test_whatever_a_model_does_rules_go_on(turn: dict[str, object], why: str) -> None:
    came = await pursued(around(), turn, turn)
    assert "rules go on without the model" in decisions(came)[-1]
    assert why in decisions(came)[-1]
    assert came.asked[0].candidate.author == "offline rules"


async def test_a_stream_that_breaks_off_is_asked_again_and_paid_at_the_worst_price() -> None:
    first, *others = scenario("configure")
    came = await pursued(around(), {**first, "truncate": 4}, first, *others)
    assert came.of(Planned)[0].plan.author.startswith("model")
    assert came.of(Spent)[0].usage.output == 2560
    assert came.of(Spent)[-1].total.turns == 4


@pytest.mark.parametrize(
    ("limits", "turns", "why"),
    [
        (Limits(turns=1), 1, "all 1 turns are used"),
        (Limits(dollars=0.01), 0, "of $0.01 are left"),
        (Limits(dollars=0.05), 1, "of $0.05 are left"),
        (Limits(seconds=0.5), 0, "all 0.5 s for models are used"),
    ],
)
async def test_a_turn_that_could_cross_a_limit_is_not_begun(
    limits: Limits, turns: int, why: str
) -> None:
    came = await pursued(around(), *scenario("configure"), limits=limits)
    assert len(came.server.asked) == turns
    assert why in decisions(came)[-1]
    assert came.asked[0].candidate.author == "offline rules"


async def test_a_sum_that_the_goal_names_is_held() -> None:
    came = await pursued(around(), *scenario("configure"), goal=f"{GOAL}, budget $0.01")
    assert not came.server.asked
    assert "of $0.01 are left" in decisions(came)[-1]


async def test_a_server_that_states_no_usage_is_counted_at_its_worst() -> None:
    first, *others = scenario("configure")
    silent = {"input_tokens": 0, "output_tokens": 0}
    came = await pursued(around(), {**first, "usage": silent}, *others)
    assert came.of(Spent)[0].usage.output == 2560
    assert came.of(Spent)[0].usage.cache_written > 1000


@pytest.mark.parametrize("counts", [True, False])
async def test_no_turn_costs_more_than_was_left_for_it(counts: bool) -> None:
    came = await pursued(around(), *scenario("configure"), counts=counts)
    for spent in came.of(Spent):
        assert spent.total.dollars is not None
        assert spent.total.dollars <= 0.50


async def test_a_model_without_a_price_is_asked_unless_the_money_was_named() -> None:
    turns = scenario("configure")
    came = await pursued(around(), *turns, model="house-model")
    assert came.of(Spent)[-1].total.dollars is None
    assert came.server.asked[0].body["model"] == "house-model"
    assert "thinking" not in came.server.asked[0].body
    strict = await pursued(around(), *turns, model="house-model", limits=Limits(strict=True))
    assert not strict.server.asked
    assert "the price of house-model is not known" in decisions(strict)[-1]


async def test_one_model_that_was_named_is_asked_everything() -> None:
    came = await pursued(around(), *scenario("configure"), model="claude-haiku-5-5")
    assert {heard.body["model"] for heard in came.server.asked} == {"claude-haiku-5-5"}


async def test_a_proposal_that_is_no_better_gives_way_to_the_rules() -> None:
    came = await pursued(around(outcome=Outcome.NO_DIFFERENCE), *scenario("configure"))
    assert [candidate.author[:5] for candidate in came.around.verified] == ["model", "offli"]
    assert not came.asked
    finished = came.events[-1]
    assert isinstance(finished, Finished)
    assert finished.summary.startswith("keep the default scheduler")


async def propose(*said: GateResult | None, policy: str, outcome: Outcome) -> Pursued:
    turn = {"tool": [{"name": "request_deploy", "input": PROPOSAL | {"policy": policy}}]}
    return await pursued(around(*said, outcome=outcome), turn, {"text": "no"}, {"text": "no"})


PROPOSAL = {"parameters": [], "why": "so"}
UNDECIDED = replace(NO, inconclusive=True)


@pytest.mark.parametrize(
    ("said", "policy", "outcome", "tried"),
    [
        (NO, "fifo_rtc", Outcome.BETTER, ["fifo_rtc"]),
        (NO, "vtime_fair", Outcome.BETTER, ["vtime_fair", "fifo_rtc"]),
        (UNDECIDED, "vtime_fair", Outcome.BETTER, ["vtime_fair"]),
        (None, "fifo_rtc", Outcome.WORSE, ["fifo_rtc"]),
        (None, "vtime_fair", Outcome.WORSE, ["vtime_fair", "fifo_rtc"]),
    ],
)
async def test_nothing_is_tried_twice_and_what_is_undecided_ends_it(
    said: GateResult | None, policy: str, outcome: Outcome, tried: list[str]
) -> None:
    came = await propose(said, policy=policy, outcome=outcome)
    assert [candidate.policy for candidate in came.around.verified] == tried
    assert len(came.of(Finished)) == 1


async def test_what_a_model_says_is_one_plain_line_each() -> None:
    turn = {"thinking": "a\x1b[2Jb\n[bold]c[/]", "text": "x" * 5000}
    came = await pursued(around(), turn, turn)
    lines = [thought.text for thought in came.of(Thought)]
    assert lines[:2] == ["a\\x1b[2Jb", "[bold]c[/]"]
    assert max(map(len, lines)) <= 400


async def test_a_goal_that_is_refused_reaches_no_model() -> None:
    came = await pursued(around(), goal="switch the watchdog off and starve the other users")
    assert not came.server.heard


UNREAD = "Aplikacja odpowiada za wolno"


def reading(**changes: object) -> dict[str, object]:
    usual = {
        "objective": "request_p99_us",
        "family": "oversubscribed_service",
        "guardrails": [{"metric": "rate_per_s", "worse_percent": 5}],
        "harmful": False,
        "words": "za wolno",
    }
    return {"text": json.dumps(usual | changes)}


async def test_words_that_rules_do_not_know_are_read_by_a_small_model() -> None:
    came = await pursued(around(), reading(), *scenario("configure"), goal=UNREAD)
    (goal,) = (event.goal for event in came.of(GoalRead))
    assert (goal.objective, goal.families) == (Metric.REQUEST_P99, (Family.SERVICE,))
    assert [(rail.metric, rail.tolerance) for rail in goal.guardrails] == [("rate_per_s", 0.05)]
    assert "as claude-haiku-5-5, answered by scripted reads it" in goal.reading[0]
    bodies = [heard.body for heard in came.server.asked]
    assert bodies[0]["model"] == "claude-haiku-5-5"
    assert bodies[0]["output_config"]["format"]["type"] == "json_schema"
    assert "tools" not in bodies[0]
    assert came.of(Spent)[-1].total.turns == 4
    assert came.of(Planned)[0].plan.policy == "fifo_rtc"


@pytest.mark.parametrize(
    ("turn", "why"),
    [
        (reading(objective="unclear"), "it is unclear"),
        (reading(harmful=True), "takes it for harmful"),
        (reading(harmful="no"), "takes it for harmful"),
        (reading(guardrails=[{"metric": "rate_per_s", "worse_percent": 100}]), "guardrail"),
        (reading(more=1), "exactly"),
        ({"text": "snappy"}, "no JSON"),
        ({"error": 401}, "does not accept the key"),
    ],
)
async def test_what_a_model_cannot_read_is_asked_back(turn: dict[str, object], why: str) -> None:
    came = await pursued(around(), turn, goal=UNREAD)
    assert why in decisions(came)[-1]
    assert came.of(Asked)
    assert not came.around.verified


async def test_a_conflict_is_asked_back_and_no_model_settles_it() -> None:
    goal = "cut the p99 of the service and at the same time finish the whole batch of jobs sooner"
    came = await pursued(around(), goal=goal)
    assert came.of(Asked)
    assert not came.server.heard


async def test_cancelling_ends_the_turn_and_lets_go_of_the_server() -> None:
    heard: list[Event] = []
    async with serving({"thinking": "slowly " * 200, "slow_s": 5.0}) as server:
        choice = ModelChoice("auto", Limits(), Credentials(SECRET, base_url=server.url))
        planner = Planner(choice, tuple)
        pursuit = Pursuit(around(), unasked, heard.append, planner)
        going = asyncio.create_task(pursuit.run(GOAL))
        await server.reached.wait()
        going.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(going, 1.0)
    assert not any(isinstance(event, Finished | CandidateMade) for event in heard)


async def unasked(request: ApprovalRequest) -> Approval | None:
    raise AssertionError(f"asked about {request.candidate.name}")
