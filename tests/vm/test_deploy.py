"""Nothing runs without a token, and the kernel's scheduler comes back by itself."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import itertools
import json
import socket
import subprocess
import sys
import time
from typing import Any

import pytest

from schedtui.model.protocol import LoadArgs, Nothing
from schedtui.model.telemetry import SchedulerState
from schedtui.model.verdict import TokenMode
from schedtui.policy.repository import load_repository
from schedtui.target.link import LinkError
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.saved import restore
from schedtui.target.sandbox.target import Guest
from tests.fakes.schedulers import compiled, deploy_args

pytestmark = pytest.mark.vm


async def state(guest: Guest) -> SchedulerState:
    """Read the kernel's word."""
    return await guest.link.call("state", Nothing(), SchedulerState)


@pytest.mark.parametrize("name", [policy.name for policy in load_repository()])
async def test_every_policy_comes_into_charge_and_goes(guest: Guest, name: str) -> None:
    data = await compiled(name)
    before = await state(guest)
    args = deploy_args(name, data, guest.hello, guest.link.session_key)
    # Long enough for a busy host; that a lease ends is shown below.
    args = dataclasses.replace(args, lease_ms=10_000)
    live = await guest.link.call("deploy", args, SchedulerState)
    assert (live.state, live.ops, live.ours) == ("enabled", name, True)
    assert live.enable_seq == before.enable_seq + 1
    await guest.link.tell("load", LoadArgs("request_service", ("-m", "1", "-t", "4", "-F", "64")))
    for _ in range(4):
        await asyncio.sleep(0.4)
        renewed = await guest.link.call("renew", Nothing(), SchedulerState)
        assert renewed.ours, (renewed.ended, renewed.last_exit)
    after = await guest.link.call("rollback", Nothing(), SchedulerState)
    assert (after.state, after.ours) == ("disabled", False)
    assert after.last_exit is None or not after.last_exit.ejected


async def test_an_object_without_a_valid_token_is_refused(guest: Guest) -> None:
    data = await compiled("fifo_rtc")
    good = deploy_args("fifo_rtc", data, guest.hello, guest.link.session_key)
    forged = deploy_args("fifo_rtc", data, guest.hello, bytes(32))
    renamed = dataclasses.replace(
        good, token=dataclasses.replace(good.token, scheduler="vtime_fair")
    )
    trial = deploy_args("fifo_rtc", data, guest.hello, guest.link.session_key, mode=TokenMode.TRIAL)
    for bad in (forged, renamed, trial):
        with pytest.raises(LinkError) as caught:
            await guest.link.call("deploy", bad, SchedulerState)
        assert caught.value.refused
    assert (await state(guest)).state == "disabled"


async def test_a_token_works_once(guest: Guest) -> None:
    data = await compiled("fifo_rtc")
    args = deploy_args("fifo_rtc", data, guest.hello, guest.link.session_key)
    await guest.link.call("deploy", args, SchedulerState)
    await guest.link.call("rollback", Nothing(), SchedulerState)
    with pytest.raises(LinkError, match="used already"):
        await guest.link.call("deploy", args, SchedulerState)


def asked(channel: io.BufferedRWPair, number: int) -> dict[str, Any]:
    """Ask a node for its state, whoever greeted it; what was meant for others is left out."""
    channel.write(json.dumps({"id": number, "call": "state", "args": {}}).encode() + b"\n")
    channel.flush()
    while (answer := json.loads(channel.readline())).get("id") != number:
        pass
    state: dict[str, Any] = answer["ok"]
    return state


async def test_a_killed_client_loses_its_deployment_within_two_seconds(lab: Lab) -> None:
    """The channel stays open, so that the node learns of it by the lease alone."""
    took = [await seconds_to_notice_a_death(lab)]
    while took[-1] >= 2.0 and len(took) < 3:  # a host that stands still holds the guest up too
        took.append(await seconds_to_notice_a_death(lab))
    assert took[-1] < 2.0, took


async def seconds_to_notice_a_death(lab: Lab) -> float:
    """Kill a client just after it has renewed; return how long its scheduler stayed."""
    machine = await restore(lab.files, lab.shape())
    try:
        channel = machine.link._writer.get_extra_info("socket").dup()
        await machine.link.close()
        with channel, channel.makefile("rwb") as lines, client_of(channel) as client:
            channel.settimeout(5)
            assert client.stdout is not None
            assert client.stdout.readline() == b"renewed\n"
            died = time.monotonic()
            client.kill()
            client.wait()
            numbers = itertools.count(1_000_000)
            assert asked(lines, next(numbers))["ours"]
            while (now := asked(lines, next(numbers)))["ours"]:
                assert time.monotonic() - died < 4
                await asyncio.sleep(0.02)
            took = time.monotonic() - died
    finally:
        await machine.end()
    assert now["state"] == "disabled"
    assert "lease" in now["ended"]
    return took


def client_of(channel: socket.socket) -> subprocess.Popen[bytes]:
    """Start a client that has a channel too."""
    command = [sys.executable, "-m", "tests.vm.client", str(channel.fileno())]
    return subprocess.Popen(command, stdout=subprocess.PIPE, pass_fds=[channel.fileno()])


async def test_a_second_deployment_is_refused_while_one_is_live(guest: Guest) -> None:
    data = await compiled("fifo_rtc")
    key = guest.link.session_key
    await guest.link.call("deploy", deploy_args("fifo_rtc", data, guest.hello, key), SchedulerState)
    with pytest.raises(LinkError, match="roll it back"):
        await guest.link.call(
            "deploy", deploy_args("fifo_rtc", data, guest.hello, key), SchedulerState
        )
