"""``schedtui lab shell``: a throw-away guest with the terminal as its console."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schedtui.target.port import TargetError
from schedtui.target.sandbox.image import Archive
from schedtui.target.sandbox.kernel import unpacked
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.machine import CONFINED, base_arguments, kernel_arguments
from schedtui.target.sandbox.places import sub_dir

_COMMAND = "console=ttyS0 loglevel=3 panic=-1 mitigations=off tsc=reliable rdinit=/shell-init"

_INIT = b"""#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin:/workloads HOME=/ PS1='guest # ' TERM=vt100
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp; mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t debugfs debugfs /sys/kernel/debug
echo "schedtui guest, kernel $(uname -r). Loads are in /workloads. Leave with: exit"
setsid cttyhack sh
poweroff -f
"""


async def open_shell(lab: Lab) -> int:
    """Boot a fresh guest on this terminal; returns 0 when it has switched off."""
    if not sys.stdin.isatty():
        raise TargetError("the guest's shell needs a terminal", "run it in a terminal")
    emulator = lab.files.emulator
    kernel_file = unpacked(lab.files.kernel)
    with _shell_image(lab) as image, kernel_file as kernel, _raw_terminal():
        process = await asyncio.create_subprocess_exec(
            *CONFINED, emulator.program, *emulator.data_arguments,
            *base_arguments(emulator, lab.shape()),
            "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
            *kernel_arguments(kernel, image, _COMMAND), env=emulator.environment,
            pass_fds=[each for each in (kernel, image) if isinstance(each, int)],
        )  # fmt: skip
        try:
            return await process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()


@contextmanager
def _shell_image(lab: Lab) -> Iterator[int]:
    archive = Archive()
    busybox = sub_dir("userland") / "bin" / "busybox"
    archive.file("bin/busybox", busybox.read_bytes(), executable=True)
    archive.file("shell-init", _INIT, executable=True)
    descriptor = os.open(sub_dir("images"), os.O_TMPFILE | os.O_RDWR, 0o600)
    try:
        # The kernel unpacks archives one after the other.
        os.write(descriptor, Path(lab.files.image).read_bytes())
        os.write(descriptor, archive.finished())
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _raw_terminal() -> Iterator[None]:
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setraw(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
