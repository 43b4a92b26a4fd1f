"""The QEMU of a plain Debian 12 saves, restores and runs a guest, where nothing newer is to be had.

With one CPU, as several make it fail now and then (see ``emulator.py``).
"""

from __future__ import annotations

import dataclasses

import pytest

from schedtui.model.protocol import Nothing
from schedtui.model.telemetry import SchedulerState
from schedtui.target.sandbox.emulator import Emulator, system_emulator
from schedtui.target.sandbox.lab import Lab, guest_key, save_guest
from schedtui.target.sandbox.places import exclusive
from schedtui.target.sandbox.target import open_guest
from tests.fakes.schedulers import compiled, deploy_args

pytestmark = pytest.mark.vm


@pytest.fixture
def older() -> Emulator:
    """The system's QEMU, when it is one that the sandbox replaces where it can."""
    found = system_emulator()
    if found is None:
        pytest.skip("no QEMU is installed on this system")
    if found.sound:
        pytest.skip(f"the system's QEMU is newer: {found.version}")
    return found


async def test_it_restores_a_guest_that_runs_a_scheduler(lab: Lab, older: Emulator) -> None:
    key = guest_key(older, lab.files.kernel, lab.files.image)
    files = dataclasses.replace(lab.files, emulator=older, key=key)
    older_lab = dataclasses.replace(lab, files=files)
    async with exclusive("prepare"):
        await save_guest(older_lab, 1, print)
    guest = await open_guest(older_lab, cpus=1, throwaway=False)
    try:
        data = await compiled("fifo_rtc")
        args = deploy_args("fifo_rtc", data, guest.hello, guest.link.session_key)
        live = await guest.link.call("deploy", args, SchedulerState)
        assert (live.state, live.ops) == ("enabled", "fifo_rtc")
        after = await guest.link.call("rollback", Nothing(), SchedulerState)
        assert after.state == "disabled"
    finally:
        await guest.end()
