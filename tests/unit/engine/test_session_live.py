"""A session sets live parameters of what it deployed, and the audit has every attempt."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from schedtui.engine.port import EngineError
from schedtui.engine.session import Session
from schedtui.engine.verification import GuestVerifying
from schedtui.model.machine import Hello
from schedtui.model.telemetry import SchedulerState
from schedtui.model.wire import Json, to_json
from schedtui.store.audit import Audit
from schedtui.target.link import NodeLink
from schedtui.target.port import Progress
from tests.fakes.node import FarEnd, link_and_far_end
from tests.fakes.samples import hello
from tests.unit.deploy.test_deployer import OBJECT, SHA, approved, yes
from tests.unit.engine.test_session_policies import no_lab

OURS = SchedulerState("enabled", "rtc_fifo", 3, ours=True)


class ScriptedNode:
    """A target whose node takes a slice of at most 10 ms."""

    name = "sandbox"

    async def start(self, progress: Progress) -> tuple[NodeLink, Hello]:
        self.link, self.far = await link_and_far_end()
        self.answering = asyncio.create_task(self._answer(self.far))
        return self.link, hello()

    async def _answer(self, far: FarEnd) -> None:
        while True:
            message = await far.request()
            slice_us = dict(message["args"].get("parameters", ())).get("slice_us", 0)
            if slice_us > 10_000:
                refusal = {"sentence": "slice_us is outside of 500 to 10000"}
                await far.say({"id": message["id"], "nonce": "", "error": refusal})
            else:
                await far.answer(message, self._said(message, slice_us))

    def _said(self, message: dict[str, Any], slice_us: int) -> Json:
        if message["call"] == "set":
            return {"parameters": [["slice_us", slice_us]]}
        return {} if message["call"] == "watch" else to_json(OURS)

    def last_words(self) -> str:
        return ""

    async def close(self) -> None:
        self.answering.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.answering
        await self.link.close()
        self.far.close()


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    verifying = GuestVerifying(no_lab, "zig")
    opened = Session(ScriptedNode(), verifying, Audit(tmp_path / "audit"), 2.0)
    await opened.open(lambda _: None)
    yield opened
    await opened.close()


def audited(folder: Path, what: str) -> list[dict[str, Any]]:
    lines = (folder / "audit").read_text().splitlines()
    return [line for line in map(json.loads, lines) if line["what"] == what]


async def test_changes_and_refusals_are_in_the_audit(session: Session, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="nothing is deployed"):
        await session.set_live((("slice_us", 700),))
    await session.deploy(approved(), yes(), OBJECT)
    assert await session.set_live((("slice_us", 700),)) == (("slice_us", 700),)
    with pytest.raises(EngineError, match="outside of 500 to 10000") as caught:
        await session.set_live((("slice_us", 10_001),))
    assert not caught.value.missing
    (done,) = audited(tmp_path, "parameters set")
    assert (done["object_sha256"], done["asked"], done["now"]) == (
        *(SHA, {"slice_us": 700}),
        {"slice_us": 700},
    )
    refused = audited(tmp_path, "parameters refused")
    assert [line["asked"] for line in refused] == [{"slice_us": 700}, {"slice_us": 10_001}]
    assert [line["scheduler"] for line in refused] == ["", done["scheduler"]]
    assert "outside of 500 to 10000" in refused[1]["reason"]
    assert Audit(tmp_path / "audit").broken_at() == 0
