"""External schedulers on the real kernel: brought, started, watched, ended, tried."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import os
import time
from pathlib import Path

import pytest

from schedtui.engine.externals import Externals
from schedtui.engine.factory import EngineOptions, make_verifier
from schedtui.measure.catalogue import REQUEST_SERVICE, lasting, load_arguments
from schedtui.measure.objectives import direction_of
from schedtui.model.battery import Depth
from schedtui.model.events import Verified
from schedtui.model.external import Manifest, manifest_bytes
from schedtui.model.parcel import Use
from schedtui.model.protocol import BringArgs, DeployArgs, GuardLimits, LoadArgs, Nothing
from schedtui.model.telemetry import SchedulerState
from schedtui.model.verdict import GateName, GateResult, TokenMode, Verdict
from schedtui.policy.external.bundle import Bundle
from schedtui.policy.external.notes import command_arguments
from schedtui.policy.external.programs import Trust
from schedtui.policy.repository import load_repository
from schedtui.target.bringing import bring
from schedtui.target.link import LinkError
from schedtui.target.sandbox.crates import CRATES, built_folder
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.target import Guest, open_guest
from schedtui.verify.tokens import mint
from schedtui.verify.trial_gate import TrialAim
from tests.fakes.externals import found_in
from tests.vm.standin.building import build_standin

pytestmark = pytest.mark.vm

NAME = "scx_fifo_rtc"


@pytest.fixture(scope="module")
def folder(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a program that attaches one of our objects by itself."""
    folder = tmp_path_factory.mktemp("installed")
    policy = next(each for each in load_repository() if each.name == "fifo_rtc")
    build_standin(folder, NAME, policy.source)
    return folder


async def ready(folder: Path, *arguments: str) -> Bundle:
    """Return the stand-in with any arguments, as no command line could ask for."""
    found = found_in(folder)
    scheduler = next(each for each in found.schedulers if each.name == NAME)
    return await found.ready(scheduler, arguments)


def start_args(
    guest: Guest, manifest: Manifest, lease_ms: int = 5000, kernel_name: str = "fifo_rtc"
) -> DeployArgs:
    """Return a call that starts a program, with a fresh valid token."""
    data, kernel = manifest_bytes(manifest), guest.hello.kernel
    verdict = Verdict(
        candidate=kernel_name,
        passed=True,
        gates=(GateResult(GateName.KERNEL, passed=True, seconds=0.0, summary="test"),),
        source_sha256="",
        object_sha256=hashlib.sha256(data).hexdigest(),
        kernel_release=kernel.release,
        kernel_build_id=kernel.build_id,
        kernel_btf_sha256=kernel.btf_sha256,
        program_sha256="ab" * 32,
    )
    token = mint(
        guest.link.session_key,
        mode=TokenMode.TRIAL,
        object_sha256=verdict.object_sha256,
        scheduler=kernel_name,
        kernel=kernel,
        verdict=verdict,
        timeout_ms=5000,
        lifetime_s=60,
        now=int(time.time()),
    )
    guards = GuardLimits(max_wait_ms=0)
    sealed = base64.b64encode(data).decode()
    return DeployArgs(sealed, token, lease_ms, 5000, guards, program=True)


async def state(guest: Guest) -> SchedulerState:
    return await guest.link.call("state", Nothing(), SchedulerState)


async def deployed(guest: Guest, args: DeployArgs) -> SchedulerState:
    return await guest.link.call("deploy", args, SchedulerState, 60.0)


async def gone(guest: Guest) -> SchedulerState:
    """Wait until the node has let go."""
    for _ in range(100):
        now = await state(guest)
        if not now.ours:
            break
        await asyncio.sleep(0.1)
    return now


async def test_one_is_started_watched_and_ended(lab: Lab, folder: Path) -> None:
    bundle = await ready(folder)
    stubborn = dataclasses.replace(bundle.manifest, arguments=("--stubborn",))
    brief = dataclasses.replace(bundle.manifest, arguments=("--for", "1"))
    idle = dataclasses.replace(bundle.manifest, arguments=("--idle",))
    guest = await open_guest(lab, throwaway=True)
    try:
        await bring(guest.link, Use.SCHEDULER, bundle.files)
        before = await state(guest)
        held = await deployed(guest, start_args(guest, bundle.manifest))
        assert (held.state, held.ops, held.ours) == ("enabled", "fifo_rtc", True)
        assert held.enable_seq == before.enable_seq + 1
        back = await guest.link.call("rollback", Nothing(), SchedulerState)
        assert (back.state, back.ours) == ("disabled", False)
        assert back.last_exit is not None
        assert (back.last_exit.kind, back.last_exit.reason) == (64, "unregistered from user space")

        # Whoever does not end when asked is killed; the lease ends it without its client.
        await deployed(guest, start_args(guest, stubborn, lease_ms=500))
        ended = await gone(guest)
        assert (ended.state, "the lease ran out" in ended.ended) == ("disabled", True)

        # One that dies by itself is told by the kernel's word, not by its process alone.
        await deployed(guest, start_args(guest, brief, lease_ms=10_000))
        ended = await gone(guest)
        assert ended.state == "disabled"
        assert ended.ended == "the kernel ended it: unregistered from user space"

        with pytest.raises(LinkError, match=r"ended before .*nothing is attached \\x1b\[31m"):
            await deployed(guest, start_args(guest, idle))
        assert (await state(guest)).state == "disabled"
    finally:
        await guest.end()


FAULTS = Path(__file__).with_name("faults")


@pytest.mark.parametrize(
    ("source", "kernel_name", "words"),
    [
        ("running/F59a_own_error", "own_error", "scx_bpf_error: given up by itself"),
        ("enable/F38a_init_fails", "candidate", "ops.init() failed (-22)"),
    ],
)
async def test_what_the_kernel_throws_out_is_told(
    lab: Lab, tmp_path: Path, source: str, kernel_name: str, words: str
) -> None:
    text = (FAULTS / f"{source}.bpf.c").read_text()
    await asyncio.to_thread(build_standin, tmp_path, f"scx_{kernel_name}", text)
    (scheduler,) = found_in(tmp_path).schedulers
    bundle = await found_in(tmp_path).ready(scheduler, ())
    guest = await open_guest(lab, throwaway=True)
    try:
        await bring(guest.link, Use.SCHEDULER, bundle.files)
        load = LoadArgs(REQUEST_SERVICE.name, load_arguments(REQUEST_SERVICE))
        await guest.link.tell("load", load)
        args = start_args(guest, bundle.manifest, kernel_name=kernel_name)
        try:
            await deployed(guest, args)
        except LinkError as error:
            told = error.sentence
        else:
            ended = await gone(guest)
            assert ended.last_exit is not None
            assert ended.last_exit.ejected
            told = ended.ended
        assert "the kernel ended it: " in told
        assert words in told
        assert (await state(guest)).state == "disabled"
    finally:
        await guest.end()


async def test_one_that_shows_another_name_is_ended(lab: Lab, folder: Path) -> None:
    bundle = await ready(folder)
    manifest = dataclasses.replace(bundle.manifest, kernel_name="vtime_fair")
    guest = await open_guest(lab, throwaway=True)
    try:
        await bring(guest.link, Use.SCHEDULER, bundle.files)
        with pytest.raises(LinkError, match="the kernel shows fifo_rtc, which was not admitted"):
            await deployed(guest, start_args(guest, manifest, kernel_name="vtime_fair"))
        assert (await state(guest)).state == "disabled"
    finally:
        await guest.end()


async def test_only_what_was_sealed_is_started(lab: Lab, folder: Path) -> None:
    bundle = await ready(folder)
    changed = [
        dataclasses.replace(each, content=each.content + b"\0") if each.path == NAME else each
        for each in bundle.files
    ]
    guest = await open_guest(lab, throwaway=True)
    try:
        await bring(guest.link, Use.SCHEDULER, changed)
        with pytest.raises(LinkError, match="is not the file that the token is for"):
            await deployed(guest, start_args(guest, bundle.manifest))
        with pytest.raises(LinkError, match="complete: nothing more is taken"):
            await guest.link.tell("bring", BringArgs(Use.SCHEDULER, "more", 0, ""))
        other = start_args(guest, dataclasses.replace(bundle.manifest, arguments=("--idle",)))
        args = start_args(guest, bundle.manifest)
        with pytest.raises(LinkError, match="the token is for another object"):
            await deployed(guest, dataclasses.replace(args, token=other.token))
        assert (await state(guest)).state == "disabled"
    finally:
        await guest.end()


async def test_one_is_tried_like_a_policy(lab: Lab, folder: Path) -> None:
    bundle = await ready(folder)
    spec = lasting(REQUEST_SERVICE, 1)
    aim = TrialAim(
        spec, spec.objective, direction_of(spec.objective), min_pairs=2, max_pairs=2, budget_s=120
    )
    verifier = make_verifier("sandbox", EngineOptions(battery=Depth.NONE))
    events = [event async for event in verifier.trial_program(bundle, aim)]
    verified = events[-1]
    assert isinstance(verified, Verified)
    kernel, trial = verified.verdict.gates
    assert (kernel.gate, kernel.summary) == (GateName.KERNEL, "in charge as fifo_rtc, and ended")
    assert [found.code for found in kernel.findings] == ["KRN024"] * 3
    assert (trial.gate, trial.inconclusive) == (GateName.TRIAL, False), trial.findings
    assert verified.verdict.program_sha256 == bundle.program_sha256
    assert verified.verdict.trial is not None
    assert [pair.candidate.scheduler for pair in verified.verdict.trial.pairs] == ["fifo_rtc"] * 2


@pytest.mark.parametrize("name", [crate.name for crate in CRATES])
async def test_real_ones_come_into_charge_and_go(lab: Lab, name: str) -> None:
    found = Externals((built_folder(),), Trust(os.getuid(), built_folder()))
    scheduler = next((each for each in found.schedulers if each.name == name), None)
    if scheduler is None:
        pytest.skip(f"{name} is not built here: schedtui lab externals")
    installed, said = await found.asked(scheduler)
    assert said.trouble == ""
    assert {each.name for each in installed.parameters} == {
        each.name for each in scheduler.parameters
    }
    arguments = command_arguments(installed, {"slice_us": 2000})
    bundle = await found.ready(installed, arguments)
    guest = await open_guest(lab, throwaway=True)
    try:
        await bring(guest.link, Use.SCHEDULER, bundle.files)
        args = start_args(guest, bundle.manifest, kernel_name=bundle.manifest.kernel_name)
        held = await deployed(guest, args)
        assert (held.state, held.enable_seq) == ("enabled", 1)
        assert bundle.manifest.shows(held.ops)
        back = await guest.link.call("rollback", Nothing(), SchedulerState)
        assert back.state == "disabled"
        assert back.last_exit is not None
        assert back.last_exit.kind == 64
    finally:
        await guest.end()
