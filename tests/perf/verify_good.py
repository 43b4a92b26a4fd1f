"""Are sound schedulers let through? A false refusal is a failure too."""

from __future__ import annotations

import sys
import time

from schedtui.model.battery import Depth
from schedtui.policy.repository import load_repository
from schedtui.target.sandbox.lab import LabOptions, prepare
from schedtui.verify.gate import Draft
from schedtui.verify.kernel_gate import KernelGate
from tests.perf.row import Row
from tests.vm.faults.corpus import DEFAULT, FOLDER
from tests.vm.faults.gates import judged, plain_gates, seen
from tests.vm.faults.kernels import OneGuest, options_of
from tests.vm.faults.running.proof import battery_gates


def sources() -> dict[str, str]:
    """Return the good sources and the repository's policies by name."""
    good = {path.name: path.read_text() for path in sorted((FOLDER / "good").glob("*.bpf.c"))}
    return good | {policy.name: policy.source for policy in load_repository() if policy.source}


async def good(series: tuple[str, ...]) -> list[Row]:
    """Take them to every kernel's verifier, and on one kernel through the quick battery."""
    refused: list[str] = []
    for each in series:
        guest = OneGuest(await prepare(options_of(each), lambda _: None), each)
        for name, source in sources().items():
            last = await judged(Draft("", source), [*plain_gates(), KernelGate(guest)])
            refused += [] if last.passed else [_told(f"{name} on {each}", seen(last))]
        await guest.end()
    tried = [] if DEFAULT not in series else await _through_the_battery()
    count, kernels = len(sources()), ", ".join(series)
    return [
        _row("good sources refused up to the kernel gate", refused, f"{count} on {kernels}"),
        _row("good sources refused by the quick battery", tried, f"{count} on {DEFAULT}"),
    ]


async def _through_the_battery() -> list[str]:
    lab = await prepare(LabOptions(), lambda _: None)
    refused = []
    for name, source in sources().items():
        started = time.monotonic()
        last = await judged(Draft("", source), battery_gates(lab, Depth.QUICK))
        print(f"  {name} {time.monotonic() - started:.0f} s: {last.summary}", file=sys.stderr)
        refused += [] if last.passed else [_told(name, seen(last))]
    return refused


def _told(name: str, what: str) -> str:
    print(f"  refused: {name}: {what}", file=sys.stderr)
    return f"{name}: {what[:100]}"


def _row(title: str, refused: list[str], what: str) -> Row:
    return Row(title, len(refused), "", 0, at_most=True, detail="; ".join([what, *refused]))
