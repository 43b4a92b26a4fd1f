"""``goal --json --stream`` with a model: every event is a line, and the document has the sum."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from typing import Any

from schedtui.commands.options import Options
from schedtui.commands.output import Output
from schedtui.commands.run import run
from schedtui.engine.port import Approver
from schedtui.model.events import Event
from tests.fakes.cli_services import ScriptedEngine, ScriptedServices
from tests.fakes.model_pursuit import SECRET, pursued
from tests.fakes.model_server import scenario
from tests.fakes.surroundings import FakeSurroundings
from tests.unit.agent.observed import service_with_report


class ModelledEngine(ScriptedEngine):
    """Pursues every goal with the scripted model."""

    async def pursue(self, text: str, approver: Approver) -> AsyncIterator[Event]:
        around = FakeSurroundings(service_with_report())
        came = await pursued(around, *scenario("configure"), goal=text)
        for event in came.events:
            yield event


def told(**options: Any) -> tuple[str, str]:
    out, talk = io.StringIO(), io.StringIO()
    chosen = Options(verb="goal", subject="cut the p99 of the request service", **options)
    run(chosen, ScriptedServices(made=ModelledEngine()), Output(out, talk, chosen.json))
    return out.getvalue(), talk.getvalue()


def test_events_of_a_model_are_lines_and_the_document_has_what_was_spent() -> None:
    out, talk = told(json=True, stream=True)
    *lines, document = map(json.loads, out.splitlines())
    kinds = [line["event"] for line in lines]
    first = kinds.index("Thought")
    assert kinds[first : first + 8] == [
        "Thought", "Thought", "Spent", "ToolCalled", "ToolAnswered", "ToolCalled", "ToolAnswered",
        "Spent",
    ]  # fmt: skip
    spent = next(line for line in lines if line["event"] == "Spent")
    assert spent["usage"]["cache_written"] == 5200
    assert 0 < spent["dollars"] == spent["total"]["dollars"]
    assert document["spending"]["turns"] == 3
    assert document["plan"]["why"][0].startswith("the model says: ")
    assert SECRET not in out + talk


def test_a_person_reads_whose_words_they_are_and_what_they_cost() -> None:
    _, talk = told()
    assert "model thinks: Several tasks per CPU wait" in talk
    assert "model asks search_policies" in talk
    assert "in 3 turns" in talk
    assert "(by model claude-sonnet-5-5, answered by scripted)" in talk
