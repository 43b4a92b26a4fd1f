"""Every harm that the kernel's verifier allows, done on every kernel with the gates off."""

from __future__ import annotations

import sys

from tests.perf.row import Row
from tests.vm.faults.harm.guest.harms import HARMS
from tests.vm.faults.harm.shown import PANIC, Shown, demonstrated

_LARGE = ("cpu_count_bomb",)
"""Strikes in a large guest only, so it gets one."""


async def harm(series: tuple[str, ...]) -> list[Row]:
    """Give all demonstrations; a demonstration that breaks off counts as missing."""
    missing: list[str] = []
    for each in series:
        small = await demonstrated(each, tuple(HARMS), cpus=2)
        large = await demonstrated(each, _LARGE, cpus=4)
        missing += [f"{deed} on {each}" for deed in _failed(small, large)]
        print(f"  harm on {each}: {', '.join(missing) or 'all shown'}", file=sys.stderr)
    detail = "; ".join([f"{len(HARMS)} demonstrations on {', '.join(series)}", *missing])
    return [Row("harms not shown with the gates off", len(missing), "", 0, True, detail)]


def _failed(small: Shown, large: Shown) -> list[str]:
    broken = [deed for deed in HARMS if deed != PANIC and not small.gave(deed)]
    if "panic_on_warn" not in small.panic:
        broken.append(PANIC)
    return [*broken, *(deed for deed in _LARGE if not large.gave(deed))]
