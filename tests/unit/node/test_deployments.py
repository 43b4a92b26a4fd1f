"""The node's own rules: token, single use, lease, guards, rollback."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import threading
from pathlib import Path

import pytest

from schedtui.model.machine import KernelInfo
from schedtui.model.protocol import DeployArgs, GuardLimits, LiveValues, Parameters, SetArgs
from schedtui.model.sealing import mac
from schedtui.model.telemetry import ExitRecord
from schedtui.model.verdict import Token, TokenMode
from schedtui.node.admission import Admission
from schedtui.node.burnt import BurntOnDisk
from schedtui.node.deployments import Deployments, Refused
from schedtui.node.preparing import Admitted, ParameterError

KEY = bytes(range(32))
KERNEL = KernelInfo("7.0.13", "4be0", "b7f", "boot-1")
OBJECT = b"an object"
PARAMETERS = (("slice_us", 4000),)
NOW = 1_800_000_000


class Held:
    """An attached scheduler whose fate the test decides."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.gone = ""
        self.detached = 0
        self.live: Parameters = ()

    def detach(self) -> None:
        """Count."""
        self.detached += 1

    def check(self) -> str:
        """Return what the test decided."""
        return self.gone

    def set_live(self, parameters: Parameters) -> Parameters:
        """Know one live parameter."""
        if [name for name, _ in parameters] != ["slice_us"]:
            raise ParameterError("the policy has no such live parameter")
        self.live = parameters
        return parameters

    def exit_record(self) -> ExitRecord | None:
        """Return an ejection once it is gone."""
        return ExitRecord(1026, 0, "runnable task stall", "x failed to run") if self.gone else None


class World:
    """A node's deployments with everything around them in the test's hands."""

    def __init__(self, *, throwaway: bool = False) -> None:
        self.attached: list[Held] = []
        self.wait_ms = 0.0
        self.now = 100.0
        self.unix = float(NOW)
        self.admission = Admission(
            kernel=lambda: KERNEL, wall=lambda: self.unix, steady=lambda: self.now
        )
        self.admission.begin(KEY, throwaway=throwaway, unix_s=self.unix)
        self.deployments = Deployments(
            attach=self._attach,
            admission=self.admission,
            longest_wait_ms=lambda: self.wait_ms,
            clock=lambda: self.now,
        )

    def _attach(self, admitted: Admitted) -> Held:
        assert admitted == Admitted(OBJECT, "fifo_rtc", 5000, PARAMETERS, "op" * 32, "ro" * 32)
        self.attached.append(Held(admitted.name))
        return self.attached[-1]


def token(mode: TokenMode = TokenMode.DEPLOY, nonce: str = "1" * 32) -> Token:
    """Return a valid token."""
    draft = Token(
        mode=mode,
        source_sha256="so" * 32,
        object_sha256=hashlib.sha256(OBJECT).hexdigest(),
        ops_sha256="op" * 32,
        timeout_ms=5000,
        rodata_sha256="ro" * 32,
        scheduler="fifo_rtc",
        kernel_release=KERNEL.release,
        kernel_build_id=KERNEL.build_id,
        kernel_btf_sha256=KERNEL.btf_sha256,
        boot_id=KERNEL.boot_id,
        verdict_chain="v",
        expires_unix=NOW + 60,
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
    return DeployArgs(encoded, given, lease_ms, 5000, GuardLimits(max_wait_ms=500), PARAMETERS)


def test_a_valid_token_deploys_once_and_only_once() -> None:
    world = World()
    world.deployments.deploy(args(token()))
    assert is_live(world)
    world.deployments.roll_back("test")
    with pytest.raises(Refused, match="used already"):
        world.deployments.deploy(args(token()))
    assert len(world.attached) == 1


def test_live_parameters_are_set_in_what_is_deployed() -> None:
    world = World()
    wanted = SetArgs((("slice_us", 700),))
    with pytest.raises(Refused, match="nothing is deployed"):
        world.deployments.set_live(wanted)
    world.deployments.deploy(args(token()))
    assert world.deployments.set_live(wanted) == LiveValues(wanted.parameters)
    assert world.attached[0].live == wanted.parameters
    with pytest.raises(Refused, match="no such live parameter"):
        world.deployments.set_live(SetArgs((("other", 1),)))
    world.deployments.roll_back("test")
    with pytest.raises(Refused, match="nothing is deployed"):
        world.deployments.set_live(wanted)


@pytest.mark.parametrize(
    "bad",
    [
        args(token(), data=b"another object"),
        args(token(TokenMode.TRIAL)),
        args(dataclasses.replace(token(), scheduler="other")),
        args(dataclasses.replace(token(), mac="00" * 32)),
        dataclasses.replace(args(token()), object_base64="no base64!"),
        dataclasses.replace(args(token()), timeout_ms=4999),
        args(dataclasses.replace(token(), timeout_ms=4999)),
    ],
    ids=[
        *("other object", "trial token", "other name", "forged", "not base64"),
        *("other watchdog", "watchdog changed in the token"),
    ],
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
    world.deployments.deploy(args(token(TokenMode.TRIAL, "2" * 32)))
    assert is_live(world)


def test_without_a_session_key_nothing_is_accepted() -> None:
    world = World()
    world.admission.begin(b"", throwaway=False, unix_s=NOW)
    with pytest.raises(Refused, match="hello"):
        world.deployments.deploy(args(token()))


def test_a_token_that_cannot_be_written_down_is_not_taken(tmp_path: Path) -> None:
    world = World()
    folder = tmp_path / "state"
    folder.mkdir(mode=0o755)
    world.admission.burnt = BurntOnDisk(folder)
    with pytest.raises(Refused, match="others can reach its folder"):
        world.deployments.deploy(args(token()))
    assert not world.attached


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_of_many_redemptions_at_once_one_wins(kind: str, tmp_path: Path) -> None:
    world = World()
    if kind == "disk":
        world.admission.burnt = BurntOnDisk(tmp_path / "state")
    won: list[Admitted] = []
    lost: list[Refused] = []
    barrier = threading.Barrier(8)

    def redeem() -> None:
        barrier.wait()
        try:
            won.append(world.admission.redeem(args(token())))
        except Refused as reason:
            lost.append(reason)

    threads = [threading.Thread(target=redeem) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    assert {str(reason) for reason in lost} == {"this token has been used already"}


def test_a_token_is_used_up_even_when_the_attach_fails() -> None:
    world = World()

    def fail(_: Admitted) -> Held:
        raise Refused("the kernel said no")

    world.deployments.attach = fail
    with pytest.raises(Refused, match="the kernel said no"):
        world.deployments.deploy(args(token()))
    with pytest.raises(Refused, match="used already"):
        world.deployments.deploy(args(token()))


def test_setting_the_clock_back_revives_no_token() -> None:
    world = World()
    world.now += 61
    world.unix = NOW - 3600
    with pytest.raises(Refused, match="expired"):
        world.deployments.deploy(args(token()))
    world.now -= 2
    world.unix = NOW
    world.deployments.deploy(args(token()))
    assert is_live(world)


def test_setting_the_clock_ahead_prolongs_no_token() -> None:
    world = World()
    world.unix = NOW + 61
    with pytest.raises(Refused, match="expired"):
        world.deployments.deploy(args(token()))


@pytest.mark.parametrize(
    "other",
    [
        dataclasses.replace(KERNEL, release="7.0.14"),
        dataclasses.replace(KERNEL, build_id="4be1"),
        dataclasses.replace(KERNEL, btf_sha256="b70"),
        dataclasses.replace(KERNEL, boot_id="boot-2"),
    ],
    ids=["release", "build", "types", "boot"],
)
def test_another_kernel_takes_no_token(other: KernelInfo) -> None:
    world = World()
    world.admission.kernel = lambda: other
    with pytest.raises(Refused, match="another kernel or another boot"):
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
    world.deployments.watch()
    assert not is_live(world)
    assert world.attached[0].detached == 1
    assert "lease" in world.deployments.ended


def test_a_renewal_that_comes_just_after_a_pause_is_in_time() -> None:
    world = World()
    world.deployments.deploy(args(token()))
    world.now += 5
    world.deployments.watch()
    world.deployments.renew()
    world.deployments.watch()
    world.now += 2.1
    world.deployments.watch()
    assert is_live(world)


def test_a_lease_cannot_be_made_endless() -> None:
    world = World()
    world.deployments.deploy(args(token(), lease_ms=10**9))
    world.now += 10.1
    world.deployments.watch()
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
        world.deployments.deploy(args(token(nonce="2" * 32)))
