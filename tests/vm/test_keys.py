"""The key of a session is in the memory of its two ends and nowhere else."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from schedtui.engine.session import Session
from schedtui.engine.verification import GuestVerifying
from schedtui.model.deployment import Approval, ApprovalRequest
from schedtui.model.machine import Hello
from schedtui.store.audit import Audit, state_dir
from schedtui.target.link import NodeLink
from schedtui.target.port import Progress
from schedtui.target.sandbox.lab import Lab, LabOptions
from schedtui.target.sandbox.places import cache_dir
from schedtui.target.sandbox.target import SandboxTarget
from tests.fakes.samples import request
from tests.fakes.schedulers import compiled, passed_verdict

pytestmark = pytest.mark.vm

NAME = "fifo_rtc"


class KeyKnown(SandboxTarget):
    """The sandbox, with the key of its session told to the test."""

    key = b""

    async def start(self, progress: Progress) -> tuple[NodeLink, Hello]:
        """Start it."""
        link, hello = await super().start(progress)
        self.key = link.session_key
        return link, hello


async def test_a_deployment_leaves_no_key_in_a_file_or_a_log(
    lab: Lab,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    began = time.time()
    target = KeyKnown(LabOptions())
    told = await deployed_and_rolled_back(target, lab)
    written = dict(files_since(began))
    assert any(path.is_relative_to(tmp_path) for path in written)
    texts = [*told, *capfd.readouterr(), caplog.text]
    for form in forms(target.key):
        assert not [path for path, content in written.items() if form in content]
        assert not [text for text in texts if form.decode("latin-1") in text]


async def deployed_and_rolled_back(target: KeyKnown, lab: Lab) -> list[str]:
    """Deploy a policy the way the product does; returns what it told meanwhile."""

    async def the_lab() -> Lab:
        return lab

    told: list[str] = []
    session = Session(
        target, GuestVerifying(the_lab, "zig"), Audit(state_dir() / "audit.jsonl"), 2.0
    )
    hello = await session.open(told.append)
    try:
        data = await compiled(NAME)
        asked = asking(data, hello)
        approval = Approval(asked.verdict.object_sha256, by="test", how="headless", unix_ms=0)
        told.append(repr(await session.deploy(asked, approval, data)))
        told.append(repr(await session.state()))
        told.append(repr(await session.rollback()))
    finally:
        await session.close()
    return told


def asking(data: bytes, hello: Hello) -> ApprovalRequest:
    """Return what a person would be asked about an object that passed."""
    asked = request()
    candidate = dataclasses.replace(asked.candidate, name=NAME)
    return dataclasses.replace(
        asked, candidate=candidate, verdict=passed_verdict(NAME, data, hello)
    )


def forms(key: bytes) -> tuple[bytes, ...]:
    """Return a key as it might be written down."""
    text = key.hex().encode()
    return key, text, text.upper(), base64.b64encode(key).rstrip(b"=")


def files_since(began: float) -> Iterator[tuple[Path, bytes]]:
    """Yield files of state and cache that were written after a moment of the wall clock.

    Guests and their images are left out: they are large, and shown to stay as they are elsewhere.
    """
    for path in (*state_dir().rglob("*"), *cache_dir().glob("*"), *cache_dir().glob("[!si]*/**/*")):
        # Somebody else may use this cache at the same time.
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime >= began:
                yield path, path.read_bytes()
