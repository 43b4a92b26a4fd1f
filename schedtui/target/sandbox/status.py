"""What the sandbox has, read without booting anything."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from schedtui.target.port import TargetError
from schedtui.target.sandbox.accelerator import remembered_accelerator
from schedtui.target.sandbox.emulator import QEMU, has_own_emulator
from schedtui.target.sandbox.kernel import check_kernel
from schedtui.target.sandbox.lab import LabOptions, newest_image
from schedtui.target.sandbox.machine import Shape
from schedtui.target.sandbox.places import cache_dir, sub_dir

_FIX = "schedtui lab setup"


@dataclass(frozen=True, slots=True)
class SandboxStatus:
    """What is there and what is missing."""

    ready: bool
    kernel: str
    accelerator: str
    libbpf: str
    folder: str
    megabytes: float
    problem: str = ""
    fix: str = ""


def status(options: LabOptions) -> SandboxStatus:
    """Return what the sandbox has."""
    kernel, problem = _kernel(options)
    accelerator = remembered_accelerator()
    problem, fix = _first_problem(problem, accelerator)
    return SandboxStatus(
        ready=not problem,
        kernel=kernel,
        accelerator=accelerator,
        libbpf=_libbpf(),
        folder=str(cache_dir()),
        megabytes=_megabytes(cache_dir()),
        problem=problem,
        fix=fix,
    )


def _kernel(options: LabOptions) -> tuple[str, str]:
    path = options.kernel or newest_image(options.series)
    if path is None:
        return "", "no sched_ext kernel has been fetched yet"
    try:
        return check_kernel(path).release, ""
    except TargetError as error:
        return "", error.sentence


def _first_problem(problem: str, accelerator: str) -> tuple[str, str]:
    if shutil.which(QEMU) is None and not has_own_emulator():
        return "there is no QEMU yet", _FIX
    if problem:
        return problem, _FIX
    label = Shape(accelerator=accelerator or "tcg").label
    if not any(sub_dir("saved").glob(f"*-{label}.state")):
        return "no guest has been saved yet", _FIX
    return "", ""


def _libbpf() -> str:
    found = sorted((sub_dir("userland") / "usr/lib/x86_64-linux-gnu").glob("libbpf.so.1.*"))
    return found[-1].name.removeprefix("libbpf.so.") if found else ""


def _megabytes(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if path.is_file())
    return round(sum(path.stat().st_blocks * 512 for path in files) / 1e6, 1)
