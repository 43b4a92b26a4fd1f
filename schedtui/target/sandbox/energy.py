"""Energy that the processors of this machine use, as far as they count it and it may be read.

It is that of the whole host: what else runs there is in it too. The counters of Linux's powercap
are readable by root alone on most machines, and virtual machines have none.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_POWERCAP: Final = Path("/sys/class/powercap")
_PACKAGES: Final = "intel-rapl:*"
"""Zones of this name are there for the processors of other makers as well."""


@dataclass(frozen=True, slots=True)
class Counter:
    """The energy counter of one processor."""

    used_uj: int
    range_uj: int
    """Where it begins again at 0."""


def read_counters(powercap: Path = _POWERCAP) -> tuple[Counter, ...]:
    """Return the counter of each processor, none where one of them cannot be read."""
    # Zones with two colons are parts of a processor that are in its own counter already.
    zones = [zone for zone in sorted(powercap.glob(_PACKAGES)) if zone.name.count(":") == 1]
    try:
        return tuple(
            Counter(_number(zone / "energy_uj"), _number(zone / "max_energy_range_uj"))
            for zone in zones
            if (zone / "name").read_text("ascii").startswith("package")
        )
    except (OSError, ValueError):
        return ()


def joules(before: tuple[Counter, ...], after: tuple[Counter, ...]) -> float | None:
    """Return what was used between two readings, None where nobody counts."""
    if not before or len(before) != len(after):
        return None
    used = [
        new.used_uj - old.used_uj + (new.range_uj if new.used_uj < old.used_uj else 0)
        for old, new in zip(before, after, strict=True)
    ]
    return sum(used) / 1e6


def _number(path: Path) -> int:
    return int(path.read_text("ascii"))
