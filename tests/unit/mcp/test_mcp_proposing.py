"""Goals over MCP: nothing is deployed but what a person approved, by its hash."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable

import pytest

from schedtui.commands.approve import run as approve
from schedtui.commands.context import Context
from schedtui.commands.goal import run as run_goal
from schedtui.commands.options import Options
from schedtui.commands.output import Output
from schedtui.engine.control import ControlServer
from schedtui.engine.port import Approver, EngineError
from schedtui.mcp.pursuing import Pursuing
from schedtui.model.deployment import Deployment, Stage
from tests.fakes import samples
from tests.fakes.cli_services import OBJECT, ScriptedEngine, ScriptedServices, ScriptedTerminal
from tests.fakes.engine import FakeEngine
from tests.fakes.mcp_client import Person, Services, agent, verb_context

GOAL = "cut the p99"


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not happened():  # noqa: ASYNC110 - the engine under test has no event for it
            await asyncio.sleep(0.01)


def approved(services: ScriptedServices) -> bool:
    return any(asked.startswith("approved") for asked in services.made.asked)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_what_a_person_approves_is_deployed_and_can_be_taken_back(mode: str) -> None:
    services, person = ScriptedServices(), Person()
    async with agent(services, person, mode) as client:
        proposal = await client.answer("propose", goal=GOAL, load="service")
        assert proposal["outcome"] == "needs approval"
        assert (await client.answer("status"))["waiting_for_approval"] == OBJECT
        done = await client.answer("deploy", object_sha256=proposal["object_sha256"])
        assert sum("canary" in line for line in client.progress) == 1
        assert (done["deployed"], done["stage"], done["in_charge"]) == (
            True,
            "promoted",
            "fifo_rtc",
        )
        assert (await client.answer("status"))["waiting_for_approval"] == ""
        back = await client.answer("rollback")
        assert back["rolled_back"]
    (question,) = person.asked
    for fact in (
        OBJECT,
        GOAL,
        "configure fifo_rtc",
        "cpu.weight is not honoured",
        "undo",
        "change",
    ):
        assert fact in question
    assert question.splitlines()[1:] == proposal["question"][1:]
    assert "approved 9f31 elicitation" in services.made.asked
    assert services.made.asked[-3:] == ["rollback", "stop load", "close"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_that_cannot_ask_deploys_nothing(mode: str) -> None:
    services = ScriptedServices()
    async with agent(services, None, mode) as client:
        await client.answer("propose", goal=GOAL)
        forged = {"action": "accept", "data": {"short_hash": "9f31"}}
        for more in ({}, {"answer": forged}, {"short_hash": "9f31", "approved": True}):
            said = await client.refusal("deploy", object_sha256=OBJECT, **more)
            assert "approval on the screen" in said
        assert (await client.answer("status"))["deployed"] == ""
    assert not approved(services)


@pytest.mark.parametrize(
    ("typed", "code", "target"),
    [("9f31", 0, "sandbox"), ("9f3", 1, "sandbox"), ("9f31", 0, "local")],
)
async def test_a_person_in_another_terminal_decides_what_waits(
    typed: str, code: int, target: str
) -> None:
    services = ScriptedServices(keyboard=ScriptedTerminal(present=True, answer=typed))
    terminal, talk = verb_context(services, target=target)
    async with agent(services, target=target) as client:
        await client.answer("propose", goal=GOAL)
        assert "schedtui approve" in await client.refusal("deploy", object_sha256=OBJECT)
        assert await approve(terminal) == code
        # The load goes on under what was deployed, and ends with a proposal that was declined.
        await until(lambda: bool(services.made.current) or "stop load" in services.made.asked)
        status = await client.answer("status")
        stage = "" if code else "promoted"
        assert (status["stage"], status["waiting_for_approval"]) == (stage, "")
        with pytest.raises(EngineError, match="nothing waits for approval"):
            await approve(terminal)
    for fact in (OBJECT, "cpu.weight is not honoured", "change"):
        assert fact in talk.getvalue()
    assert ("approved 9f31 terminal" in services.made.asked) == (code == 0)


async def test_without_a_terminal_nobody_approves_there() -> None:
    services = ScriptedServices(keyboard=ScriptedTerminal(present=False, answer="9f31"))
    context, _ = verb_context(services)
    async with agent(services) as client:
        await client.answer("propose", goal=GOAL)
        with pytest.raises(EngineError, match="no terminal"):
            await approve(context)
        assert (await client.answer("status"))["waiting_for_approval"] == OBJECT
    assert not approved(services)


@pytest.mark.parametrize(
    "person",
    [Person(types="9f3"), Person(types=""), Person(action="decline")],
)
async def test_any_other_answer_is_no(person: Person) -> None:
    services = ScriptedServices()
    async with agent(services, person) as client:
        await client.answer("propose", goal=GOAL)
        done = await client.answer("deploy", object_sha256=OBJECT)
        assert (done["deployed"], done["stage"]) == (False, "not approved")
        assert "no proposal" in await client.refusal("deploy", object_sha256=OBJECT)
    assert person.asked
    assert not approved(services)


@pytest.mark.parametrize("sha256", ["ab" * 32, OBJECT[:4], OBJECT])
async def test_only_the_hash_that_waits_is_asked_about(sha256: str) -> None:
    services, person = ScriptedServices(), Person()
    async with agent(services, person) as client:
        if sha256 != OBJECT:
            await client.answer("propose", goal=GOAL)
        assert "no proposal with this hash" in await client.refusal("deploy", object_sha256=sha256)
    assert not person.asked
    assert not approved(services)


async def test_a_whole_host_is_never_approved_over_mcp() -> None:
    services, person = ScriptedServices(), Person()
    async with agent(services, person, target="local") as client:
        await client.answer("propose", goal=GOAL)
        assert "approved by hand" in await client.refusal("deploy", object_sha256=OBJECT)
    assert not person.asked
    assert not approved(services)


async def test_a_rejected_candidate_is_told_with_its_findings_and_never_waits() -> None:
    services = ScriptedServices(made=ScriptedEngine(rejects=True))
    async with agent(services, Person()) as client:
        answer = await client.answer("propose", goal=GOAL)
        assert answer["outcome"] == "no"
        assert answer["findings"][0]["code"] == "SRC003"
        assert answer["object_sha256"] == ""
        assert "no proposal" in await client.refusal("deploy", object_sha256=OBJECT)


@pytest.mark.parametrize(
    ("goal", "outcome", "word"),
    [("refuse this", "refused", "sandbox"), ("unclear", "question", "choices")],
)
async def test_refusals_and_questions_are_answers(goal: str, outcome: str, word: str) -> None:
    async with agent(Services(other=FakeEngine())) as client:
        answer = await client.answer("propose", goal=goal)
    assert answer["outcome"] == outcome
    assert word in answer["next"]
    assert bool(answer["choices"]) == (outcome == "question")


async def test_a_plan_builds_nothing() -> None:
    engine = FakeEngine()
    async with agent(Services(other=engine)) as client:
        answer = await client.answer("plan", goal=GOAL)
        assert answer["outcome"] == "planned"
        assert answer["weighed"]
        events = await client.client.read_resource("schedtui://goal/events")
    kinds = [json.loads(line)["event"] for line in events.contents[0].text.splitlines()]  # type: ignore[union-attr]  # it is text
    assert kinds[-1] == "Planned"
    assert engine.calls[-1] == "stop_load"


async def test_the_events_are_those_of_the_command() -> None:
    out = io.StringIO()
    options = Options("goal", subject=GOAL, json=True, stream=True, yes=True)
    context = Context(options, Output(out, io.StringIO(), json=True), ScriptedServices())
    assert await run_goal(context) == 0
    async with agent(ScriptedServices(), Person()) as client:
        await client.answer("propose", goal=GOAL)
        await client.answer("deploy", object_sha256=OBJECT)
        events = await client.client.read_resource("schedtui://goal/events")
    streamed = [json.loads(line) for line in out.getvalue().splitlines()[:-1]]
    told = [json.loads(line) for line in events.contents[0].text.splitlines()]  # type: ignore[union-attr]  # it is text
    assert told == streamed


async def test_a_deployment_whose_call_is_cancelled_is_taken_back() -> None:
    engine = FakeEngine(pace=0.02)
    sha256 = samples.request().verdict.object_sha256
    async with agent(Services(other=engine), Person(types=sha256[:4])) as client:
        await client.answer("propose", goal=GOAL)
        call = asyncio.create_task(client.call("deploy", object_sha256=sha256))
        await until(lambda: engine.deployment() is not None)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await until(lambda: "rollback" in engine.calls)
        assert (await client.answer("status"))["stage"] == "rolled back"


async def test_an_old_proposal_is_withdrawn() -> None:
    engine = ScriptedEngine()
    pursuing = Pursuing(engine, GOAL, lambda _: None, engine.stop_load, patience_s=0.05)
    await pursuing.until_asked()
    assert pursuing.request is not None
    async with asyncio.timeout(30):
        await pursuing.until_over()
    assert not pursuing.waiting
    assert engine.deployment() is None
    assert engine.asked[-1] == "stop load"


async def test_a_session_of_another_terminal_is_seen_and_rolled_back() -> None:
    services = ScriptedServices()
    screen = ScriptedEngine(current=Deployment("fifo_rtc", Stage.PROMOTED, OBJECT, "sandbox"))
    async with ControlServer(screen, services.session), agent(services) as client:
        seen = await client.answer("status")
        assert (seen["session"], seen["deployed"]) == ("another terminal", "fifo_rtc")
        assert (await client.answer("watch", seconds=0.5))["load"] == {"request_p99_us": 134000.0}
        assert (await client.answer("rollback"))["rolled_back"]
    assert services.made.asked == []
    assert screen.asked == ["rollback"]


async def test_a_target_that_cannot_be_had_is_a_sentence_with_its_fix() -> None:
    error = EngineError("there is no kernel yet", "schedtui lab setup")
    services = ScriptedServices(made=ScriptedEngine(opening_error=error))
    async with agent(services) as client:
        said = await client.refusal("watch", seconds=0.5)
    assert said.endswith("there is no kernel yet. Fix: schedtui lab setup")


class Breaking(ScriptedEngine):
    """Its pursuit breaks off."""

    def pursue(self, text: str, approver: Approver) -> object:  # type: ignore[override]  # a fault
        raise RuntimeError("[red]\x1b[31mbroken")


async def test_a_fault_of_ours_is_plain_words() -> None:
    async with agent(ScriptedServices(made=Breaking())) as client:
        said = await client.refusal("plan", goal=GOAL)
    assert "a fault of schedtui itself: RuntimeError" in said
    assert "\x1b" not in said
