"""Boot a guest once, save it when its node is ready, and restore it ever after.

A saved guest is one file: its memory as it is, then QEMU's state of everything else. So a restore
reads a few hundred kilobytes; pages of memory come in as the guest touches them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from schedtui.model.battery import Evidence
from schedtui.model.protocol import Nothing
from schedtui.target.link import LinkError
from schedtui.target.port import TargetError
from schedtui.target.sandbox.aging import age, counter_khz
from schedtui.target.sandbox.emulator import Emulator
from schedtui.target.sandbox.kernel import KernelImage, unpacked
from schedtui.target.sandbox.machine import Boot, Machine, Shape, start_machine
from schedtui.target.sandbox.places import sub_dir, unnamed_file
from schedtui.target.sandbox.qmp import QmpError

_BOOT_SECONDS: Final = {"kvm": 6.0, "tcg": 90.0}
_RESTORE_SECONDS: Final = 20.0
_SAVE_SECONDS: Final = 60.0
_KEPT_IMAGES: Final = 3
_LOOK_S: Final = 1.5
_TRUE: Final = 1.15
"""A guest's clock must not be faster or slower than ours by more than this factor, as far as a look
of a second and a half on a busy host can tell. A wrong one is off by much more."""
_SETTLE_S: Final = 5.0
"""How long a guest gets to come to terms with a later hour: its watchdogs look every 4 s."""
_KEPT_PER_KERNEL: Final = 12
"""Saved guests of one kernel that are kept, about 130 MB each: the shapes of 1, 2 and 4 CPUs, two
aged ones and, of 350 MB and made only where it is needed, one that compiles; for the node as it is
and as it was before, in case an older program is still running. The least recently used go. Each
kernel counts for itself, or tests on several would push each other out."""


@dataclass(frozen=True, slots=True)
class GuestFiles:
    """What a guest is started from."""

    emulator: Emulator
    kernel: KernelImage
    image: Path
    key: str
    """Hash over kernel, image and QEMU version: names the saved states."""

    def saved(self, shape: Shape) -> Path:
        """Return where the saved guest of a shape is, whether it exists or not."""
        return sub_dir("saved") / f"{self._name}-{shape.label}.guest"

    def all_saved(self) -> list[Path]:
        """Return the saved guests of all shapes."""
        return sorted(sub_dir("saved").glob(f"{self._name}-*.guest"))

    @property
    def _name(self) -> str:
        return f"{self.kernel.sha256[:12]}-{self.key[:24]}"


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


async def boot(files: GuestFiles, shape: Shape, khz: int = 0, memory: int | None = None) -> Machine:
    """Boot a guest from its kernel and return it when its node is ready.

    Args:
        files: What it is made of.
        shape: What it looks like.
        khz: How fast its processor's counter runs; 0 leaves it to the kernel to find out.
        memory: Open file that is to hold its memory; None for memory without a file.

    Raises:
        TargetError: It did not come up.
    """
    with unpacked(files.kernel) as kernel, _opened(files.image) as image:
        start = Boot(kernel, image, memory, lasting=True, counter_khz=khz)
        machine = await start_machine(files.emulator, shape, start)
    if await _came_up(machine, _BOOT_SECONDS[shape.accelerator]):
        return machine
    await machine.end()
    if machine.failure:
        raise TargetError(machine.failure)
    told = [line for line in machine.console if "Kernel panic" in line or "Error" in line]
    last = (told or machine.console or ("its console stayed silent",))[-1]
    raise TargetError(f"the guest did not come up under {shape.accelerator}: {last}")


async def _came_up(machine: Machine, seconds: float) -> bool:
    waits = [
        asyncio.ensure_future(machine.link.ready.wait()),
        asyncio.ensure_future(machine.link.closed.wait()),
        asyncio.ensure_future(machine.process.wait()),
    ]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return machine.link.ready.is_set()
    except asyncio.CancelledError:
        await machine.end()
        raise
    finally:
        for wait in waits:
            wait.cancel()


class _WrongClockError(Exception):
    """A saved guest's clock does not keep time. ``khz`` is how fast its counter really runs."""

    def __init__(self, khz: int) -> None:
        super().__init__(khz)
        self.khz = khz


async def save(files: GuestFiles, shape: Shape, *, timed: bool = True) -> Path:
    """Boot, save and end a guest; returns the saved one. Raises TargetError.

    With ``timed`` its clock must keep time. A kernel finds out how fast an emulated processor's
    counter runs by a short look, which a busy host spoils: its clock then runs several times too
    fast for ever. The saved state knows.
    """
    try:
        try:
            return await _saved_once(files, shape, timed=timed)
        except _WrongClockError as wrong:
            return await _saved_once(files, shape, wrong.khz)
    except _WrongClockError as wrong:
        fix = "try again on a less busy host"
        raise TargetError("the guest's clock does not keep time", fix) from wrong
    except OSError as error:
        sentence = f"the guest could not be saved: {error.strerror}"
        raise TargetError(sentence, f"make room in {sub_dir('saved')}") from error


async def _keeps_time(files: GuestFiles, shape: Shape, descriptor: int) -> bool:
    """Compare the clock of a guest that is saved in an open file with ours."""
    machine = await _restored(files, shape, descriptor)
    try:
        await machine.link.hello("sandbox", throwaway=True, virtual=shape.accelerator)
        began, ours = await _uptime_s(machine), time.monotonic()
        await asyncio.sleep(_LOOK_S)
        passed, taken = await _uptime_s(machine) - began, time.monotonic() - ours
    except LinkError as error:
        raise TargetError(f"the saved guest did not tell its time: {error}") from error
    finally:
        await machine.end()
    return 1 / _TRUE < passed / taken < _TRUE


async def _uptime_s(machine: Machine) -> float:
    return (await machine.link.call("evidence", Nothing(), Evidence)).uptime_s


async def _saved_once(files: GuestFiles, shape: Shape, khz: int = 0, *, timed: bool = True) -> Path:
    path = files.saved(shape)
    with unnamed_file(path.parent, path) as descriptor:
        # Room for all of it: a guest whose memory finds none while it runs is killed.
        os.posix_fallocate(descriptor, 0, shape.memory_bytes)
        if shape.uptime_s:
            machine = await _aged(files, shape, descriptor)
        else:
            machine = await boot(files, shape, khz, descriptor)
        try:
            await _append_state(machine, shape, descriptor)
        except QmpError as error:
            raise TargetError(f"the booted guest could not be saved: {error}") from error
        finally:
            await machine.end()
        await _dig_holes(descriptor)
        doubtful = timed and shape.accelerator == "tcg" and not shape.uptime_s
        if doubtful and not await _keeps_time(files, shape, descriptor):
            measured = await asyncio.to_thread(counter_khz, descriptor, shape.memory_bytes)
            raise _WrongClockError(measured)
        # A name that outlives a power cut must not lead to memory that did not.
        await asyncio.to_thread(os.fsync, descriptor)
    forget_old(sub_dir("saved"), f"{files.kernel.sha256[:12]}-*", _KEPT_PER_KERNEL)
    forget_old(sub_dir("images"), "*.cpio", _KEPT_IMAGES)
    return path


async def _append_state(machine: Machine, shape: Shape, descriptor: int) -> None:
    """Write everything but the memory behind the memory. An older state there is cut off."""
    await machine.qmp.command("stop")
    await _leave_memory_out(machine)
    # QEMU's default limit is meant for networks.
    await machine.qmp.command("migrate-set-parameters", **{"max-bandwidth": 8 << 30})
    os.ftruncate(descriptor, shape.memory_bytes)
    os.lseek(descriptor, shape.memory_bytes, os.SEEK_SET)
    await machine.qmp.pass_file("state", descriptor)
    await machine.qmp.command("migrate", uri="fd:state")
    await _migrated(machine)


async def _leave_memory_out(machine: Machine) -> None:
    capability = {"capability": "x-ignore-shared", "state": True}
    await machine.qmp.command("migrate-set-capabilities", capabilities=[capability])


async def _dig_holes(descriptor: int) -> None:
    """Let pages of zeroes take no room. Where that cannot be done they keep it."""
    try:
        process = await asyncio.create_subprocess_exec(
            "fallocate", "--dig-holes", f"/proc/self/fd/{descriptor}", pass_fds=[descriptor],
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return
    try:
        await process.wait()
    except BaseException:
        process.kill()
        await process.wait()
        raise


def forget_old(folder: Path, pattern: str, kept: int) -> None:
    """Delete all but the ``kept`` most recently used files of a pattern."""
    files = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime)
    for path in files[:-kept]:
        path.unlink(missing_ok=True)


def forget_others(files: GuestFiles, kept: Path) -> None:
    """Delete the saved guests of all shapes but one."""
    for path in files.all_saved():
        if path != kept:
            path.unlink(missing_ok=True)


async def _migrated(machine: Machine) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_SAVE_SECONDS):
            while True:
                answer = await machine.qmp.command("query-migrate")
                if answer.get("status") == "completed":
                    return
                if answer.get("status") in {"failed", "cancelled"}:
                    raise TargetError("QEMU could not save the booted guest")
                await asyncio.sleep(0.05)
    raise TargetError(f"saving the booted guest took longer than {_SAVE_SECONDS:g} s")


async def _aged(files: GuestFiles, shape: Shape, descriptor: int) -> Machine:
    """Return a guest whose kernel believes to have been up for long, and has got over it.

    Its memory is in the open file. To its kernel the hours pass within one moment, in which nothing
    ran: its watchdogs say so in the log once. That is over before this guest is saved.
    """
    if shape.accelerator != "tcg":
        raise TargetError("only an emulated guest can be made to have been up for long")
    young = replace(shape, uptime_s=0)
    if not files.saved(young).exists():
        await save(files, young)
    await asyncio.to_thread(_copy_aged, files.saved(young), descriptor, shape)
    machine = await _restored(files, shape, descriptor, lasting=True)
    try:
        await asyncio.sleep(_SETTLE_S)
        if machine.link.closed.is_set():
            last = (machine.console or ("its console stayed silent",))[-1]
            raise TargetError(f"the guest did not survive a later hour: {last}")
    except BaseException:
        await machine.end()
        raise
    return machine


def _copy_aged(source: Path, descriptor: int, shape: Shape) -> None:
    with source.open("rb") as young, os.fdopen(os.dup(descriptor), "wb") as copy:
        shutil.copyfileobj(young, copy, 1 << 22)
    age(descriptor, shape.uptime_s, shape.memory_bytes)


async def restore(files: GuestFiles, shape: Shape) -> Machine:
    """Return a pristine guest out of the saved one; its node waits for hello.

    Raises TargetError; also when there is no saved one.
    """
    with contextlib.suppress(FileNotFoundError):
        os.utime(files.image)
    try:
        with _opened(files.saved(shape)) as saved:
            os.utime(saved)
            return await _restored(files, shape, saved)
    except FileNotFoundError as error:
        raise TargetError("there is no saved guest", "make one: schedtui lab setup") from error


async def _restored(
    files: GuestFiles, shape: Shape, saved: int, *, lasting: bool = False
) -> Machine:
    start = Boot(str(files.kernel.path), memory=saved, lasting=lasting, resumed=True)
    machine = await start_machine(files.emulator, shape, start)
    try:
        async with asyncio.timeout(_RESTORE_SECONDS):
            await _leave_memory_out(machine)
            os.lseek(saved, shape.memory_bytes, os.SEEK_SET)
            await machine.qmp.command("migrate-incoming", uri=f"fd:{saved}")
            await _read_in(machine)
            await machine.qmp.command("cont")
    except (QmpError, TimeoutError) as error:
        await machine.end()
        raise TargetError(
            "the saved guest could not be restored", "make it anew: schedtui lab setup --again"
        ) from error
    except BaseException:
        await machine.end()
        raise
    return machine


async def _read_in(machine: Machine) -> None:
    # Asked again and again: QEMU has no event for "read in, not yet running".
    while (await machine.qmp.command("query-status")).get("status") == "inmigrate":  # noqa: ASYNC110
        await asyncio.sleep(0.005)
