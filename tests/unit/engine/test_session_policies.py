"""A session plans with the user's own policies too, and says which it could not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.engine.factory import EngineOptions, make_engine
from schedtui.engine.port import EngineError
from schedtui.engine.session import Session
from schedtui.engine.verification import GuestVerifying
from schedtui.model.machine import Hello
from schedtui.model.policy import Origin
from schedtui.store.audit import Audit
from schedtui.target.link import NodeLink
from schedtui.target.port import Progress, TargetError
from schedtui.target.sandbox.lab import Lab
from tests.fakes.own_policies import kept


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "data" / "schedtui" / "policies"


class NoTarget:
    """A target that is never there."""

    name = "none"

    async def start(self, progress: Progress) -> tuple[NodeLink, Hello]:
        raise TargetError("there is no target")

    def last_words(self) -> str:
        return ""

    async def close(self) -> None:
        return None


async def no_lab() -> Lab:
    raise TargetError("there is no lab")


def test_a_session_has_both_kinds_of_policies(own: Path) -> None:
    kept(own)
    origins = {p.name: p.origin for p in make_engine("local", EngineOptions()).policies()}
    assert (origins["mine"], origins["fifo_rtc"]) == (Origin.YOURS, Origin.BUILT_IN)


async def test_what_it_could_not_read_is_told_when_it_opens(own: Path, tmp_path: Path) -> None:
    (kept(own) / "mine.bpf.c").unlink()
    session = Session(NoTarget(), GuestVerifying(no_lab, "zig"), Audit(tmp_path / "audit"), 2.0)
    told: list[str] = []
    with pytest.raises(EngineError, match="there is no target"):
        await session.open(told.append)
    assert told == [f"{own}/mine/mine.toml: mine.bpf.c is missing or not a plain file."]
    assert "mine" not in {policy.name for policy in session.policies()}
