"""A restored guest is pristine, answers at once and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from schedtui.measure.catalogue import REQUEST_SERVICE, load_arguments
from schedtui.model.protocol import LoadArgs, Nothing, WatchArgs
from schedtui.model.telemetry import SchedulerState, Snapshot
from schedtui.target.link import LinkError
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.places import file_sha256
from schedtui.target.sandbox.target import Guest, open_guest
from tests.processes import guests, left_after

pytestmark = pytest.mark.vm


async def test_the_guest_has_sched_ext_and_the_probe(guest: Guest) -> None:
    for name in ("sched_ext", "bpf_probe", "schedstat", "psi", "loads", "deploy"):
        assert guest.hello.can(name), guest.hello.lack(name)
    state = await guest.link.call("state", Nothing(), SchedulerState)
    assert state.state == "disabled"
    assert len(guest.hello.cpus) == 2


async def test_two_restored_guests_are_not_one(lab: Lab, guest: Guest) -> None:
    other = await open_guest(lab, throwaway=True)
    assert other.hello.kernel.boot_id != guest.hello.kernel.boot_id
    assert other.hello.kernel.build_id == guest.hello.kernel.build_id
    await other.end()


async def test_what_a_guest_does_is_not_kept(lab: Lab) -> None:
    saved = lab.files.saved(lab.shape())
    before = file_sha256(saved)
    guest = await open_guest(lab, throwaway=True)
    await samples(guest, 2)
    await guest.end()
    assert file_sha256(saved) == before
    assert saved.stat().st_blocks * 512 < lab.shape().memory_bytes / 2, "zeroes take room"


async def test_hello_is_said_once(guest: Guest) -> None:
    with pytest.raises(LinkError):
        await guest.link.hello("again", throwaway=True)


async def samples(guest: Guest, count: int, hertz: float = 4.0) -> list[Snapshot]:
    """Return some samples of a guest."""
    arrived: asyncio.Queue[Snapshot] = asyncio.Queue()
    guest.link.on_sample(arrived.put_nowait)
    await guest.link.tell("watch", WatchArgs(hertz))
    return [await asyncio.wait_for(arrived.get(), 10) for _ in range(count)]


async def test_a_load_shows_in_the_figures(guest: Guest) -> None:
    load = LoadArgs("request_service", load_arguments(REQUEST_SERVICE))
    await guest.link.tell("load", load)
    seen = await samples(guest, 14)
    last = seen[-1]
    assert last.source == "bpf", last.source_note
    assert sum(cpu.utilisation for cpu in last.cpus) > 1.2
    assert sum(cpu.run_delay_ms_per_s or 0 for cpu in last.cpus) > 500
    assert sum(sample.wakeup.count for sample in seen if sample.wakeup) > 50
    assert last.load is not None
    assert last.load.running
    assert (last.load.metric("request_p99_us") or 0) > 1000
    assert any("service-worker" in task.name for task in last.tasks)
    await guest.link.tell("unload")


async def test_the_wall_clock_is_right_after_a_restore(guest: Guest) -> None:
    last = (await samples(guest, 2))[-1]
    assert abs(last.unix_ms / 1000 - time.time()) < 5


def test_kill_9_of_the_client_leaves_no_process_and_no_file(lab: Lab, tmp_path: Path) -> None:
    script = (
        "import asyncio\n"
        "from schedtui.target.sandbox.lab import LabOptions, prepare\n"
        "from schedtui.target.sandbox.target import open_guest\n"
        "async def main():\n"
        "    lab = await prepare(LabOptions(), lambda _: None)\n"
        "    guest = await open_guest(lab, throwaway=False)\n"
        "    print(guest.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment
    ) as client:
        assert client.stdout is not None
        qemu = int(client.stdout.readline())
        started = guests(client.pid)
        assert [each.pid for each in started] == [qemu]
        client.send_signal(signal.SIGKILL)
        client.wait()
    assert not left_after(started, 10)
    assert list(tmp_path.iterdir()) == []


async def test_a_guest_that_dies_is_reported(guest: Guest) -> None:
    os.kill(guest.pid, signal.SIGKILL)
    with pytest.raises(LinkError):
        await guest.link.call("state", Nothing(), SchedulerState)
