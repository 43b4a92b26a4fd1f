"""Every harm that the kernel's verifier allows, and every end, on every kernel, gates off."""

from __future__ import annotations

import sys

from tests.perf.row import Row
from tests.vm.faults.harm.ends import ENDS, ISOLATED, recipe
from tests.vm.faults.harm.guest.harms import HARMS
from tests.vm.faults.harm.guest.lives import APART, LIVES
from tests.vm.faults.harm.shown import PANIC, NotShownError, Shown, demonstrated

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


async def lives(series: tuple[str, ...]) -> list[Row]:
    """Have schedulers end and live in every way that is a command and no source."""
    wrong: list[str] = []
    for each in series:
        together = await demonstrated(each, tuple(LIVES))
        apart = await demonstrated(each, tuple(APART), words=ISOLATED)
        found = [*_otherwise(together, tuple(LIVES)), *_otherwise(apart, tuple(APART))]
        wrong += [f"{what} on {each}" for what in found]
        print(f"  lives on {each}: {'; '.join(found) or 'all as stated'}", file=sys.stderr)
    detail = "; ".join([f"{len(ENDS)} lives on {', '.join(series)}", *wrong])
    return [Row("ends and lives not as stated, gates off", len(wrong), "", 0, True, detail)]


def _otherwise(given: Shown, deeds: tuple[str, ...]) -> list[str]:
    """Return what was not seen, or seen otherwise than it must be."""
    found = []
    for deed in deeds:
        try:
            told = given.of(deed)
        except NotShownError as error:
            found.append(f"{recipe(deed)} {deed} broke off: {error}")
        else:
            found += [] if ENDS[deed](told) else [f"{recipe(deed)} {deed}: {told}"]
    return found
