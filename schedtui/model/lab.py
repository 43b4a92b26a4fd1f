"""What the sandbox has, in one record that status, doctor and setup share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

SOUND_QEMU: Final = (8, 1)
"""From here on several emulated CPUs survive a kernel that patches itself."""


@dataclass(frozen=True, slots=True)
class LabStatus:
    """What the sandbox has and what it lacks."""

    ready: bool
    """True when a saved guest fits the kernel, the node code and this QEMU."""
    kernel: str
    """Release and origin of the sandbox kernel, empty when there is none yet."""
    accelerator: str
    """``kvm`` or ``tcg`` as found by booting, empty before the first boot."""
    libbpf: str
    """Version of the guest's libbpf, empty when there is none yet."""
    folder: str
    """Where the sandbox keeps its files."""
    megabytes: float
    emulator: str = ""
    """Version line of the QEMU that the sandbox unpacked for itself, empty without one."""
    kernel_checked: str = ""
    """What was asked whether that kernel is good, in words."""
    problem: str = ""
    """Why it is not ready, one sentence."""
    fix: str = ""


def version_of(line: str) -> tuple[int, int]:
    """Return major and minor version out of a version line, (0, 0) when there is none."""
    match = re.search(r"(\d+)\.(\d+)", line)
    return (int(match[1]), int(match[2])) if match else (0, 0)
