"""Which accelerator works here. A device node proves nothing: only a guest that boots does."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from schedtui.target.port import Progress, TargetError
from schedtui.target.sandbox.machine import Shape
from schedtui.target.sandbox.places import cache_dir
from schedtui.target.sandbox.saved import GuestFiles, boot

_KVM: Final = Path("/dev/kvm")


async def find_accelerator(files: GuestFiles, progress: Progress, device: Path = _KVM) -> str:
    """Return ``kvm`` when a guest really boots under it, else ``tcg``; remembered per host boot."""
    known = remembered_accelerator()
    if known:
        return known
    found = "tcg"
    if os.access(device, os.R_OK | os.W_OK):
        progress("trying hardware acceleration (KVM) by booting a guest")
        found = "kvm" if await _boots(files, "kvm") else "tcg"
    progress(f"accelerator: {found}")
    _memory().write_text(json.dumps({"boot": _boot_id(), "accelerator": found}))
    return found


async def _boots(files: GuestFiles, accelerator: str) -> bool:
    try:
        machine = await boot(files, Shape(accelerator=accelerator))
    except TargetError:
        return False
    await machine.end()
    return True


def remembered_accelerator() -> str:
    """Return what was found earlier in this boot of the host, empty when nothing was."""
    try:
        known = json.loads(_memory().read_text())
    except (OSError, ValueError, RecursionError):
        return ""
    fits = isinstance(known, dict) and known.get("boot") == _boot_id()
    value = known.get("accelerator") if fits else ""
    return value if value in {"kvm", "tcg"} else ""


def _memory() -> Path:
    return cache_dir() / "accelerator.json"


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
