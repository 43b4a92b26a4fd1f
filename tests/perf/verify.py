"""``make bench-verify``: the figures that the Execution Verifier promises.

``python -m tests.perf.verify NAME ... SERIES ...`` runs some of the parts on some of the kernels,
such as ``battery 7.0``; ``--record`` keeps what comes out in ``docs/figures``. Everything comes
from the real gates, compilers and kernels of this run.
"""

from __future__ import annotations

import functools
import sys

from tests.perf import (
    bench,
    verify_battery,
    verify_good,
    verify_harm,
    verify_leaks,
    verify_stops,
    verify_times,
)
from tests.vm.faults.corpus import SERIES

PARTS = {
    "stops": verify_stops.stops,
    "good": verify_good.good,
    "times": verify_times.times,
    "harm": verify_harm.harm,
    "fates": verify_battery.fates,
    "leaks": verify_leaks.leaks,
    "battery": verify_battery.battery,
}
"""In the order of the time they take; the last runs for most of an hour on four kernels."""


def main(arguments: list[str]) -> int:
    """Run the named parts, all without a name, on the named kernels, all without one."""
    series = tuple(each for each in SERIES if each in arguments) or SERIES
    parts = {name: functools.partial(part, series) for name, part in PARTS.items()}
    return bench.run("bench-verify", parts, arguments, series)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
