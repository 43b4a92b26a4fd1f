"""What the sandbox has, read without booting anything."""

from __future__ import annotations

from pathlib import Path

from schedtui.model.lab import LabStatus
from schedtui.target.port import TargetError
from schedtui.target.sandbox.accelerator import remembered_accelerator
from schedtui.target.sandbox.emulator import Emulator, current_emulator
from schedtui.target.sandbox.kernel import KernelImage, check_kernel
from schedtui.target.sandbox.lab import LabOptions, chosen_image, newest_image, saved_guest
from schedtui.target.sandbox.places import cache_dir, sub_dir

_FIX = "schedtui lab setup"


def status(options: LabOptions) -> LabStatus:
    """Return what the sandbox has."""
    image, problem = _kernel(options)
    accelerator = remembered_accelerator()
    emulator = current_emulator()
    problem, fix = _first_problem(options, problem, accelerator, emulator)
    return LabStatus(
        ready=not problem,
        kernel=image.release if image else "",
        accelerator=accelerator,
        libbpf=_libbpf(),
        folder=str(cache_dir()),
        megabytes=_megabytes(cache_dir()),
        emulator=emulator.version if emulator and emulator.root else "",
        kernel_checked=image.checked_by if image else "",
        problem=problem,
        fix=fix,
    )


def _kernel(options: LabOptions) -> tuple[KernelImage | None, str]:
    try:
        path = chosen_image(options) or newest_image(options)
        if path is None:
            return None, "no sched_ext kernel has been fetched yet"
        return check_kernel(path), ""
    except TargetError as error:
        return None, error.sentence


def _first_problem(
    options: LabOptions, problem: str, accelerator: str, emulator: Emulator | None
) -> tuple[str, str]:
    if emulator is None:
        return "there is no QEMU yet", _FIX
    if problem:
        return problem, _FIX
    path = saved_guest(options, emulator, accelerator or "tcg")
    if path is None or not path.exists():
        return "no guest has been saved yet for this kernel, QEMU and node code", _FIX
    return "", ""


def _libbpf() -> str:
    found = sorted((sub_dir("userland") / "usr/lib/x86_64-linux-gnu").glob("libbpf.so.1.*"))
    return found[-1].name.removeprefix("libbpf.so.") if found else ""


def _megabytes(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if path.is_file())
    return round(sum(path.stat().st_blocks * 512 for path in files) / 1e6, 1)
