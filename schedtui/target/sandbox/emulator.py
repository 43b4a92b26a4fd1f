"""Which QEMU runs the guests: the system's when it is new enough, else one unpacked by us.

QEMU before 8.1 can run a half-patched instruction when several virtual CPUs are emulated at once.
The kernel patches itself each time a scheduler is attached or detached, so such a guest dies now
and then (seen: one attach in five under heavy load with 7.2, none in hundreds with 10.0). An older
one is still used when there is nothing else; a lost guest is then tried once more.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schedtui.model.lab import SOUND_QEMU, version_of
from schedtui.model.text import safe_text
from schedtui.target.port import Progress, TargetError
from schedtui.target.sandbox.packages import PrivateApt, find_archive, unpack
from schedtui.target.sandbox.places import sub_dir

QEMU: Final = "qemu-system-x86_64"
_FIX: Final = "apt-get install --no-install-recommends qemu-system-x86"
_PACKAGE: Final = "qemu-system-x86"
_SUITE: Final = "bookworm-backports"
_READS_ONLY: Final = (8, 2)
_FAST_COPIES: Final = ("erms", "fsrm")
_MORE_FAST_COPIES: Final = (8, 1), ("fzrm", "fsrs", "fsrc")
"""From this version on emulated processors have these as well."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """A QEMU that can be started."""

    program: str
    version: str
    """Its version line; part of the key of saved guests."""
    root: Path | None = None
    """Where it was unpacked by us, None for the system's own."""

    @property
    def sound(self) -> bool:
        """Tell whether it emulates several CPUs without the patching fault."""
        return version_of(self.version) >= SOUND_QEMU

    @property
    def reads_only(self) -> bool:
        """Tell whether it can begin with the memory in a file that it may not write to."""
        return version_of(self.version) >= _READS_ONLY

    @property
    def processor(self) -> str:
        """Name the processor that it emulates: all it can, but for copying fast by single bytes.

        Real processors clear and copy memory fastest with one such instruction, so kernels do. An
        emulator goes byte by byte: it clears pages three times as fast in words of eight.
        """
        since, more = _MORE_FAST_COPIES
        lacking = _FAST_COPIES + (more if version_of(self.version) >= since else ())
        return ",".join(["max", *(f"{name}=off" for name in lacking)])

    @property
    def environment(self) -> dict[str, str]:
        """Environment that it is started with, and nothing else."""
        base = {"PATH": "/usr/bin:/bin"}
        if self.root is None:
            return base
        libraries = [self.root / "usr/lib/x86_64-linux-gnu", self.root / "lib/x86_64-linux-gnu"]
        return base | {
            "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
            "QEMU_MODULE_DIR": str(libraries[0] / "qemu"),
        }

    @property
    def data_arguments(self) -> list[str]:
        """Arguments that name its firmware folders."""
        if self.root is None:
            return []
        share = self.root / "usr/share"
        return ["-L", str(share / "qemu"), "-L", str(share / "seabios")]


async def find_emulator(progress: Progress) -> Emulator:
    """Return the best QEMU there is, fetching one when needed. Raises TargetError."""
    current = current_emulator()
    if current is not None and current.sound:
        return current
    try:
        await _fetch(progress)
    except TargetError:
        if current is not None:
            return current
        raise
    fetched = current_emulator()
    if fetched is None:
        raise TargetError("the fetched QEMU does not start", _FIX)
    return fetched


def system_emulator() -> Emulator | None:
    """Return the installed QEMU, None when there is none."""
    path = shutil.which(QEMU)
    return _started(Emulator(path, "")) if path else None


def own_emulator() -> Emulator | None:
    """Return the QEMU unpacked by us, None when there is none that starts."""
    root = sub_dir("emulator")
    program = root / "usr/bin" / QEMU
    if not (root / "complete").exists() or not program.exists():
        return None
    return _started(Emulator(str(program), "", root))


def current_emulator() -> Emulator | None:
    """Return the QEMU that would be used now, without fetching one."""
    system = system_emulator()
    if system is not None and system.sound:
        return system
    return own_emulator() or system


def _started(emulator: Emulator) -> Emulator | None:
    command = [emulator.program, "--version"]
    try:
        done = subprocess.run(
            command, env=emulator.environment, capture_output=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = safe_text(done.stdout.split(b"\n")[0], 80)
    return Emulator(emulator.program, version, emulator.root)


async def _fetch(progress: Progress) -> None:
    apt = PrivateApt(find_archive())
    await apt.update(progress)
    progress("fetching a recent QEMU and what it needs, for this user only; nothing is installed")
    root = sub_dir("emulator")
    for package in await apt.download_with_needs(_PACKAGE, _SUITE):
        await unpack(package, root)
    (root / "complete").touch()
