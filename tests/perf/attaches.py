"""How many guests each QEMU loses while schedulers are attached under load."""

from __future__ import annotations

import asyncio
import dataclasses

from schedtui.model.protocol import LoadArgs, Nothing
from schedtui.model.telemetry import SchedulerState
from schedtui.model.verdict import TokenMode
from schedtui.target.link import LinkError
from schedtui.target.port import TargetError
from schedtui.target.sandbox.emulator import Emulator, own_emulator, system_emulator
from schedtui.target.sandbox.lab import Lab, LabOptions, guest_key, prepare
from schedtui.target.sandbox.saved import save
from schedtui.target.sandbox.target import Guest, open_guest
from tests.fakes.schedulers import compiled, deploy_args
from tests.perf.row import Row

_GUESTS = 10
_ATTACHES = 8
"""Per guest; each attach and each detach makes the kernel patch itself."""
_LOAD = LoadArgs("request_service", ("-m", "2", "-t", "8", "-F", "64"))


async def lost() -> list[Row]:
    """Attach fifo_rtc again and again under every QEMU that this machine has."""
    lab = await prepare(LabOptions(), lambda _: None)
    data = await compiled("fifo_rtc")
    return [await _row(_with_emulator(lab, one), data) for one in _emulators()]


def _emulators() -> list[Emulator]:
    found = (system_emulator(), own_emulator())
    return [emulator for emulator in found if emulator is not None]


def _with_emulator(lab: Lab, emulator: Emulator) -> Lab:
    key = guest_key(emulator, lab.files.kernel, lab.files.image)
    files = dataclasses.replace(lab.files, emulator=emulator, key=key)
    return dataclasses.replace(lab, files=files)


async def _row(lab: Lab, data: bytes) -> Row:
    if not lab.files.saved(lab.shape()).exists():
        await save(lab.files, lab.shape())
    ends = [await _one_guest(lab, data) for _ in range(_GUESTS)]
    emulator = lab.files.emulator
    done = sum(attached for attached, _ in ends)
    reasons = sorted({reason for _, reason in ends if reason})
    count = sum(bool(reason) for _, reason in ends)
    # One that is known to be unsound has no goal: the figure says why another is fetched.
    goal = 0.0 if emulator.sound else float("inf")
    detail = "; ".join([f"{done} attaches, {lab.accelerator}, {emulator.version}", *reasons])
    name = f"guests lost of {_GUESTS}, {'unpacked' if emulator.root else 'system'} QEMU"
    return Row(name, count, "", goal, at_most=True, detail=detail)


async def _one_guest(lab: Lab, data: bytes) -> tuple[int, str]:
    """Return how often the scheduler was attached, and why the guest was lost if it was."""
    try:
        guest = await open_guest(lab, throwaway=True)
    except TargetError as error:
        return 0, error.sentence
    done = 0
    try:
        await guest.link.tell("load", _LOAD)
        for _ in range(_ATTACHES):
            await _attached(guest, data)
            done += 1
    except LinkError as error:
        return done, guest.why_lost(error)
    finally:
        await guest.end()
    return done, ""


async def _attached(guest: Guest, data: bytes) -> None:
    key = guest.link.session_key
    args = deploy_args("fifo_rtc", data, guest.hello, key, TokenMode.TRIAL)
    await guest.link.call("deploy", args, SchedulerState)
    await asyncio.sleep(0.2)
    await guest.link.call("rollback", Nothing(), SchedulerState)
