"""The node's own rules: token, single use, lease, guards, rollback."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import time

import pytest

from schedtui.model.machine import KernelInfo
from schedtui.model.protocol import DeployArgs, GuardLimits
from schedtui.model.sealing import mac
from schedtui.model.telemetry import ExitRecord
from schedtui.model.verdict import Token, TokenMode
from schedtui.node.deployments import Deployments, Refused

KEY = bytes(range(32))
KERNEL = KernelInfo("7.0.13", "4be0", "b7f", "boot-1")
OBJECT = b"an object"


class Held:
    """An attached scheduler whose fate the test decides."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.gone = ""
        self.detached = 0

    def detach(self) -> None:
        """Count."""
        self.detached += 1

    def check(self) -> str:
        """Return what the test decided."""
        return self.gone

    def exit_record(self) -> ExitRecord | None:
        """Return an ejection once it is gone."""
        return ExitRecord(1026, 0, "runnable task stall", "x failed to run") if self.gone else None


class World:
    """A node's deployments with everything around them in the test's hands."""

    def __init__(self, *, throwaway: bool = False) -> None:
        self.attached: list[Held] = []
        self.wait_ms = 0.0
        self.now = 100.0
        self.deployments = Deployments(
            attach=self._attach,
            kernel=lambda: KERNEL,
            longest_wait_ms=lambda: self.wait_ms,
            clock=lambda: self.now,
        )
        self.deployments.key = KEY
        self.deployments.throwaway = throwaway

    def _attach(self, data: bytes, name: str, timeout_ms: int) -> Held:
        assert data == OBJECT
        assert timeout_ms == 5000
        self.attached.append(Held(name))
        return self.attached[-1]


def token(mode: TokenMode = TokenMode.DEPLOY, nonce: str = "n1") -> Token:
    """Return a valid token."""
    draft = Token(
        mode=mode,
        object_sha256=hashlib.sha256(OBJECT).hexdigest(),
        scheduler="fifo_rtc",
        kernel_build_id=KERNEL.build_id,
        kernel_btf_sha256=KERNEL.btf_sha256,
        boot_id=KERNEL.boot_id,
        verdict_sha256="v",
        expires_unix=int(time.time()) + 60,
        nonce=nonce,
        mac="",
    )
    return dataclasses.replace(draft, mac=mac(KEY, draft))


def is_live(world: World) -> bool:
    """Tell whether the node holds a scheduler now."""
    return world.deployments.live


def args(given: Token, data: bytes = OBJECT, lease_ms: int = 2000) -> DeployArgs:
    """Return a deploy call."""
    encoded = base64.b64encode(data).decode()
    return DeployArgs(encoded, given, lease_ms, 5000, GuardLimits(max_wait_ms=500))


def test_a_valid_token_deploys_once_and_only_once() -> None:
    world = World()
    world.deployments.deploy(args(token()))
    assert is_live(world)
    world.deployments.roll_back("test")
    with pytest.raises(Refused, match="used already"):
        world.deployments.deploy(args(token()))
    assert len(world.attached) == 1


@pytest.mark.parametrize(
    "bad",
    [
        args(token(), data=b"another object"),
        args(token(TokenMode.TRIAL)),
        args(dataclasses.replace(token(), scheduler="other")),
        args(dataclasses.replace(token(), mac="00" * 32)),
        dataclasses.replace(args(token()), object_base64="no base64!"),
    ],
    ids=["other object", "trial token", "other name", "forged", "not base64"],
)
def test_anything_else_is_refused_and_nothing_is_attached(bad: DeployArgs) -> None:
    world = World()
    with pytest.raises(Refused):
        world.deployments.deploy(bad)
    assert not world.attached


def test_a_throw_away_guest_takes_trial_tokens_only() -> None:
    world = World(throwaway=True)
    with pytest.raises(Refused):
        world.deployments.deploy(args(token(TokenMode.DEPLOY)))
    world.deployments.deploy(args(token(TokenMode.TRIAL, "n2")))
    assert is_live(world)


def test_without_a_session_key_nothing_is_accepted() -> None:
    world = World()
    world.deployments.key = b""
    with pytest.raises(Refused, match="hello"):
        world.deployments.deploy(args(token()))


def test_the_lease_ends_a_deployment_that_nobody_renews() -> None:
    world = World()
    world.deployments.deploy(args(token()))
    world.now += 1.9
    world.deployments.watch()
    assert is_live(world)
    world.deployments.renew()
    world.now += 1.9
    world.deployments.watch()
    assert is_live(world)
    world.now += 0.2
    world.deployments.watch()
    assert not is_live(world)
    assert world.attached[0].detached == 1
    assert "lease" in world.deployments.ended


def test_a_lease_cannot_be_made_endless() -> None:
    world = World()
    world.deployments.deploy(args(token(), lease_ms=10**9))
    world.now += 10.1
    world.deployments.watch()
    assert not is_live(world)


def test_a_guard_takes_back_what_makes_tasks_wait() -> None:
    world = World()
    world.deployments.deploy(args(token()))
    world.wait_ms = 501
    world.deployments.watch()
    assert not is_live(world)
    assert "longest wait" in world.deployments.ended


def test_without_a_wait_limit_waits_are_not_even_read() -> None:
    world = World()
    world.wait_ms = 1e6
    world.deployments.deploy(dataclasses.replace(args(token()), guards=GuardLimits(0)))
    world.deployments.watch()
    assert is_live(world)
    assert [guard.name for guard in world.deployments.guards()] == ["lease"]


def test_an_ejection_is_recorded_with_the_kernels_reason() -> None:
    world = World()
    world.deployments.deploy(args(token()))
    world.attached[0].gone = "the kernel ended it"
    world.deployments.watch()
    assert not is_live(world)
    assert world.deployments.last_exit is not None
    assert world.deployments.last_exit.ejected


def test_a_second_deployment_waits_for_the_first_to_end() -> None:
    world = World()
    world.deployments.deploy(args(token()))
    with pytest.raises(Refused, match="roll it back first"):
        world.deployments.deploy(args(token(nonce="n2")))
