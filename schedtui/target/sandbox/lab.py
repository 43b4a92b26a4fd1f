"""Prepare the sandbox: kernel, userland, workloads, image, saved guest. Each step once."""

from __future__ import annotations

import asyncio
import hashlib
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import schedtui
from schedtui.resources import resource_dir
from schedtui.target.port import Progress, TargetError
from schedtui.target.sandbox.accelerator import find_accelerator
from schedtui.target.sandbox.emulator import Emulator, find_emulator
from schedtui.target.sandbox.image import NODE_ROOMS, ImageParts, build_image
from schedtui.target.sandbox.kernel import KernelImage, check_kernel, running_kernel
from schedtui.target.sandbox.machine import KERNEL_COMMAND, Shape
from schedtui.target.sandbox.native_parts import NativeParts, build_native, built_native
from schedtui.target.sandbox.packages import (
    USERLAND,
    PrivateApt,
    fetch_userland,
    find_archive,
    unpack,
)
from schedtui.target.sandbox.places import exclusive, file_sha256, sub_dir, write_whole
from schedtui.target.sandbox.saved import GuestFiles, forget_others, save
from schedtui.toolchain.bpf import compile_bpf
from schedtui.toolchain.errors import ToolchainError

DEFAULT_SERIES: Final = "7.0"
RUNNING: Final = Path("running")


@dataclass(frozen=True, slots=True)
class LabOptions:
    """What a person may choose about the sandbox."""

    kernel: Path | None = None
    """A vmlinuz of the user's own, or ``running`` for this machine's own kernel; None takes the
    newest of ``series`` from Debian."""
    series: str = DEFAULT_SERIES
    expired_suite: str = ""
    """Take the kernel from this Debian suite alone, such as ``sid``, even if its package list is
    signed but out of date. For kernels that only tests boot: no command sets it, and what it
    fetches is kept apart and never chosen without it."""
    compiler: str = "zig"
    again: bool = False
    """Save the guest anew even if there is a saved one."""


@dataclass(frozen=True, slots=True)
class Lab:
    """A prepared sandbox."""

    files: GuestFiles
    accelerator: str

    @property
    def emulator(self) -> str:
        """What runs the guests, with its version."""
        return self.files.emulator.version

    @property
    def image(self) -> str:
        """Hash of all that a guest is made of but its kernel."""
        return self.files.image.stem

    def shape(self, cpus: int = 2, uptime_s: int = 0) -> Shape:
        """Return the standard shape with ``cpus`` virtual CPUs."""
        return Shape(cpus=cpus, accelerator=self.accelerator, uptime_s=uptime_s)


async def prepare(options: LabOptions, progress: Progress, cpus: int = 2) -> Lab:
    """Make everything a guest of ``cpus`` CPUs needs; quick when it is there already.

    Raises TargetError with the fix when something cannot be had.
    """
    async with exclusive("prepare"):
        try:
            return await _prepared(options, progress, cpus)
        except ToolchainError as error:
            raise TargetError(error.sentence, error.fix or "schedtui doctor") from error


async def _prepared(options: LabOptions, progress: Progress, cpus: int) -> Lab:
    # The first build takes most of a minute of computing: meanwhile the network has its turn.
    building = asyncio.create_task(build_native(progress))
    try:
        emulator = await find_emulator(progress)
        kernel = await find_kernel(options, progress)
        userland = await _userland(progress)
        image = await _image(options, userland, await building, progress)
    finally:
        building.cancel()
        await asyncio.gather(building, return_exceptions=True)
    files = GuestFiles(emulator, kernel, image, guest_key(emulator, kernel, image))
    lab = Lab(files, await find_accelerator(files, progress))
    await save_guest(lab, cpus, progress, again=options.again)
    return lab


async def shell(options: LabOptions, progress: Progress) -> int:
    """Boot a throw-away guest with this terminal as its console; returns its exit code."""
    from schedtui.target.sandbox.shell import open_shell  # noqa: PLC0415 - shell needs lab

    return await open_shell(await prepare(options, progress))


def saved_guest(options: LabOptions, emulator: Emulator, accelerator: str) -> Path | None:
    """Return where the saved guest is that ``prepare`` would use, None before the first one."""
    path = chosen_image(options) or newest_image(options)
    native = built_native()
    if path is None or native is None:
        return None
    image = sub_dir("images") / f"{_image_key(options, sub_dir('userland'), native)}.cpio"
    kernel = check_kernel(path)
    files = GuestFiles(emulator, kernel, image, guest_key(emulator, kernel, image))
    return files.saved(Lab(files, accelerator).shape())


def guest_key(emulator: Emulator, kernel: KernelImage, image: Path) -> str:
    """Return the name of everything that a saved guest depends on but its shape."""
    parts = (kernel.sha256, image.stem, emulator.version, emulator.processor, KERNEL_COMMAND)
    text = " ".join(parts)
    return hashlib.sha256(text.encode()).hexdigest()


async def save_guest(lab: Lab, cpus: int, progress: Progress, *, again: bool = False) -> None:
    """Save the guest of ``cpus`` CPUs when there is none yet.

    With ``again`` it is saved in any case. The old one is replaced when the new one is whole, and
    goes on serving whoever has it open. Guests of other shapes made of the same parts are then
    forgotten; whoever needs one makes it anew. Raises TargetError.
    """
    saved = lab.files.saved(lab.shape(cpus))
    if saved.exists() and not again:
        return
    started = time.monotonic()
    progress(f"booting the guest once with {cpus} CPUs ({lab.accelerator}), to save it")
    await save(lab.files, lab.shape(cpus))
    if again:
        forget_others(lab.files, saved)
    progress(f"saved the guest after {time.monotonic() - started:.1f} s; now it only is restored")


async def find_kernel(options: LabOptions, progress: Progress) -> KernelImage:
    """Return the checked kernel, fetching it when it is not there. Raises TargetError."""
    chosen = chosen_image(options)
    if chosen is not None:
        return check_kernel(chosen)
    present = newest_image(options)
    if present is not None:
        return check_kernel(present)
    apt = PrivateApt(find_archive(), options.expired_suite)
    await apt.update(progress)
    package = await apt.newest_kernel(options.series)
    progress(f"fetching {package}, a kernel with sched_ext (about 13 MB)")
    await unpack(await apt.download(package, sub_dir("debs")), _kernels(options))
    fetched = newest_image(options)
    if fetched is None:
        raise TargetError(f"{package} holds no kernel image")
    progress("checking the kernel: configuration, sched_ext, second names of kfuncs in its BTF")
    return check_kernel(fetched)


def chosen_image(options: LabOptions) -> Path | None:
    """Return the image that the options name, None when they leave it to us."""
    return running_kernel() if options.kernel == RUNNING else options.kernel


def newest_image(options: LabOptions) -> Path | None:
    """Return the newest fetched kernel of a series, None when there is none."""
    folder = _kernels(options)

    def patch_level(path: Path) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", str(path.relative_to(folder)))]

    # Packages of 7.1 and later hold the image beside the modules.
    places = (f"boot/vmlinuz-{options.series}.*", f"usr/lib/modules/{options.series}.*/vmlinuz")
    found = [path for place in places for path in folder.glob(place)]
    return max(found, key=patch_level, default=None)


def _kernels(options: LabOptions) -> Path:
    return sub_dir(f"kernels-{options.expired_suite}" if options.expired_suite else "kernels")


async def _userland(progress: Progress) -> Path:
    wanted = hashlib.sha256(" ".join(USERLAND).encode()).hexdigest()[:12]
    done = sub_dir("userland") / f"complete-{wanted}"
    if not done.exists():
        apt = PrivateApt(find_archive())
        if not (sub_dir("apt") / "lists").exists():
            await apt.update(progress)
        await fetch_userland(apt, sub_dir("userland"), progress)
        done.touch()
    return done.parent


async def _image(
    options: LabOptions, userland: Path, native: NativeParts, progress: Progress
) -> Path:
    key = _image_key(options, userland, native)
    path = sub_dir("images") / f"{key}.cpio"
    if not path.exists():
        progress("compiling the telemetry probe and building the guest's file system")
        parts = ImageParts(userland, _package_dir(), native, await _probe(options))
        write_whole(path, build_image(parts))
    return path


async def _probe(options: LabOptions) -> bytes:
    source = (resource_dir("bpf") / "probes" / "telemetry.bpf.c").read_text()
    result = await compile_bpf(source, compiler=options.compiler, ours=True)
    if result.object is None:
        first = result.diagnostics[0].text if result.diagnostics else "no reason given"
        raise TargetError(f"the telemetry probe does not compile: {first}")
    return result.object


def _package_dir() -> Path:
    return Path(schedtui.__file__).resolve().parent


def _image_key(options: LabOptions, userland: Path, native: NativeParts) -> str:
    sources = [
        path for room in NODE_ROOMS for path in sorted((_package_dir() / room).rglob("*.py"))
    ]
    sources += sorted((resource_dir("bpf") / "include").glob("*.h"))
    sources += sorted((resource_dir("bpf") / "probes").glob("*.c"))
    sources += [_package_dir() / "target" / "sandbox" / "image.py", *native.files]
    # Only the guest's own kind of Python can compile modules for it.
    python = sys.implementation.cache_tag
    digest = hashlib.sha256(f"{options.compiler} {python}".encode())
    for path in sources:
        digest.update(f"{path.name} {file_sha256(path)}\n".encode())
    for path in sorted(userland.rglob("lib*.so*")):
        digest.update(path.name.encode())
    return digest.hexdigest()
