"""What a goal costs with a model, at most: real requests, the price table, and full answers.

No model is asked: a scripted server takes the requests, and of each answer the whole allowance is
counted.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Final

from schedtui.agent.backends.prices import cost
from schedtui.agent.tools.answer import CHARACTERS_PER_TOKEN
from schedtui.model.spending import Usage
from tests.fakes.model_pursuit import Pursued, pursued, said_of
from tests.fakes.model_server import Heard, scenario
from tests.fakes.surroundings import FakeSurroundings
from tests.perf.row import Row
from tests.unit.agent.observed import service_with_report

_GOALS: Final = {"configure": (3, 0.10), "create": (6, 0.20)}
"""Turns and dollars, at most."""


async def dearest() -> list[Row]:
    """Turns and worst-case dollars of a goal, by what a model proposes."""
    rows = list[Row]()
    for name, (turns, dollars) in _GOALS.items():
        around = FakeSurroundings(service_with_report(), said_of(name))
        came = await pursued(around, *scenario(name))
        asked = came.server.asked
        rows.append(Row(f"{name}: turns", len(asked), "", turns, at_most=True, detail="scripted"))
        detail = f"all answers at their limit; prompts of {_tokens(asked[-1])} tokens at most"
        rows.append(Row(f"{name}: worst cost", _worst(came), "$", dollars, True, detail))
    return rows


def _worst(came: Pursued) -> float:
    asked = came.server.asked
    sizes = [0, *map(_tokens, asked)]
    dollars = 0.0
    for heard, (before, now) in zip(asked, pairwise(sizes), strict=True):
        used = Usage(0, now - before, before, heard.body["max_tokens"])
        dollars += cost(heard.body["model"], used) or 0.0
    return dollars


def _tokens(heard: Heard) -> int:
    parts = [heard.body[name] for name in ("system", "tools", "messages")]
    return len(json.dumps(parts)) // CHARACTERS_PER_TOKEN
