"""A guest that misbehaves is ended and named, and never takes the client with it."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from pathlib import Path

import pytest

from schedtui.model.protocol import Nothing
from schedtui.model.telemetry import SchedulerState
from schedtui.target.link import LinkError
from schedtui.target.port import TargetError
from schedtui.target.sandbox.image import Archive
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.places import sub_dir
from schedtui.target.sandbox.saved import boot, restore

pytestmark = pytest.mark.vm


def with_init(lab: Lab, folder: Path, script: str) -> Lab:
    """Return the lab with another first process in its guests."""
    archive = Archive()
    busybox = (sub_dir("userland") / "bin" / "busybox").read_bytes()
    archive.console()
    archive.file("bin/busybox", busybox, executable=True)
    # The kernel starts what its command line names.
    archive.file("usr/bin/python3.11", f"#!/bin/busybox sh\n{script}\n".encode(), executable=True)
    image = folder / "hostile.cpio"
    image.write_bytes(archive.finished())
    return dataclasses.replace(lab, files=dataclasses.replace(lab.files, image=image))


async def test_a_guest_that_floods_its_console_is_ended(lab: Lab, tmp_path: Path) -> None:
    flooding = with_init(
        lab, tmp_path, "while true; do /bin/busybox yes | /bin/busybox head -c 1000000; done"
    )
    started = time.monotonic()
    with pytest.raises(TargetError, match="flooded"):
        await boot(flooding.files, flooding.shape())
    assert time.monotonic() - started < 80


async def test_a_guest_that_dies_while_booting_is_named(lab: Lab, tmp_path: Path) -> None:
    dying = with_init(lab, tmp_path, "exit 3")
    with pytest.raises(TargetError, match="Kernel panic"):
        await boot(dying.files, dying.shape())


async def test_a_guest_that_hangs_does_not_hang_the_client(lab: Lab) -> None:
    machine = await restore(lab.files, lab.shape())
    try:
        await machine.link.hello("sandbox", throwaway=True)
        await machine.qmp.command("stop")
        with pytest.raises(LinkError, match="did not answer"):
            await machine.link.call("state", Nothing(), SchedulerState, seconds=0.5)
    finally:
        await asyncio.wait_for(machine.end(), 2)
