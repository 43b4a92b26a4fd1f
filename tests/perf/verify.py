"""``make bench-verify``: the figures that the Execution Verifier promises.

``python -m tests.perf.verify NAME ... SERIES ...`` runs some of the parts on some of the kernels,
such as ``battery 7.0``. Everything comes from the real gates, compilers and kernels of this run.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.perf import (
    verify_battery,
    verify_good,
    verify_harm,
    verify_leaks,
    verify_stops,
    verify_times,
)
from tests.perf.row import Row, table
from tests.vm.faults.corpus import SERIES

Part = Callable[[tuple[str, ...]], Awaitable[list[Row]]]

PARTS: dict[str, Part] = {
    "stops": verify_stops.stops,
    "good": verify_good.good,
    "times": verify_times.times,
    "harm": verify_harm.harm,
    "lives": verify_harm.lives,
    "fates": verify_battery.fates,
    "leaks": verify_leaks.leaks,
    "battery": verify_battery.battery,
}
"""In the order of the time they take; the last runs for most of an hour on four kernels."""


async def _run(names: list[str], series: tuple[str, ...]) -> list[Row]:
    rows: list[Row] = []
    for name in names:
        started = time.monotonic()
        found = await PARTS[name](series)
        rows += found
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
        print(table(found), file=sys.stderr)
    return rows


def main(arguments: list[str]) -> int:
    """Run the named parts, all without a name, on the named kernels, all without one."""
    unknown = sorted({*arguments} - {*PARTS} - {*SERIES})
    if unknown:
        known = " ".join((*PARTS, *SERIES))
        print(f"unknown: {' '.join(unknown)}; known: {known}", file=sys.stderr)
        return 2
    names = [name for name in arguments if name in PARTS] or list(PARTS)
    series = tuple(each for each in SERIES if each in arguments) or SERIES
    rows = asyncio.run(_run(names, series))
    print(table(rows))
    Path("build").mkdir(exist_ok=True)
    report = [row.as_json() for row in rows]
    Path("build/bench-verify.json").write_text(json.dumps(report, indent=2) + "\n")
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
