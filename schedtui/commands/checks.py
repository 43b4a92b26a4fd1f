"""The doctor's checks: pure functions from what was read to what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from schedtui.commands.services import Probes
from schedtui.model.lab import SOUND_QEMU, LabStatus, version_of
from schedtui.model.machine import Hello
from schedtui.model.text import safe_text

QEMU = "qemu-system-x86_64"
OLDEST_QEMU = (7, 2)
OLDEST_CLANG = 16


class Finding(StrEnum):
    """What a check came to."""

    GOOD = "ok"
    MISSING = "missing"
    """Something that the chosen target needs."""
    NOTE = "note"
    """Absent, and only some other thing needs it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's answer."""

    name: str
    finding: Finding
    found: str
    why: str = ""
    """What it is needed for."""
    fix: str = ""


def check_python(probes: Probes) -> Check:
    """Check the interpreter that runs this program."""
    version = probes.python()
    found = ".".join(map(str, version))
    finding = Finding.GOOD if version >= (3, 11) else Finding.MISSING
    return Check(
        "python", finding, found, "schedtui is written in it", _fix(finding, "install Python 3.11+")
    )


def check_qemu(probes: Probes, own: str, *, needed: bool) -> Check:
    """Check the machine emulator that the sandbox runs in; ``own`` is the sandbox's own one."""
    why = "the sandbox is a small virtual machine"
    fetch = "schedtui lab setup"
    lack = Finding.MISSING if needed else Finding.NOTE
    if own:
        return Check("qemu", Finding.GOOD, f"{_numbers(own)}, the sandbox's own", why)
    if not probes.which(QEMU):
        return Check("qemu", lack, "none yet", why, fetch)
    line = safe_text(probes.first_line(QEMU, "--version"))
    if not _numbers(line):
        return Check("qemu", lack, "does not run", why, fetch)
    if version_of(line) < OLDEST_QEMU:
        return Check("qemu", lack, _numbers(line), why, fetch)
    if version_of(line) < SOUND_QEMU:
        risk = "before 8.1 a guest dies now and then while a scheduler is attached"
        return Check("qemu", Finding.NOTE, _numbers(line), risk, fetch)
    return Check("qemu", Finding.GOOD, _numbers(line), why)


def _numbers(line: str) -> str:
    match = re.search(r"\d+\.\d+", line)
    return match[0] if match else ""


def check_compiler(probes: Probes, compiler: str) -> Check:
    """Check the BPF compiler that was asked for."""
    return _check_clang(probes) if compiler == "clang" else _check_zig(probes)


def _check_zig(probes: Probes) -> Check:
    there = probes.has_module("ziglang")
    finding = Finding.GOOD if there else Finding.MISSING
    return Check(
        "compiler",
        finding,
        "ziglang" if there else "not installed",
        "policies are compiled to BPF",
        _fix(finding, "python -m pip install ziglang, or use --compiler clang"),
    )


def check_search(probes: Probes) -> Check:
    """Check what proposes the settings that ``tune`` tries; it goes without as well."""
    why = "tune asks it for settings; without it they are a sample drawn ahead"
    return _check_extra(probes, "search", "optuna", "tune", why)


def check_agents(probes: Probes) -> Check:
    """Check what ``mcp`` speaks with; every other verb goes without it."""
    why = "schedtui mcp serves agents with it; nothing else needs it"
    return _check_extra(probes, "agents", "mcp", "mcp", why)


def check_model(probes: Probes) -> Check:
    """Check what asks models for proposals; goals go without as well."""
    why = "goals can be planned with a model; without one, rules plan"
    used = "; it is used where ANTHROPIC_API_KEY is set"
    return _check_extra(probes, "model", "anthropic", "model", why, used)


def _check_extra(
    probes: Probes, name: str, module: str, extra: str, why: str, used: str = ""
) -> Check:
    there = probes.has_module(module)
    finding = Finding.GOOD if there else Finding.NOTE
    return Check(
        name,
        finding,
        f"{module}{used}" if there else f"{module} is not installed",
        why,
        _fix(finding, f"python3 -m pip install 'schedtui[{extra}]'"),
    )


def _check_clang(probes: Probes) -> Check:
    line = safe_text(probes.first_line("clang", "--version")) if probes.which("clang") else ""
    numbers = re.search(r"version (\d+)", line)
    good = numbers is not None and int(numbers[1]) >= OLDEST_CLANG
    finding = Finding.GOOD if good else Finding.MISSING
    return Check(
        "compiler",
        finding,
        line or "clang is not installed",
        "policies are compiled to BPF",
        _fix(finding, f"install clang {OLDEST_CLANG} or newer, or use --compiler zig"),
    )


def check_sandbox(status: LabStatus, *, needed: bool) -> tuple[Check, ...]:
    """Check what the sandbox has: kernel, accelerator, libbpf, saved guest."""
    lack = Finding.MISSING if needed else Finding.NOTE
    setup = status.fix or "schedtui lab setup"

    def part(name: str, found: str, why: str) -> Check:
        finding = Finding.GOOD if found else lack
        return Check(name, finding, found or "none yet", why, _fix(finding, setup))

    guest = status.folder if status.ready else ""
    accelerator = Check(
        "accelerator",
        Finding.GOOD if status.accelerator else Finding.NOTE,
        status.accelerator or "not tried yet",
        "found by booting, since /dev/kvm alone proves nothing",
        "" if status.accelerator else setup,
    )
    return (
        part("sandbox kernel", status.kernel, "a kernel with sched_ext that policies run on"),
        accelerator,
        part("sandbox libbpf", status.libbpf, "loads policies inside the guest"),
        part("saved guest", guest, status.problem or "restored in a tenth of a second"),
    )


def check_host_kernel(probes: Probes, *, needed: bool) -> tuple[Check, ...]:
    """Check whether this host itself could run a policy."""
    lack = Finding.MISSING if needed else Finding.NOTE
    release = safe_text(probes.file_text("/proc/sys/kernel/osrelease"))
    state = safe_text(probes.file_text("/sys/kernel/sched_ext/state"))
    finding = Finding.GOOD if state else lack
    sched_ext = Check(
        "host sched_ext",
        finding,
        f"{state}, kernel {release}" if state else f"kernel {release} is built without it",
        "only deploying to this host needs it; the sandbox has its own kernel",
        _fix(finding, "boot a kernel with CONFIG_SCHED_CLASS_EXT=y, or use --target sandbox"),
    )
    return sched_ext, _check_host_libbpf(probes, lack)


def _check_host_libbpf(probes: Probes, lack: Finding) -> Check:
    library = probes.library("bpf")
    finding = Finding.GOOD if library else lack
    return Check(
        "host libbpf",
        finding,
        library or "not installed",
        "only deploying to this host needs it, version 1.2 or newer",
        _fix(finding, "apt-get install --no-install-recommends libbpf1 (bookworm-backports)"),
    )


def check_capabilities(hello: Hello) -> tuple[Check, ...]:
    """Check what the node on this host can do; each lack takes away only itself."""
    return tuple(
        Check(
            f"local {capability.name}",
            Finding.GOOD if capability.available else Finding.NOTE,
            "available" if capability.available else safe_text(capability.reason),
            "" if capability.available else "the local target goes without it",
            safe_text(capability.fix),
        )
        for capability in hello.capabilities
    )


def _fix(finding: Finding, fix: str) -> str:
    return "" if finding is Finding.GOOD else fix
