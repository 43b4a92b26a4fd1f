"""Puts right what a workload with root leaves behind when it is killed in the middle.

Such a program tidies up itself; only SIGKILL takes that chance from it. For a guest only: there,
every control group but the loads' own one was made by such a program, and every CPU is ours.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

_CPUS: Final = Path("/sys/devices/system/cpu")
_KEPT: Final = frozenset({"load"})


def put_right(cgroup_root: Path, cpus: Path = _CPUS) -> None:
    """Remove foreign control groups with what lives in them, and take all CPUs online."""
    for switch in cpus.glob("cpu[0-9]*/online"):
        with contextlib.suppress(OSError):
            if switch.read_text().strip() == "0":
                switch.write_text("1")
    for folder in cgroup_root.iterdir() if cgroup_root.is_dir() else ():
        if folder.is_dir() and folder.name not in _KEPT:
            _remove(folder)


def _remove(folder: Path) -> None:
    with contextlib.suppress(OSError), (folder / "cgroup.kill").open("r+") as switch:
        switch.write("1")
    with contextlib.suppress(OSError):
        folder.rmdir()
