"""What leaves the program when a person has approved: exactly that, sealed for one use."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import time
from collections.abc import AsyncIterator

import pytest

from schedtui.deploy.deployer import Deployer, DeployError
from schedtui.model.deployment import Approval, ApprovalRequest, Deployment, Stage
from schedtui.model.protocol import DeployArgs
from schedtui.model.sealing import Clocks, Purpose, check
from schedtui.model.verdict import TokenMode, Verdict
from schedtui.model.wire import from_json
from schedtui.target.link import NodeLink
from schedtui.verify.tokens import verdict_chain
from tests.fakes.node import FarEnd, link_and_far_end
from tests.fakes.samples import hello, request

OBJECT = b"\x7fELF of the approved"
SHA = hashlib.sha256(OBJECT).hexdigest()


def approved(**changes: object) -> ApprovalRequest:
    """Return a request whose verdict is about OBJECT."""
    asked = request()
    changes = {
        "object_sha256": SHA,
        "candidate": asked.candidate.name,
        "ops_sha256": "0a" * 32,
        "rodata_sha256": "0b" * 32,
        **changes,
    }
    verdict: Verdict = dataclasses.replace(asked.verdict, **changes)  # type: ignore[arg-type] # by name
    return dataclasses.replace(asked, verdict=verdict)


def yes(sha: str = SHA) -> Approval:
    return Approval(sha, by="somebody", how="screen", unix_ms=0)


@dataclasses.dataclass
class Bench:
    """A deployer whose node is the test."""

    link: NodeLink
    far: FarEnd
    seen: list[Deployment]
    deployer: Deployer


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    link, far = await link_and_far_end()
    seen: list[Deployment] = []
    deployer = Deployer(link, hello(), seen.append)
    yield Bench(link, far, seen, deployer)
    await deployer.close()
    await link.close()
    far.close()


async def test_the_token_allows_what_was_approved_and_nothing_else(bench: Bench) -> None:
    asked = approved()
    deploying = asyncio.create_task(bench.deployer.deploy(asked, yes(), OBJECT))
    message = await bench.far.request()
    assert message["call"] == "deploy"
    args = from_json(DeployArgs, message["args"])
    token, verdict = args.token, asked.verdict
    now = int(time.time())
    purpose = Purpose(TokenMode.DEPLOY, base64.b64decode(args.object_base64), args.timeout_ms)
    assert purpose.object_bytes == OBJECT
    assert check(bench.link.session_key, token, purpose, hello().kernel, Clocks(now, now)) == ""
    assert (token.source_sha256, token.scheduler) == (verdict.source_sha256, verdict.candidate)
    assert (token.ops_sha256, token.rodata_sha256) == ("0a" * 32, "0b" * 32)
    assert token.verdict_chain == verdict_chain(verdict)[-1]
    assert token.expires_unix <= now + 60
    await bench.far.answer(message, {"state": "enabled", "enable_seq": 3})
    assert (await deploying).stage is Stage.CANARY


@pytest.mark.parametrize(
    ("changes", "approval", "reason"),
    [
        ({"passed": False}, yes(), "the verdict is no"),
        ({"object_sha256": "00" * 32}, yes(), "not the bytes"),
        ({}, yes("00" * 32), "not the bytes"),
        ({"kernel_release": "other"}, yes(), "another kernel"),
        ({"kernel_build_id": "00" * 20}, yes(), "another kernel"),
        ({"kernel_btf_sha256": "00" * 32}, yes(), "another kernel"),
        ({"ops_sha256": ""}, yes(), "no kernel has been asked"),
        ({"rodata_sha256": ""}, yes(), "no kernel has been asked"),
        ({"candidate": "other"}, yes(), "another scheduler"),
    ],
)
async def test_nothing_is_sent_for_anything_else(
    bench: Bench, changes: dict[str, object], approval: Approval, reason: str
) -> None:
    with pytest.raises(DeployError, match=reason):
        await bench.deployer.deploy(approved(**changes), approval, OBJECT)
    assert bench.deployer.current is None or bench.deployer.current.stage is Stage.REFUSED
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await bench.far.request()


async def test_a_refusal_of_the_node_is_the_end_of_it(bench: Bench) -> None:
    deploying = asyncio.create_task(bench.deployer.deploy(approved(), yes(), OBJECT))
    message = await bench.far.request()
    sentence = "the constants are not those that were verified"
    await bench.far.say({"id": message["id"], "nonce": "", "error": {"sentence": sentence}})
    with pytest.raises(DeployError, match=sentence):
        await deploying
    assert bench.seen[-1].stage is Stage.REFUSED
